import type { DeclinedProvider, ExecutionProvider } from '../domain/execution-provider.ts'
import type { Box } from '../domain/fitting.ts'
import type { Fit, PictureSize } from '../domain/frame.ts'
import type { Finding, ModelKind } from '../domain/inspection.ts'
import type { Milliseconds } from '../domain/units.ts'
import type { YoloLayout } from '../domain/yolo-layout.ts'

/** Threads that run ONNX models. */
export interface ModelRunner {
  /**
   * Starts one thread, loads every model in it and runs each once.
   *
   * @throws {ModelRefusedError} a model cannot be read or doesn't fit: shape, type, labels.
   * @throws {signal.reason} `signal` aborted first; the thread ends as soon as it is idle.
   */
  startWorker(models: readonly ModelSpec[], signal: AbortSignal): Promise<ModelWorker>
}

/** A runner that knows its threads to their end. */
export interface ModelThreads extends ModelRunner {
  /**
   * Resolves when no thread is left: each has been closed, or given up while it loaded, and has come to its end. One that
   * hangs in a model never does. A process that ends by itself before that may abort.
   */
  ended(): Promise<void>
}

/** One thread with its models loaded. It runs one task after the other, in the order in which they were given; none is ever aborted. */
export interface ModelWorker {
  readonly models: readonly LoadedModel[]
  /**
   * One more may be given while one runs: it waits in the thread, which begins it without asking anybody.
   *
   * @throws {InferenceError} a model's run failed; the worker is fit for the next task.
   * @throws {WorkerDiedError} the thread is gone; so is the worker.
   */
  run(task: InferenceTask): Promise<InferenceAnswer>
  /** Ends the thread once its tasks, if it has any, are done. A thread that hangs is never ended: it would abort the process. */
  close(): Promise<void>
}

/** A model as the configuration names it. */
export interface ModelSpec {
  readonly name: string
  readonly kind: ModelKind
  /** Absolute path of the .onnx file. */
  readonly file: string
  /** In the order of the model's classes; `undefined`: from the model's own metadata (`names`). */
  readonly labels: readonly string[] | undefined
  /** Of the pictures that it is given, where it takes any; `undefined`: as its own metadata says. */
  readonly input?: PictureSize | undefined
  /** `auto`: recognised from the output's shape. */
  readonly layout: YoloLayout | 'auto'
  /** Of a model that reads: absolute path of a file with one character a line; `undefined`: from the model's own metadata (`character`). */
  readonly dictionary?: string | undefined
  /** Of a model that reads: absolute path of the .onnx file that finds the lines; `undefined`: the picture is one line. */
  readonly detector?: string | undefined
  /** Tried in this order; `cpu` is always the last, and the only one where nothing is said. */
  readonly providers?: readonly ExecutionProvider[]
}

/** What a model turned out to be. */
export interface LoadedModel {
  readonly name: string
  readonly kind: ModelKind
  readonly input: PictureSize
  /** How many of the camera's latest frames it takes, the older first. */
  readonly frames: 1 | 2
  readonly labels: readonly string[]
  readonly layout: YoloLayout | undefined
  /** What its input is made of; float32 if not said. */
  readonly type?: 'float32' | 'float16' | 'uint8'
  /** Where it runs; the processor if not said. */
  readonly provider?: ExecutionProvider
  /** What was to be tried before that and could not be had. */
  readonly declined?: readonly DeclinedProvider[]
  /** Of a model that reads: how many characters it knows, and the name of what finds the lines. */
  readonly reads?: { readonly characters: number; readonly detector: string | undefined }
  /** Its input, its output and outputs that are not read, as its file has them, such as `images: float32 [1, 3, 640, 640]`; for people. */
  readonly tensors?: { readonly input: string; readonly output: string; readonly unread: readonly string[] }
  /** Why something that could run in the model runs beside it, which is slower; for people. */
  readonly beside?: string | undefined
}

/** Plain data that crosses the thread: one frame, all models of its camera. */
export interface InferenceTask {
  readonly picture: SharedPicture
  /** The frame before it in the same stream; present where a model takes two. */
  readonly previous: SharedPicture | undefined
  /** The camera's own picture; boxes are given in its pixels. */
  readonly sourceSize: PictureSize
  /** The part of it that the pictures show; all of it if not given. */
  readonly crop?: Box
  readonly fit: Fit
  readonly models: readonly ModelUse[]
}

/** A picture in shared memory: planes of red, green and blue, 8 bits, `size.width * size.height * 3` bytes from `byteOffset`. */
export interface SharedPicture {
  readonly buffer: SharedArrayBuffer
  readonly byteOffset: number
  readonly size: PictureSize
}

/** How one camera uses a model. */
export interface ModelUse {
  readonly model: string
  /** Detections below it are left out; 0..1. */
  readonly scoreThreshold: number
  /** Of two boxes of one label that overlap more than this, the lesser goes; 0..1. */
  readonly iouThreshold: number
}

export interface InferenceAnswer {
  /** One for each of the task's models, in their order. */
  readonly findings: readonly Finding[]
  /** Spent in the worker: copying, running, decoding. */
  readonly elapsed: Milliseconds
}
