import { settledOrAborted } from '../../adapters/settled-or-aborted.ts'
import { bytesPerPicture, type PictureSize } from '../../domain/frame.ts'
import type { CameraId } from '../../domain/ids.ts'
import { type Milliseconds, milliseconds, seconds } from '../../domain/units.ts'
import type { FrameSink, FrameSlot } from '../../ports/frame-sink.ts'
import type { VideoSource } from '../../ports/video-source.ts'
import { type CheckLine, checkLine, type CheckRun, within } from './check-line.ts'
import { inSeconds } from '../terminal/in-seconds.ts'

export interface CameraToCheck {
  readonly cameraId: CameraId
  readonly source: VideoSource
  /** Of the pictures that it is to deliver. */
  readonly size: PictureSize
  /** For the first picture. */
  readonly deadline: Milliseconds
  /** What an engineer would try where none comes by then. */
  readonly advice: string
}

/** The source promises 3 s. */
const releaseLimit = seconds(5)

/** Opens the camera, reads a picture, lets go of it, and waits until nothing of it is left. */
export const checkCamera = (
  { cameraId, source, size, deadline, advice }: CameraToCheck,
  run: CheckRun,
): Promise<CheckLine> =>
  checkLine(cameraId, 'camera', run, async () => {
    const { clock } = run
    const sink = new OnePictureSink(size)
    const begun = clock.monotonic()
    const late = (): string => {
      const said = sink.lastFault === undefined ? '' : `; the decoder said last: ${sink.lastFault}`
      return `Camera ${cameraId} has sent no picture within ${inSeconds(deadline)}${said}. ${advice}`
    }
    try {
      return await within(deadline, late, run, async (signal) => {
        const { sourceSize, rate, remark } = await source.open(sink, signal)
        const waited = inSeconds(milliseconds(clock.monotonic() - begun))
        const said = rate === undefined ? 'rate unknown' : `${Number(rate.toFixed(2))} frames/s`
        const seen = `${sourceSize.width}x${sourceSize.height}, ${said}, first picture after ${waited}`
        return remark === undefined ? seen : `${seen}. ${remark}`
      })
    } finally {
      await letGo(cameraId, source, run)
    }
  })

/** Also when the run is interrupted: a process that outlives the check would hold the camera. */
const letGo = (cameraId: CameraId, source: VideoSource, { clock }: CheckRun): Promise<void> =>
  within(
    releaseLimit,
    () => `Camera ${cameraId} was not let go of within ${inSeconds(releaseLimit)}`,
    { clock, signal: new AbortController().signal },
    () => source.released(),
  )

/** Room for one picture, which the next one is written over. */
class OnePictureSink implements FrameSink {
  readonly lossless = false
  /** What the decoder last complained of. */
  lastFault: string | undefined
  readonly #slot: FrameSlot
  #isTaken = false
  #freed: Promise<void> = Promise.resolve()
  #free: () => void = () => undefined

  constructor(readonly size: PictureSize) {
    const memory = new SharedArrayBuffer(bytesPerPicture(size))
    this.#slot = { index: 0, bytes: new Uint8Array(memory) }
  }

  reserve(): FrameSlot | undefined {
    if (this.#isTaken) return undefined
    this.#isTaken = true
    this.#freed = new Promise((resolve) => (this.#free = resolve))
    return this.#slot
  }

  room(signal: AbortSignal): Promise<void> {
    return settledOrAborted(this.#freed, signal)
  }

  commit(): void {
    this.abandon()
  }

  abandon(): void {
    this.#isTaken = false
    this.#free()
  }

  /** One picture is enough; those that come before the camera is let go of are nobody's loss. */
  missed(): void {}

  /** As a picture it will do. */
  damaged(): void {}

  lost(): void {}

  resized(): void {}

  decodeFailed(detail: string): void {
    this.lastFault = detail
  }
}
