import { ActorPictures } from './actor-pictures.ts'
import type { ActorPicture } from './actor-picture.ts'
import { type Fault, faultOf } from './fault.ts'
import { type FeedRecord, missingBefore, recordBody, recordVersion, stamp } from './record.ts'
import { type RecordingHeader, recordingHeader } from './recording-header.ts'
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
  /** So many records between its first and its last are not in it: the disk was too slow for them, or somebody took them out. */
  readonly missing: number
}

const openAnother = 'Open a recording of belay run --record, or a trace of the simulation'
const mendLine = 'Mend that line or take it out, and open the file again'

/** What is wrong with a file that should be a recording, and where; `line` counts from 1, `place` is within what it says. */
export class NotARecordingError extends Error {
  override readonly name = 'NotARecordingError'

  constructor(
    readonly line: number,
    { place, expected, found }: Fault,
    advice: string,
  ) {
    super(`Line ${line}${place && `, ${place}`}: expected ${expected}, found ${foundWords(found)}. ${advice}`)
  }
}

/**
 * Every record is checked, so that whatever shows them may rely on what their types say.
 *
 * @throws {NotARecordingError}
 */
export function readRecording(text: string): Recording {
  const lines = text.split('\n')
  // What follows the last line break is nothing, a line that was cut short, or one whose break an editor has left out.
  const last = lines.pop() ?? ''
  const isTorn = last !== '' && parsed(last) === undefined
  if (last !== '' && !isTorn) lines.push(last)
  const [first = '', ...rest] = lines
  const header = headerIn(first)
  const records = rest.map((line, index) => recordIn(line, index + 2))
  return { header, records, isTorn, missing: missingBetween(records) }
}

const missingBetween = (records: readonly FeedRecord[]): number =>
  records.reduce((missing, record, index) => missing + missingBefore(record, records[index - 1]), 0)

function headerIn(line: string): RecordingHeader {
  const header = parsed(line)
  if (header === undefined)
    throw new NotARecordingError(1, { place: '', expected: "a recording's header", found: line }, openAnother)
  const fault = faultOf(recordingHeader, header)
  if (fault === undefined) return header as RecordingHeader
  const isOfAnotherVersion = fault.place === 'version'
  throw new NotARecordingError(1, fault, isOfAnotherVersion ? 'Open it with the Belay that made it' : openAnother)
}

function recordIn(line: string, number: number): FeedRecord {
  const record = parsed(line)
  if (record === undefined) throw new NotARecordingError(number, { place: '', expected: 'JSON', found: line }, mendLine)
  const fault = faultOf(recordBody, record) ?? faultOf(stamp, record)
  if (fault !== undefined) throw new NotARecordingError(number, fault, mendLine)
  return record as FeedRecord
}

/** Undefined where it is no JSON. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

const longestShown = 40

function foundWords(found: unknown): string {
  if (found === undefined || found === '') return 'nothing'
  if (Array.isArray(found)) return 'a list'
  if (typeof found === 'object' && found !== null) return 'an object'
  const isLong = typeof found === 'string' && found.length > longestShown
  return JSON.stringify(isLong ? `${found.slice(0, longestShown)}…` : found)
}
