import { type FileState, sumOf, underway } from '../domain/file-state.ts'

/** Counted over the life of the daemon; every incarnation of the uploader adds to the same one. */
export class DeliveryCounters {
  /** Files that the server now shows, adopted ones too. */
  uploaded = 0
  /** Tries that failed, or ended without an answer. */
  failed = 0
  /** Files that were set aside: another file has their name, or they are no longer what was sealed. */
  setAside = 0
}

/** The uploader's figures as they are published. */
export interface DeliveryStats {
  /**
   * Files that were uploaded or set aside since the start of the daemon, and those that are not delivered yet. One that is sent again
   * counts again; from the moment that some are packed, their archive counts in their stead.
   */
  readonly total_queued: number
  readonly total_uploaded: number
  /** Failed tries; a file may have many. */
  readonly total_failed: number
  /** Files that are not delivered yet. */
  readonly queue_size: number
}

/** `counts` is the manifest's. */
export function deliveryStats(counters: DeliveryCounters, counts: Readonly<Record<FileState, number>>): DeliveryStats {
  const undelivered = sumOf(counts, underway)
  return {
    total_queued: counters.uploaded + counters.setAside + undelivered,
    total_uploaded: counters.uploaded,
    total_failed: counters.failed,
    queue_size: undelivered,
  }
}
