import type { BeltCut } from './belt/cut.ts'
import type { BeltOptions, BeltTruth } from './belt/scene.ts'

/** What a belt thread is started with, as its `workerData`. */
export interface BeltThreadData extends BeltOptions {
  /** Only this is delivered, at the size of the whole. */
  readonly cut?: BeltCut
}

/**
 * Draw one frame into shared memory. The sender must not touch those bytes until the answer; frames may be asked for in any order.
 * `byteLength` is width * height * 3; anything else is a bug, and ends the thread with an `error`.
 */
export interface DrawRequest {
  readonly type: 'draw'
  readonly frame: number
  readonly buffer: SharedArrayBuffer
  readonly byteOffset: number
  readonly byteLength: number
}

/** The frame is in its place; answers come in the order of the requests. */
export interface DrawnReply {
  readonly type: 'drawn'
  readonly frame: number
  /** Of the whole belt. */
  readonly truth: BeltTruth
}

/** Everything a belt thread hears. */
export type BeltRequest = DrawRequest

/** Everything a belt thread says. It may be terminated at any moment: it holds nothing but memory. */
export type BeltReply = DrawnReply
