import type { Backoff } from '../domain/backoff.ts'
import type { Milliseconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { Manifest } from '../ports/manifest.ts'
import type { Random } from '../ports/random.ts'
import type { SftpConnector } from '../ports/sftp-session.ts'
import type { Verify } from './deliver-file.ts'
import type { DeliveryCounters } from './delivery-stats.ts'
import type { Doorbell } from './doorbell.ts'
import type { FilesAtOnce } from './files-at-once.ts'
import type { RemoteNames } from './remote-names.ts'
import type { RemovalFact, RemovalMemory } from './remove-delivered.ts'
import type { Suspicion } from './suspicion.ts'
import type { FileClaimed, FileFact, FileReleased } from './try-file.ts'

/** What a session tells of files. */
export type DeliveryFact = FileClaimed | FileReleased | FileFact | RemovalFact

export interface DeliverDueOptions {
  readonly server: SftpConnector
  readonly names: RemoteNames
  readonly verify: Verify
  readonly disk: Disk
  readonly manifest: Manifest
  readonly clock: Clock
  readonly random: Random
  /** The schedule of a file that fails by itself: full jitter, 1 s to 5 min. */
  readonly retry: Backoff
  readonly suspicion: Suspicion
  /** Failures by a file's own fault after which it is a dead letter. */
  readonly deadLetterAfter: number
  /** The server had no room for a file of so many bytes: what fits goes first; 0: it had. */
  readonly roomFor: number
  /** The server is asked for a sign of life, and the manifest for what others did to it, this often. */
  readonly probeEvery: Milliseconds
  /** Local copies are deleted so long after their delivery. */
  readonly keepFor: Milliseconds | 'forever'
  readonly removals: RemovalMemory
  /** At most this many files are claimed at a time; the manifest holds the rest. */
  readonly window: number
  /** On their way to the server, or not yet verified there. */
  readonly filesInFlight: number
  readonly atOnce: FilesAtOnce
  readonly counters: DeliveryCounters
  /** Rings when a file was sealed. Only a hint: the manifest is looked at before each wait. */
  readonly wake: Doorbell
  /** Drop everything at once; what is in hand stays `sending`, for the next uploader to take up as ambiguous. */
  readonly signal: AbortSignal
  /** Go on until nothing is due, then end. */
  readonly finish: AbortSignal
}
