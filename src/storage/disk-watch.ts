import { byteCount } from '../domain/byte-count.ts'
import { type RoomSample, timeUntil } from '../domain/disk-forecast.ts'
import { DiskError } from '../domain/disk-error.ts'
import type { Room, RoomLevel } from '../domain/room.ts'
import { type Milliseconds, milliseconds, minutes, seconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { WriterEvent } from './writer-event.ts'

/** Bytes that are free on the data folder's disk. */
export interface DiskMarks {
  /** Below it, somebody should look. */
  readonly warnBelow: number
  /** Below it, no rows are written until there is room again. */
  readonly pauseBelow: number
}

/** What is to be set aside beside the rows, in bytes. */
interface Wanting {
  wanted(): Promise<number>
}

/** A level is left when there is this much more than its mark, so that it is not left and entered all the time. */
const hysteresis = 1.1
const betweenLooks = seconds(5)
const betweenLooksWithLittleRoom = seconds(1)
const betweenSamples = seconds(15)
/** Ten minutes of them. */
const samplesKept = 40
/** A level that lasts is said again this often, and one that comes and goes not more often than that. */
const betweenWords = { same: minutes(10), other: minutes(1) }

/** Looks at how much room the disk has, and keeps what it saw. It lives as long as the process. */
export class DiskWatch {
  #room: Room = { level: 'enough', freeBytes: undefined, fullIn: undefined }
  /** Of the free bytes, what the reserve took when it was last asked: no row gets them. */
  #wanted = 0
  #samples: readonly RoomSample[] = []
  #due = milliseconds(0)
  #said: { readonly level: RoomLevel; readonly at: Milliseconds } = { level: 'enough', at: milliseconds(-Infinity) }

  constructor(
    private readonly marks: DiskMarks,
    private readonly clock: Clock,
  ) {}

  get room(): Room {
    return this.#room
  }

  /** When to look again, in monotonic time. */
  get due(): Milliseconds {
    return this.#due
  }

  /** Why no rows are written; `undefined` while they may be. */
  get noRoom(): { readonly cause: string; readonly why: string } | undefined {
    const { level, freeBytes } = this.#room
    if (level !== 'none' || freeBytes === undefined) return undefined
    const { pauseBelow } = this.marks
    const [mark, cause] =
      this.#wanted === 0
        ? [`disk.pauseBelow (${byteCount(pauseBelow)})`, 'room']
        : [
            `disk.pauseBelow (${byteCount(pauseBelow)}) and what is to be set aside as disk.reserve (${byteCount(this.#wanted)})`,
            'room and reserve',
          ]
    const why =
      `the disk has ${byteCount(freeBytes)} free, less than ${mark}; ` +
      `rows wait until ${byteCount(pauseBelow * hysteresis + this.#wanted)} are free`
    return { cause, why }
  }

  /** One at a time. `say` hears of levels that somebody should know of. */
  async look(disk: Disk, reserve: Wanting, say: (event: WriterEvent) => void): Promise<void> {
    this.#due = milliseconds(Infinity)
    const freeBytes = await this.#ask(() => free(disk))
    // Rows that never wait want no answer. Asked last: a reserve that is given up meanwhile is then counted as gone, and its room not yet as free.
    this.#wanted = this.marks.pauseBelow > 0 ? await this.#ask(() => reserve.wanted()) : 0
    const now = this.clock.monotonic()
    // Rows get no byte of what the reserve still takes: were it counted, giving the reserve up would let them go on.
    const left = freeBytes === undefined ? undefined : Math.max(0, freeBytes - this.#wanted)
    if (left !== undefined) this.#sample({ at: now, freeBytes: left })
    const level = left === undefined ? this.#room.level : this.#levelAt(left)
    this.#room = { level, freeBytes, fullIn: timeUntil(this.marks.pauseBelow, this.#samples) }
    this.#due = milliseconds(now + (level === 'enough' ? betweenLooks : betweenLooksWithLittleRoom))
    this.#speak(now, say)
  }

  async #ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    try {
      return await question()
    } catch (error) {
      // The writer that asked has ended; the next one looks for itself.
      this.#due = this.clock.monotonic()
      throw error
    }
  }

  #levelAt(freeBytes: number): RoomLevel {
    const { warnBelow, pauseBelow } = this.marks
    const below = (mark: number, isBelow: boolean) => freeBytes < mark * (isBelow ? hysteresis : 1)
    if (below(pauseBelow, this.#room.level === 'none')) return 'none'
    return below(warnBelow, this.#room.level !== 'enough') ? 'low' : 'enough'
  }

  #sample(sample: RoomSample): void {
    const last = this.#samples.at(-1)
    if (last !== undefined && sample.at - last.at < betweenSamples) return
    this.#samples = [...this.#samples, sample].slice(-samplesKept)
  }

  /** That rows wait is the writer's to say. */
  #speak(now: Milliseconds, say: (event: WriterEvent) => void): void {
    const { level, freeBytes, fullIn } = this.#room
    if (freeBytes === undefined || level === 'none' || (level === 'enough' && this.#said.level === 'enough')) return
    const isSame = level === this.#said.level
    if (now - this.#said.at < (isSame ? betweenWords.same : betweenWords.other)) return
    this.#said = { level, at: now }
    const when =
      fullIn === undefined ? '' : `, and rows have to wait in about ${roughly(fullIn)} if it goes on like this`
    say({
      type: level === 'enough' ? 'disk.enough' : 'disk.low',
      why: `the disk has ${byteCount(freeBytes)} free${when}`,
    })
  }
}

/** `undefined` where the system doesn't say; where that is because the disk is broken, whoever writes hears of it. */
async function free(disk: Disk): Promise<number | undefined> {
  try {
    return await disk.freeBytes()
  } catch (error) {
    if (error instanceof DiskError) return undefined
    throw error
  }
}

function roughly(time: Milliseconds): string {
  const hours = time / 3_600_000
  if (hours >= 48) return `${Math.round(hours / 24)} days`
  return hours >= 2 ? `${Math.round(hours)} hours` : `${Math.round(hours * 60)} minutes`
}
