import type { Backoff } from '../domain/backoff.ts'
import { SftpConnectionLostError, SftpUnknownOutcomeError } from '../domain/delivery-errors.ts'
import type { EpochMs } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { FileEntry, Manifest } from '../ports/manifest.ts'
import type { Random } from '../ports/random.ts'
import type { SftpServer, SftpSession } from '../ports/sftp-session.ts'
import type { DeliveryCounters } from './delivery-stats.ts'
import type { Doorbell } from './doorbell.ts'
import { RemoteFolders } from './remote-folders.ts'
import type { RemoteNames } from './remote-names.ts'
import { TemporarySweep } from './sweep-temporaries.ts'
import { type FileFact, tryFile, type TryFileOptions } from './try-file.ts'

export type DeliveryEvent = { readonly type: 'session.opened' } | FileFact

export interface DeliveryDrained {
  /** Files that wait in the manifest for their time. */
  readonly left: number
}

export interface DeliverDueOptions {
  readonly server: SftpServer
  readonly names: RemoteNames
  readonly disk: Disk
  readonly manifest: Manifest
  readonly clock: Clock
  readonly random: Random
  /** The schedule of a file that fails by itself: full jitter, 1 s to 5 min. */
  readonly retry: Backoff
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
 * @throws {ManifestFailedError}
 * @throws {signal.reason}
 */
export async function* deliverDue(options: DeliverDueOptions): AsyncGenerator<DeliveryEvent, DeliveryDrained, void> {
  const { server, manifest, clock, signal, finish, wake } = options
  const session = await server.connect(signal)
  const run = new Run(session, options)
  const stopListening = wake.listen(run.look)
  finish.addEventListener('abort', run.look)
  signal.addEventListener('abort', run.look)
  void session.closed.then((reason) => run.fail(new SftpConnectionLostError(server.address, reason)))
  try {
    yield { type: 'session.opened' }
    await manifest.release(clock.now())
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
    // The session is of no more use: ending it settles what is in flight, and only then is it known what became of it.
    await session.end()
    await run.settled()
    yield* run.told()
    await run.putBack()
    throw run.failure
  } finally {
    stopListening()
    finish.removeEventListener('abort', run.look)
    signal.removeEventListener('abort', run.look)
    run.cancelTimer()
    await session.end()
    await run.settled()
  }
}

/** The files in hand of one session. */
class Run {
  /** The first thing that went wrong with the session itself, or a bug. */
  failure: Error | undefined
  /** Claimed, and not begun. */
  #waiting: FileEntry[] = []
  readonly #active = new Set<Promise<void>>()
  readonly #facts: FileFact[] = []
  readonly #tryOptions: TryFileOptions
  /** Something may be due that was not when the manifest was last asked. */
  #mayBeDue = true
  #happened = false
  #wakeUp: () => void = () => undefined
  #timer: unknown

  constructor(
    session: SftpSession,
    private readonly options: DeliverDueOptions,
  ) {
    const folders = new RemoteFolders(session)
    this.#tryOptions = { ...options, session, folders, sweep: new TemporarySweep(session, options.manifest) }
  }

  /** Look at the manifest again. */
  readonly look = (): void => {
    this.#mayBeDue = true
    this.#happen()
  }

  fail(failure: Error): void {
    this.failure ??= failure
    this.#happen()
  }

  /** Nothing in hand, and nothing due when last looked. */
  get isIdle(): boolean {
    return this.#active.size === 0 && this.#waiting.length === 0 && !this.#mayBeDue && this.#facts.length === 0
  }

  *told(): Generator<FileFact, void> {
    for (let fact = this.#facts.shift(); fact !== undefined; fact = this.#facts.shift()) yield fact
  }

  /** Resolves at once if something has happened since the last call. */
  async somethingHappened(): Promise<void> {
    if (!this.#happened) await new Promise<void>((resolve) => (this.#wakeUp = resolve))
    this.#happened = false
  }

  async claim(): Promise<void> {
    const { manifest, clock, window, filesInFlight, retry } = this.options
    // Claimed by the window, not one by one: each claim is a commit.
    if (!this.#mayBeDue || this.#waiting.length >= filesInFlight) return
    const room = window - this.#waiting.length - this.#active.size
    if (room <= 0) return
    this.#mayBeDue = false
    if (await this.#take(room, clock.now())) return
    const due = await manifest.nextDue()
    if (due === undefined) return
    const wait = due - clock.now()
    // Nothing is ever put off by more than the longest wait: the wall clock was set back, and the file has waited enough.
    if (wait > retry.max) {
      await this.#take(room, due)
      this.#mayBeDue = true
    } else this.#lookIn(wait)
  }

  begin(): void {
    while (this.#active.size < this.options.filesInFlight) {
      const entry = this.#waiting.shift()
      if (entry === undefined) return
      const trying: Promise<void> = this.#try(entry).finally(() => {
        this.#active.delete(trying)
        this.#happen()
      })
      this.#active.add(trying)
    }
  }

  async settled(): Promise<void> {
    await Promise.all(this.#active)
  }

  /** Files that were claimed and never begun are as they were. */
  async putBack(): Promise<void> {
    const { manifest, clock } = this.options
    const at = clock.now()
    const why = 'the session ended before its turn'
    const back = this.#waiting.splice(0)
    await Promise.all(
      back.map(({ id, ambiguous }) => manifest.retry(id, { dueAt: at, ambiguous, blame: 'session', why, at })),
    )
  }

  cancelTimer(): void {
    this.options.clock.clearTimeout(this.#timer)
  }

  async #try(entry: FileEntry): Promise<void> {
    try {
      const fact = await tryFile(entry, this.#tryOptions)
      this.#facts.push(fact)
      // Its next try may be the first that is due.
      if (fact.type === 'file.failed' && fact.again) this.#mayBeDue = true
    } catch (error) {
      this.fail(
        error instanceof SftpUnknownOutcomeError
          ? new SftpConnectionLostError(this.options.server.address, error.message, { cause: error })
          : (error as Error),
      )
    }
  }

  /** Whether there was as much as there was room for, and so perhaps more. */
  async #take(room: number, now: EpochMs): Promise<boolean> {
    const claimed = await this.options.manifest.claim(room, now)
    this.#waiting.push(...claimed)
    if (claimed.length === room) this.#mayBeDue = true
    return claimed.length === room
  }

  #lookIn(wait: number): void {
    this.cancelTimer()
    this.#timer = this.options.clock.setTimeout(this.look, wait)
  }

  #happen(): void {
    this.#happened = true
    this.#wakeUp()
  }
}
