import type { CsvRequest } from '../domain/csv-row.ts'
import type { CameraId } from '../domain/ids.ts'
import type { RefuseCause } from '../domain/row-account.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import { NowAndThen } from './now-and-then.ts'

/** Warns of rows that the writer's queue refuses, without a line for each: a full disk refuses hundreds a second. */
export function createRefusalLog(log: Log, clock: Clock): (request: CsvRequest, cause: RefuseCause) => void {
  const refusals = new NowAndThen<`${CameraId} ${RefuseCause}`>(clock)
  return ({ cameraId, rows }, cause) => {
    const told = refusals.add(`${cameraId} ${cause}`, rows.length)
    if (told === undefined) return
    log.warn('rows refused', { cameraId, cause, rows: told.count, sinceSeconds: told.sinceSeconds })
  }
}
