import type { Backoff } from '../domain/backoff.ts'
import { RemoteFullError, SftpConnectionLostError } from '../domain/delivery-errors.ts'
import type { Milliseconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { Manifest } from '../ports/manifest.ts'
import type { Random } from '../ports/random.ts'
import type { SftpServer } from '../ports/sftp-session.ts'
import type { Verify } from './deliver-file.ts'
import type { DeliveryCounters } from './delivery-stats.ts'
import type { Doorbell } from './doorbell.ts'
import type { RemoteNames } from './remote-names.ts'
import type { RemovalFact, RemovalMemory } from './remove-delivered.ts'
import { SessionRun } from './session-run.ts'
import type { Suspicion } from './suspicion.ts'
import type { FileClaimed, FileFact, FileReleased } from './try-file.ts'

export type DeliveryFact = FileClaimed | FileReleased | FileFact | RemovalFact

export type DeliveryEvent = { readonly type: 'session.opened' } | DeliveryFact

export interface DeliveryDrained {
  /** Files that wait in the manifest for their time. */
  readonly left: number
}

export interface DeliverDueOptions {
  readonly server: SftpServer
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
  /** The server was full: a session is of use only where this many bytes fit; 0: it was not. */
  readonly roomFor: number
  /** The server is asked for a sign of life, and the manifest for what others did to it, this often. */
  readonly probeEvery: Milliseconds
  /** Local copies are deleted so long after their delivery. */
  readonly keepFor: Milliseconds | 'forever'
  readonly removals: RemovalMemory
  /** At most this many files are claimed at a time; the manifest holds the rest. */
  readonly window: number
  readonly filesInFlight: number
  readonly counters: DeliveryCounters
  /** Rings when a file was sealed. Only a hint: the manifest is looked at before each wait. */
  readonly wake: Doorbell
  /** Drop everything at once; what is in hand stays `sending`, for the next uploader to take up as ambiguous. */
  readonly signal: AbortSignal
  /** Go on until nothing is due, then end. */
  readonly finish: AbortSignal
}

/**
 * One session with the server: delivers what the manifest has due, several files at a time, until told to finish. One at a
 * time on a manifest.
 *
 * A file that fails by itself is tried again by its own schedule and holds up no other. A request without an answer ends
 * the session: every file in hand goes back, those that had been begun as ambiguous, and whoever runs this decides when to
 * connect again.
 *
 * @throws {SftpUnreachableError} @throws {SftpHostKeyError} @throws {SftpAuthenticationError} @throws {SftpCredentialsError}
 * @throws {SftpConnectionLostError}
 * @throws {RemoteFullError} nothing more was begun, and what was in hand has been let finish.
 * @throws {ManifestFailedError}
 * @throws {signal.reason}
 */
export async function* deliverDue(options: DeliverDueOptions): AsyncGenerator<DeliveryEvent, DeliveryDrained, void> {
  const { server, manifest, clock, signal, finish, wake } = options
  const session = await server.connect(signal)
  const run = new SessionRun(session, options)
  const stopListening = wake.listen(run.look)
  finish.addEventListener('abort', run.look)
  signal.addEventListener('abort', run.look)
  void session.closed.then((reason) => run.fail(new SftpConnectionLostError(server.address, reason)))
  try {
    await run.expectRoom()
    yield { type: 'session.opened' }
    await manifest.release(clock.now())
    run.probeLater()
    for (;;) {
      signal.throwIfAborted()
      yield* run.told()
      if (run.failure !== undefined) break
      await run.claim()
      run.begin()
      if (finish.aborted && run.isIdle) {
        const { pending, sending } = await manifest.counts()
        return { left: pending + sending }
      }
      await run.somethingHappened()
    }
    // Without room, what is in hand is let finish: its temporary files take up what little there is.
    if (run.failure instanceof RemoteFullError) await Promise.race([run.settled(), session.closed, aborted(signal)])
    // The session is of no more use: ending it settles what is in flight, and only then is it known what became of it.
    await session.end()
    await run.settled()
    yield* run.told()
    await run.putBack()
    yield* run.told()
    throw run.failure
  } finally {
    stopListening()
    finish.removeEventListener('abort', run.look)
    signal.removeEventListener('abort', run.look)
    run.stopTimers()
    await session.end()
    await run.settled()
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
