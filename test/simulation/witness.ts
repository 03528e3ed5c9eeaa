import type { CameraId } from '../../src/domain/ids.ts'
import type { SharedPicture } from '../../src/domain/inference-task.ts'
import { type EpochMs, isoTime } from '../../src/domain/units.ts'

export interface Drawn {
  readonly cameraId: CameraId
  /** More than one of a camera that froze: it has sent the very same picture again. */
  readonly capturedAt: EpochMs[]
}

/**
 * Knows every picture that a camera has ever sent: each carries a number of its own in its first bytes, and what the
 * models say of it repeats the number, so that a row can be traced to the picture it speaks of.
 */
export class Witness {
  readonly #drawn: Drawn[] = []
  readonly #captured = new Map<CameraId, number>()

  /** Another process counts from 0. */
  beginProcess(): void {
    this.#captured.clear()
  }

  /** The number of a picture that nobody looks at any more. */
  draw(cameraId: CameraId, capturedAt: EpochMs): number {
    return this.#drawn.push({ cameraId, capturedAt: [capturedAt] }) - 1
  }

  /** A new picture, or that of number `again` once more; its number. */
  drawInto(bytes: Uint8Array, cameraId: CameraId, capturedAt: EpochMs, again?: number): number {
    const serial = again ?? this.draw(cameraId, capturedAt)
    if (again !== undefined) this.#drawn[again]?.capturedAt.push(capturedAt)
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, serial)
    // Two and two of one brightness, in the plane of green: every other picture shows a motion gate something new.
    bytes.fill(((serial % 4) >> 1) * 64, bytes.length / 3, (2 * bytes.length) / 3)
    this.#count(cameraId)
    return serial
  }

  /** A picture for which there was no slot. */
  missed(cameraId: CameraId): void {
    this.#count(cameraId)
  }

  /** Pictures that came to this process, those for which there was no slot included. */
  captured(cameraId: CameraId): number {
    return this.#captured.get(cameraId) ?? 0
  }

  drawn(serial: number): Drawn | undefined {
    return this.#drawn[serial]
  }

  /** The numbers of the pictures that came of a camera at a moment, in words. */
  at(cameraId: string, moment: string): number[] {
    return this.#drawn.flatMap((drawn, serial) =>
      drawn.cameraId === cameraId && drawn.capturedAt.some((at) => isoTime(at) === moment) ? [serial] : [],
    )
  }

  serialIn({ buffer, byteOffset }: SharedPicture): number {
    return new DataView(buffer, byteOffset).getUint32(0)
  }

  #count(cameraId: CameraId): void {
    this.#captured.set(cameraId, this.captured(cameraId) + 1)
  }
}

/** The state that the picture shows, named after it. */
export const stateIn = (serial: number): string => `s${serial}.state`

/** What is seen in the picture: nothing, one thing or two, each named after it; the same is read in it. */
export const seenIn = (serial: number): readonly string[] =>
  Array.from({ length: serial % 3 }, (_, index) => `s${serial}.${index + 1}`)
