/**
 * What the main thread and an inference thread say to each other: requests, and a reply to each, in the same order.
 *
 * A reply is always an answer: a thread that rejects, or says nothing because it has ended, is dead.
 */
import type { InferenceAnswer, InferenceTask } from '../domain/inference-task.ts'
import type { LoadedModel, ModelToLoad } from '../domain/model.ts'

export type InferenceRequest =
  /** First, and once: read all models and run each once. */
  | { readonly type: 'load'; readonly models: readonly ModelToLoad[] }
  /** Run the models of one camera on its frame. The sender leaves the pictures alone until the reply. */
  | ({ readonly type: 'run' } & InferenceTask)

export type InferenceReply =
  | { readonly type: 'loaded'; readonly models: readonly LoadedModel[] }
  /** A model cannot be used; none is loaded. */
  | { readonly type: 'refused'; readonly model: string; readonly file: string; readonly detail: string }
  /** One finding for each model asked for, in their order. */
  | ({ readonly type: 'answered' } & InferenceAnswer)
  /** A model failed on this frame; the thread is fit for the next one. */
  | { readonly type: 'failed'; readonly model: string; readonly detail: string }
