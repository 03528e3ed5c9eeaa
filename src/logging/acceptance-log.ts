import type { CsvRequest } from '../domain/csv-row.ts'
import type { Log } from '../ports/log.ts'
import type { SeriesPath } from '../storage/row-queue.ts'

/** What names a row within its boot, camera and folder: epoch, frame and detection. */
export type RowKey = readonly [epoch: number, frame: number, detection: number]

/** A commit as the log tells it, at level `debug`: enough for somebody outside to hold the daemon to it. */
export interface RowsAccepted {
  /** `CAMERA/FOLDER` */
  readonly series: SeriesPath
  readonly boot: number
  /** The keys of the first and the last row. Keys rise within a series, so that `rows` is all it has between the two. */
  readonly first: RowKey
  readonly last: RowKey
  readonly requests: number
  readonly rows: number
}

/** Says each commit: which rows are accepted, and so promised. */
export const createAcceptanceLog =
  (log: Log) =>
  (series: SeriesPath, requests: readonly CsvRequest[]): void => {
    const first = requests[0]?.rows[0]
    const last = requests.at(-1)?.rows.at(-1)
    if (first === undefined || last === undefined) return
    const rows = requests.reduce((sum, request) => sum + request.rows.length, 0)
    const fact: RowsAccepted = {
      ...{ series, boot: Number(first[0]), first: keyOf(first), last: keyOf(last) },
      ...{ requests: requests.length, rows },
    }
    log.debug('rows accepted', { ...fact })
  }

const keyOf = ([, , epoch, frame, detection]: CsvRequest['rows'][number]): RowKey => [
  Number(epoch),
  Number(frame),
  Number(detection),
]
