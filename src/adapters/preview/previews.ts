import type { FrameId } from '../../domain/frame.ts'
import type { HeldPicture, Looked } from '../../domain/inspected-picture.ts'
import type { EpochMs } from '../../domain/units.ts'
import type { PreviewRequest } from '../../workers/preview-protocol.ts'
import { previewRequest } from './preview-request.ts'

export interface Preview {
  readonly frame: FrameId & { readonly capturedAt: EpochMs }
  readonly jpeg: Uint8Array<ArrayBuffer>
}

export interface PreviewsOptions {
  /** A camera's last inspected frame. */
  readonly look: (cameraId: string) => Looked
  readonly encoder: { encode(make: () => PreviewRequest | undefined): Promise<Uint8Array<ArrayBuffer> | undefined> }
  /** Monotonic. */
  readonly now: () => number
}

/** A camera's preview is made at most twice a second. */
const intervalMs = 500

interface Made {
  readonly preview: Promise<Preview | undefined>
  /** Of what and when; `undefined` while it waits for its turn. */
  taken?: { readonly at: number; readonly frame: FrameId | undefined }
}

/** Previews of all cameras: made when somebody asks, and shared by all who ask before it is half a second old. */
export class Previews {
  readonly #made = new Map<string, Made>()

  constructor(private readonly options: PreviewsOptions) {}

  /** @throws {PreviewError} */
  async of(cameraId: string): Promise<Preview | 'unknown' | 'none'> {
    const { look, now } = this.options
    const seen = look(cameraId)
    if (typeof seen === 'string') {
      this.#made.delete(cameraId)
      return seen
    }
    const made = this.#made.get(cameraId)
    const taken = made?.taken
    // Nothing is awaited before this is settled: all who come while one waits for its turn wait for that one.
    const isOld = taken !== undefined && now() - taken.at >= intervalMs && !isSame(taken.frame, seen.inspection.frame)
    const { preview } = made === undefined || isOld ? this.#make(cameraId) : made
    return (await preview) ?? 'none'
  }

  #make(cameraId: string): Made {
    const { look, encoder, now } = this.options
    const encode = async (): Promise<Preview | undefined> => {
      let frame: Preview['frame'] | undefined
      let held: HeldPicture | undefined
      try {
        const jpeg = await encoder.encode(() => {
          // The latest when its turn comes, and held only from then on.
          const seen = look(cameraId)
          frame = typeof seen === 'string' ? undefined : seen.inspection.frame
          made.taken = { at: now(), frame }
          if (typeof seen === 'string') return undefined
          held = seen.hold()
          return previewRequest(seen, held.picture)
        })
        return jpeg === undefined || frame === undefined ? undefined : { frame, jpeg }
      } finally {
        held?.release()
      }
    }
    const made: Made = { preview: Promise.resolve().then(encode) }
    this.#made.set(cameraId, made)
    made.preview.catch(() => {
      if (this.#made.get(cameraId) === made) this.#made.delete(cameraId)
    })
    return made
  }
}

const isSame = (one: FrameId | undefined, other: FrameId): boolean =>
  one?.epoch === other.epoch && one.number === other.number
