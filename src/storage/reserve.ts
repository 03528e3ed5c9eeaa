import { randomFillSync } from 'node:crypto'
import { DiskError } from '../domain/disk-error.ts'
import type { Disk, DiskFile } from '../ports/disk.ts'
import { isMissing, isPerhapsForWantOfRoom } from './disk-faults.ts'
import { tidyUp } from './tidy-up.ts'
import { unlinkIfThere } from './unlink-if-there.ts'
import { writeWhole } from './write-whole.ts'

/** No camera can have this name. */
export const reserveFile = 'belay.reserve'

const chunkBytes = 65_536

/**
 * Room that is set aside while there is some, and given up when the disk is full: files can then still be sealed and entered
 * in the manifest, and what is queued at a stop can be written. No rows are written before it is held again.
 */
export class Reserve {
  #held = false
  /** How much of it is on the disk; `undefined`: not known. */
  #there: number | undefined
  #turn: Promise<void> = Promise.resolve()

  constructor(
    private readonly disk: Disk,
    readonly bytes: number,
  ) {}

  /** @throws {DiskError} there is not enough room for it. */
  hold(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#held || this.bytes === 0) return
      await this.#giveUp()
      await this.#take()
      this.#held = true
    })
  }

  /** Bytes that holding it would still take from the disk. */
  async wanted(): Promise<number> {
    if (this.bytes === 0) return 0
    try {
      const found = this.#there ?? (await reserveOn(this.disk))
      this.#there ??= found
    } catch (error) {
      // It is asked for again; whoever writes hears of a disk that is broken.
      if (!(error instanceof DiskError)) throw error
    }
    return Math.max(0, this.bytes - (this.#there ?? 0))
  }

  /** Where none is wanted: what an earlier configuration has left, once. */
  release(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.bytes === 0 && this.#there === 0) return
      this.#held = false
      await this.#giveUp()
    })
  }

  async #giveUp(): Promise<void> {
    this.#there = undefined
    await giveUpReserve(this.disk)
    this.#there = 0
  }

  async #take(): Promise<void> {
    const file = await this.disk.create(reserveFile)
    try {
      await fill(file, this.bytes, (written) => (this.#there = written))
      await file.datasync()
    } catch (error) {
      this.#there = undefined
      await tidyUp(
        () => file.close(),
        () => giveUpReserve(this.disk),
      )
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
const giveUpReserve = (disk: Disk): Promise<void> => unlinkIfThere(disk, reserveFile)

/** How many bytes of a reserve are there, whoever has set it aside. */
export async function reserveOn(disk: Disk): Promise<number> {
  try {
    const file = await disk.open(reserveFile)
    return await file.length().finally(() => file.close())
  } catch (error) {
    if (isMissing(error)) return 0
    throw error
  }
}

/** On a full disk the reserve is given up for it, and the writer sets it aside again when it can. */
export async function makingRoom<Result>(disk: Disk, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!isPerhapsForWantOfRoom(error)) throw error
    await giveUpReserve(disk)
    return work()
  }
}

/** With noise: zeros may take no room where a file system compresses. */
async function fill(file: DiskFile, bytes: number, say: (written: number) => void): Promise<void> {
  const noise = randomFillSync(new Uint8Array(Math.min(chunkBytes, bytes)))
  for (let at = 0; at < bytes; at += noise.length) {
    await writeWhole(file, noise.subarray(0, bytes - at), at, reserveFile)
    say(Math.min(bytes, at + noise.length))
  }
}
