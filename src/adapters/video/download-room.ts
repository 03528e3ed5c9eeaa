import { VideoRoomError } from '../../domain/camera-errors.ts'
import type { CameraId } from '../../domain/ids.ts'

/** So many bytes are downloaded between two looks at the disk, which others fill meanwhile. */
const betweenLooks = 8 * 1024 * 1024

/** What downloads leave free on the disk: rows need it. */
export interface DownloadRoom {
  readonly leave: number
  readonly freeBytes: () => Promise<number>
}

/** One download's looks at the room on the disk. */
export class RoomWatch {
  #lookedAt = 0

  constructor(
    private readonly cameraId: CameraId,
    private readonly room: DownloadRoom | undefined,
    /** Of which `received` are counted; `undefined` where the server doesn't say. */
    private readonly total: number | undefined,
  ) {}

  /** @throws {VideoRoomError} if what is still to come would leave too little. @throws {DiskError} */
  async received(bytes: number): Promise<void> {
    if (bytes > 0 && bytes - this.#lookedAt < betweenLooks) return
    this.#lookedAt = bytes
    if (this.room === undefined) return
    const missing = this.total === undefined ? undefined : Math.max(0, this.total - bytes)
    const freeBytes = await this.room.freeBytes()
    if (freeBytes - (missing ?? 0) < this.room.leave) {
      throw new VideoRoomError(this.cameraId, { freeBytes, missing, leave: this.room.leave })
    }
  }
}
