import type { FrameId } from '../domain/frame.ts'
import type { LoadedModel } from '../domain/model.ts'
import type { Milliseconds } from '../domain/units.ts'

/** What the inference pool says of itself; never of frames that went well. */
export type PoolEvent =
  /** So many workers run, with all models loaded and run once: all but those that hang. A model that turned out otherwise in some of them stands there more than once. */
  | { readonly type: 'pool.ready'; readonly workers: number; readonly models: readonly LoadedModel[] }
  /** A worker took too long over this frame or died of it, and is given up; `wedged` workers hang now, in all. */
  | {
      readonly type: 'worker.retired'
      readonly why: 'timeout' | 'died'
      readonly frame: FrameId
      readonly wedged: number
    }
  /** A fresh worker took too long to load its models, and is given up; it hangs, too. */
  | { readonly type: 'worker.retired'; readonly why: 'loading'; readonly wedged: number }
  /** A worker that hung has come back after all, and is ended. */
  | { readonly type: 'worker.returned'; readonly wedged: number }
  /** A fresh worker has taken the place of one that was given up; `models` are those that turned out otherwise than in all workers before it. */
  | { readonly type: 'worker.replaced'; readonly models: readonly LoadedModel[] }
  /** A fresh worker has found another model than the others have, or none: it is not put to work, the others go on, and the next is tried in so long. */
  | {
      readonly type: 'worker.refused'
      readonly model: string
      readonly why: string
      readonly advice: string
      readonly retryIn: Milliseconds
    }
  /** Too many workers hang: no more frames are taken, and the pool is about to fail. */
  | { readonly type: 'pool.wedged'; readonly workers: number }

export interface PoolDrained {
  readonly drained: true
  /** So many threads hang and cannot be ended: a process that ends by itself now aborts. */
  readonly wedged: number
}
