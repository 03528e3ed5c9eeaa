import type { FrameId } from '../../domain/frame.ts'
import type { Looked } from '../../domain/inspected-picture.ts'
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
  readonly at: number
  readonly preview: Promise<Preview | undefined>
}

/** Previews of all cameras: made when somebody asks, and shared by all who ask within half a second. */
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
    const { frame } = seen.inspection
    const preview =
      made !== undefined && (now() - made.at < intervalMs || isSame((await made.preview)?.frame, frame))
        ? made.preview
        : this.#make(cameraId)
    return (await preview) ?? 'none'
  }

  #make(cameraId: string): Promise<Preview | undefined> {
    const { look, encoder, now } = this.options
    const encode = async (): Promise<Preview | undefined> => {
      let frame: Preview['frame'] | undefined
      const jpeg = await encoder.encode(() => {
        // The latest when its turn comes, and copied only then.
        const seen = look(cameraId)
        if (typeof seen === 'string') return undefined
        frame = seen.inspection.frame
        return previewRequest(seen)
      })
      return jpeg === undefined || frame === undefined ? undefined : { frame, jpeg }
    }
    const preview = encode()
    const made = { at: now(), preview }
    this.#made.set(cameraId, made)
    preview.catch(() => {
      if (this.#made.get(cameraId) === made) this.#made.delete(cameraId)
    })
    return preview
  }
}

const isSame = (one: FrameId | undefined, other: FrameId): boolean =>
  one?.epoch === other.epoch && one.number === other.number
