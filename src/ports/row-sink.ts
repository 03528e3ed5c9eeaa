import type { CsvRequest } from '../domain/csv-row.ts'

/** Where rows go: the writer's queue, which is bounded. */
export interface RowSink {
  /** Takes the request whole, or refuses it, counts the refusal with its cause and returns `false`. Never waits. */
  append(request: CsvRequest): boolean
  /**
   * Resolves when `append`, called at once, would take the request; for lossless cameras, which wait instead of losing rows.
   *
   * @throws {signal.reason}
   */
  room(request: Pick<CsvRequest, 'cameraId' | 'folder'>, signal: AbortSignal): Promise<void>
}
