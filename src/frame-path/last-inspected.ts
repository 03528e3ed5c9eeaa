import type { Box } from '../domain/fitting.ts'
import type { Fit } from '../domain/frame.ts'
import type { InspectedPicture } from '../domain/inspected-picture.ts'
import type { Inspection } from '../domain/inspection.ts'
import type { FrameRing } from './frame-ring.ts'

interface Kept {
  readonly inspection: Inspection
  readonly region: Box
  readonly slot: number
}

/** Holds the slot of a lane's last inspected frame, so that its picture can be looked at, where it lies. */
export class LastInspected {
  #kept: Kept | undefined

  constructor(
    private readonly ring: FrameRing,
    private readonly fit: Fit,
  ) {}

  /** Whether it is kept: frames are answered out of order, and an older one than the one that is kept is passed over. */
  keep(inspection: Inspection, region: Box, slot: number): boolean {
    const kept = this.#kept
    if (kept !== undefined && !isLater(inspection, kept.inspection)) return false
    this.ring.hold(slot)
    this.#kept = { inspection, region, slot }
    if (kept !== undefined) this.ring.release(kept.slot)
    return true
  }

  get picture(): InspectedPicture | undefined {
    if (this.#kept === undefined) return undefined
    const { inspection, region, slot } = this.#kept
    const { ring, fit } = this
    return {
      inspection,
      region,
      size: ring.size,
      fit,
      hold() {
        ring.hold(slot)
        return { picture: ring.picture(slot), release: () => ring.release(slot) }
      },
    }
  }
}

const isLater = ({ frame: one }: Inspection, { frame: other }: Inspection): boolean =>
  one.epoch > other.epoch || (one.epoch === other.epoch && one.number > other.number)
