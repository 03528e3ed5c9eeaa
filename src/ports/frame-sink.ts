import type { PictureSize } from '../domain/frame.ts'
import type { EpochMs } from '../domain/units.ts'

/** Where a video source puts its pictures: one camera's ring of slots in shared memory. */
export interface FrameSink {
  /** The size of every picture; `bytesPerPicture(size)` is the length of a slot. */
  readonly size: PictureSize
  /** Whether to wait for a slot (files that must be read whole) rather than let a frame go (live). */
  readonly lossless: boolean
  /** A slot to fill, or `undefined` while all are taken: a live source then reads past the frame and says `missed`. */
  reserve(): FrameSlot | undefined
  /** Resolves as soon as `reserve` has a slot. @throws {signal.reason} */
  room(signal: AbortSignal): Promise<void>
  /** The slot holds a whole picture whose last byte arrived at `capturedAt`; it is the lane's from here on. */
  commit(slot: FrameSlot, capturedAt: EpochMs): void
  /** The picture will not be finished (the stream ended inside it); the slot is free again, no frame is counted. */
  abandon(slot: FrameSlot): void
  /** A whole picture arrived and there was no slot for it: captured, and dropped(no-slot). */
  missed(capturedAt: EpochMs): void
  /** The decoder could not make a picture of what it was sent. */
  decodeFailed(detail: string): void
  /** One of the pictures that are committed or missed about now could be decoded only in part; the decoder has made up the rest. */
  damaged(): void
  /** One of the pictures that would be committed about now could not be decoded at all, and does not come. */
  lost(): void
  /** Another size than the stream's has come, and ends it. It is told beside the pictures, so that those committed just now may be of that size. */
  resized(): void
}

/** A place for one picture. */
export interface FrameSlot {
  readonly index: number
  /** A view on shared memory, `bytesPerPicture(size)` long. */
  readonly bytes: Uint8Array
}
