import { milliseconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { ActorKind, FeedRecord, RecordBody, Stamp } from './record.ts'

/** Whom a record is about, and what that is where it is known. */
export interface Subject extends Pick<Stamp, 'path' | 'epoch'> {
  readonly kind?: ActorKind | undefined
}

/** Takes a record in the making; never throws. */
export type RecordSink = (about: Subject, body: RecordBody) => void

/** Gives every record its number and its moment, and hands it to `write`, which must not throw and must not wait. */
export function createRecorder(clock: Clock, write: (record: FeedRecord) => void): RecordSink {
  let sequence = 0
  return ({ path, epoch }, body) => {
    const monotonic = milliseconds(Math.round(clock.monotonic() * 100) / 100)
    write({ sequence: ++sequence, at: clock.now(), monotonic, path, epoch, ...body })
  }
}
