import { randomFillSync } from 'node:crypto'
import { DiskError } from '../domain/disk-error.ts'
import type { Disk, DiskFile } from '../ports/disk.ts'

/** No camera can have this name. */
export const reserveFile = 'belay.reserve'

const chunkBytes = 65_536

/**
 * Room that is set aside while there is some, and given up when the disk is full: files can then still be sealed and entered
 * in the manifest, and what is queued at a stop can be written. No rows are written before it is held again.
 */
export class Reserve {
  #held = false
  #turn: Promise<void> = Promise.resolve()

  constructor(
    private readonly disk: Disk,
    readonly bytes: number,
  ) {}

  /** @throws {DiskError} there is not enough room for it. */
  hold(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#held || this.bytes === 0) return
      await giveUpReserve(this.disk)
      await this.#take()
      this.#held = true
    })
  }

  release(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.bytes === 0) return
      this.#held = false
      await giveUpReserve(this.disk)
    })
  }

  async #take(): Promise<void> {
    const file = await this.disk.create(reserveFile)
    try {
      await fill(file, this.bytes)
      await file.datasync()
    } catch (error) {
      await file.close()
      await giveUpReserve(this.disk)
      throw error
    }
    await file.close()
  }

  /** Those who ask meanwhile wait; each hears of its own failure only. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work)
    this.#turn = mine.catch(() => undefined)
    return mine
  }
}

/** Also for a start on a full disk, before there is a writer: the manifest needs room to begin a boot. */
export async function giveUpReserve(disk: Disk): Promise<void> {
  try {
    await disk.unlink(reserveFile)
  } catch (error) {
    if (!(error instanceof DiskError) || error.systemCode !== 'ENOENT') throw error
  }
}

/** With noise: zeros may take no room where a file system compresses. */
async function fill(file: DiskFile, bytes: number): Promise<void> {
  const noise = randomFillSync(new Uint8Array(Math.min(chunkBytes, bytes)))
  for (let at = 0; at < bytes;) {
    const taken = await file.write(noise.subarray(0, Math.min(noise.length, bytes - at)), at)
    if (taken === 0) throw new DiskError('write', reserveFile, 'ENOSPC')
    at += taken
  }
}
