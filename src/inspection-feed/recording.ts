import { ActorPictures } from './actor-pictures.ts'
import type { ActorPicture, FeedRecord, RecordingHeader } from './record.ts'
import { recordVersion } from './record.ts'
import type { RecordRing } from './record-ring.ts'

const headerOf = (madeBy: string, actors: readonly ActorPicture[]): RecordingHeader => ({
  type: 'recording',
  version: recordVersion,
  source: 'daemon',
  madeBy,
  actors,
})

/** What the ring holds now, as the lines of a recording, so many of them in each piece. Later records don't get in. */
export function recordingOf(ring: RecordRing, madeBy: string, linesAtOnce = 500): Iterable<string> {
  const header = headerOf(madeBy, ring.before())
  const records = ring.after(0)
  return (function* () {
    yield lineOf(header)
    for (let from = 0; from < records.length; from += linesAtOnce)
      yield records
        .slice(from, from + linesAtOnce)
        .map(lineOf)
        .join('')
  })()
}

/** Makes lines of records as they come. Its header says what was known before the latest of them: a file begins with both. */
export class RecordingLines {
  readonly #pictures = new ActorPictures()
  #latest: FeedRecord | undefined

  constructor(private readonly madeBy: string) {}

  header(): string {
    return lineOf(headerOf(this.madeBy, this.#pictures.all()))
  }

  line(record: FeedRecord): string {
    if (this.#latest !== undefined) this.#pictures.apply(this.#latest)
    this.#latest = record
    return lineOf(record)
  }
}

const lineOf = (entry: RecordingHeader | FeedRecord): string => `${JSON.stringify(entry)}\n`

export interface Recording {
  readonly header: RecordingHeader
  readonly records: readonly FeedRecord[]
  /** The last line was cut short: whoever wrote it was stopped. */
  readonly isTorn: boolean
}

/** What is wrong with a file that should be a recording; `line` counts from 1. */
export class NotARecordingError extends Error {
  override readonly name = 'NotARecordingError'

  constructor(
    readonly line: number,
    readonly problem: string,
  ) {
    super(`Line ${line} ${problem}. Expected a recording of belay run --record, or a trace of the simulation`)
  }
}

/** @throws {NotARecordingError} */
export function readRecording(text: string): Recording {
  const lines = text.split('\n')
  // What follows the last line break is nothing, or half a line.
  const isTorn = lines.pop() !== ''
  const [first = '', ...rest] = lines
  const header = parsed(first, 1) as Partial<RecordingHeader>
  if (header.type !== 'recording' || !Array.isArray(header.actors)) throw new NotARecordingError(1, 'is no header')
  if (header.version !== recordVersion)
    throw new NotARecordingError(
      1,
      `is of version ${String(header.version)}, and this is a reader of version ${recordVersion}`,
    )
  const records = rest.map((line, index) => {
    const record = parsed(line, index + 2) as Partial<FeedRecord>
    if (typeof record.type !== 'string' || typeof record.sequence !== 'number' || typeof record.path !== 'string')
      throw new NotARecordingError(index + 2, 'is no record')
    return record as FeedRecord
  })
  return { header: header as RecordingHeader, records, isTorn }
}

function parsed(line: string, number: number): object {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Said below, with its line.
  }
  throw new NotARecordingError(number, 'is no JSON object')
}
