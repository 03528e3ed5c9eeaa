import type { CameraId } from '../domain/ids.ts'

/** All that an operator may ask of a running daemon, one for each `CommandType`. */
export type OperatorCommand =
  | { readonly type: 'camera.restart' | 'camera.pause' | 'camera.resume'; readonly cameraId: CameraId }
  /** Send a file again that waits, was set aside (a dead letter is taken in again) or was delivered. */
  | { readonly type: 'file.retry'; readonly fileId: number }
  /** Drain everything in order, and end. */
  | { readonly type: 'daemon.stop' }

/** What became of it, in words for the operator. `unknown`: there is no such thing; `refused`: not in its present state. */
export type CommandAnswer =
  | { readonly done: true; readonly words: string }
  | { readonly done: false; readonly cause: 'unknown' | 'refused'; readonly words: string }

/** Carries a command out; `by` says where it was asked from, for the log and the records. Never rejects but for a bug. */
export type Operate = (command: OperatorCommand, by: string) => Promise<CommandAnswer>
