import { RemoteFullError, SftpConnectionLostError } from '../domain/delivery-errors.ts'
import type { DeliverDueOptions, DeliveryFact } from './deliver-due-options.ts'
import { SessionRun } from './session-run.ts'

export type DeliveryEvent = { readonly type: 'session.opened' } | DeliveryFact

export interface DeliveryDrained {
  /** Files that wait in the manifest for their time. */
  readonly left: number
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
 * @throws {DataFolderAwayError}
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
    await manifest.release(clock.now())
    // One that was full and has still no room is of no use.
    if (options.roomFor > 0) await run.claim()
    yield { type: 'session.opened' }
    run.probeLater()
    for (;;) {
      signal.throwIfAborted()
      yield* run.told()
      if (run.failure !== undefined) break
      try {
        await run.claim()
        run.begin()
        if (finish.aborted && run.isIdle) {
          const { pending, sending } = await manifest.counts()
          return { left: pending + sending }
        }
      } catch (error) {
        run.fail(error as Error)
      }
      await run.somethingHappened()
    }
    // Without room, what is in hand is let finish: its temporary files take up what little there is. A look at what was
    // delivered long ago, or into a long folder, is not waited for.
    if (run.failure instanceof RemoteFullError)
      await Promise.race([run.filesSettled(), session.closed, aborted(signal)])
    // The session is of no more use: ending it settles what is in flight, and only then is it known what became of it.
    await session.end()
    await run.settled()
    yield* run.told()
    signal.throwIfAborted()
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
