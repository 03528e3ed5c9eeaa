import type { Backoff } from '../domain/backoff.ts'
import type { BootNumber, CameraId } from '../domain/ids.ts'
import type { Milliseconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { Gzip } from '../ports/gzip.ts'
import type { Manifest } from '../ports/manifest.ts'
import type { Random } from '../ports/random.ts'
import type { DiskWatch } from './disk-watch.ts'
import type { PackPlan } from './pack-plan.ts'
import type { Rotation } from './rotation.ts'
import type { RowQueue } from './row-queue.ts'
import type { ScanReport } from './scan-report.ts'

export interface WriteRowsOptions {
  readonly disk: Disk
  readonly queue: RowQueue
  readonly manifest: Manifest
  /** Whether the manifest was closed under the writer, which nothing opens again before the writer has ended. */
  readonly isManifestGone?: () => boolean
  readonly clock: Clock
  readonly random: Random
  readonly boot: BootNumber
  readonly rotation: Rotation
  /** Requests that come within this time of one commit share the next one; 0: none waits for another. */
  readonly commitEvery: Milliseconds
  /** What sealed files are packed into before they are sent; `undefined`: nothing. */
  readonly pack: PackPlan | undefined
  readonly gzip: Gzip
  /** What the scan could not read; it is looked at again. */
  readonly unread: ScanReport['unread']
  /** Of a file that is sealed now, or taken in. */
  readonly priorityOf: (cameraId: CameraId) => number
  /** Whether there is room for rows. */
  readonly watch: DiskWatch
  /** Room that is kept to seal and to stop with; 0: none. */
  readonly reserveBytes: number
  /** The waits between tries of what failed. */
  readonly retry: Backoff
  /** Let go of everything, now. What was not accepted stays in the queue. */
  readonly signal: AbortSignal
  /** Write what is queued, seal everything, end. */
  readonly finish: AbortSignal
}
