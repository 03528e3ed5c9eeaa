/**
 * What the main thread and an inference thread say to each other: requests, and a reply to each, in the same order.
 *
 * The shapes are those of the model runner's port, stated here because a thread's protocol is its own; the adapter's types hold the two together.
 * A reply is always an answer: a thread that rejects, or says nothing because it has ended, is dead.
 */
import type { DeclinedProvider, ExecutionProvider } from '../domain/execution-provider.ts'
import type { Box } from '../domain/fitting.ts'
import type { Fit, PictureSize } from '../domain/frame.ts'
import type { Finding, ModelKind } from '../domain/inspection.ts'
import type { Milliseconds } from '../domain/units.ts'
import type { YoloLayout } from '../domain/yolo-layout.ts'

export type InferenceRequest =
  /** First, and once: read all models and run each once. */
  | { readonly type: 'load'; readonly models: readonly ModelToLoad[] }
  /** Run the models of one camera on its frame. The sender leaves the pictures alone until the reply. */
  | ({ readonly type: 'run' } & FrameToRun)

export type InferenceReply =
  | { readonly type: 'loaded'; readonly models: readonly ModelFacts[] }
  /** A model cannot be used; none is loaded. */
  | { readonly type: 'refused'; readonly model: string; readonly file: string; readonly detail: string }
  /** One finding for each model asked for, in their order. */
  | { readonly type: 'answered'; readonly findings: readonly Finding[]; readonly elapsed: Milliseconds }
  /** A model failed on this frame; the thread is fit for the next one. */
  | { readonly type: 'failed'; readonly model: string; readonly detail: string }

export interface ModelToLoad {
  readonly name: string
  readonly kind: ModelKind
  readonly file: string
  readonly labels: readonly string[] | undefined
  readonly input?: PictureSize | undefined
  readonly layout: YoloLayout | 'auto'
  readonly dictionary?: string | undefined
  readonly detector?: string | undefined
  readonly providers?: readonly ExecutionProvider[]
}

export interface ModelFacts {
  readonly name: string
  readonly kind: ModelKind
  readonly input: PictureSize
  readonly frames: 1 | 2
  readonly type: 'float32' | 'float16' | 'uint8'
  readonly labels: readonly string[]
  readonly layout: YoloLayout | undefined
  readonly provider: ExecutionProvider
  readonly declined: readonly DeclinedProvider[]
  readonly reads?: ReaderFacts
  readonly tensors: { readonly input: string; readonly output: string; readonly unread: readonly string[] }
  readonly beside?: string | undefined
}

/** Of a model that reads: how many characters it knows, and the name of what finds the lines for it. */
export interface ReaderFacts {
  readonly characters: number
  readonly detector: string | undefined
}

export interface FrameToRun {
  readonly picture: PictureInMemory
  readonly previous: PictureInMemory | undefined
  readonly sourceSize: PictureSize
  readonly crop?: Box
  readonly fit: Fit
  readonly models: readonly ModelToRun[]
}

export interface PictureInMemory {
  readonly buffer: SharedArrayBuffer
  readonly byteOffset: number
  readonly size: PictureSize
}

export interface ModelToRun {
  readonly model: string
  readonly scoreThreshold: number
  readonly iouThreshold: number
}
