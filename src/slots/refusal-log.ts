import type { CsvRequest } from '../domain/csv-row.ts'
import type { CameraId } from '../domain/ids.ts'
import type { RefuseCause } from '../domain/row-account.ts'
import { milliseconds, seconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'

/** One camera's refusals are said at once, and then at most this often, with how many there were. */
const pause = seconds(10)

interface Said {
  readonly at: number
  /** Rows since then. */
  rows: number
}

/** Warns of rows that the writer's queue refuses, without a line for each: a full disk refuses hundreds a second. */
export function createRefusalLog(log: Log, clock: Clock): (request: CsvRequest, cause: RefuseCause) => void {
  const said = new Map<`${CameraId} ${RefuseCause}`, Said>()
  return ({ cameraId, rows }, cause) => {
    const key = `${cameraId} ${cause}` as const
    const before = said.get(key)
    const now = clock.monotonic()
    if (before !== undefined && now - before.at < pause) {
      before.rows += rows.length
      return
    }
    said.set(key, { at: now, rows: 0 })
    const sinceSeconds = before === undefined ? undefined : Math.round(milliseconds(now - before.at) / 1000)
    log.warn('rows refused', { cameraId, cause, rows: rows.length + (before?.rows ?? 0), sinceSeconds })
  }
}
