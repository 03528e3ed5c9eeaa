import { milliseconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { ActorKind, FeedRecord, RecordBody, Stamp } from './record.ts'

/** Whom a record is about, and what that is where it is known. */
export interface Subject extends Pick<Stamp, 'path' | 'epoch'> {
  readonly kind?: ActorKind | undefined
}

/** When something happened, by both clocks. */
export type Moment = Pick<Stamp, 'at' | 'monotonic'>

export const momentOf = (clock: Clock): Moment => ({
  at: clock.now(),
  monotonic: milliseconds(Math.round(clock.monotonic() * 100) / 100),
})

/** Takes a record in the making, of now where no moment is given; never throws. */
export type RecordSink = (about: Subject, body: RecordBody, moment?: Moment) => void

/** Gives every record its number and its moment, and hands it to `write`, which must not throw and must not wait. */
export function createRecorder(clock: Clock, write: (record: FeedRecord) => void): RecordSink {
  let sequence = 0
  return ({ path, epoch }, body, { at, monotonic } = momentOf(clock)) =>
    write({ sequence: ++sequence, at, monotonic, path, epoch, ...body })
}
