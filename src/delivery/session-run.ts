import { SftpConnectionLostError, SftpUnknownOutcomeError } from '../domain/delivery-errors.ts'
import type { FileEntry } from '../ports/manifest.ts'
import { fileWords } from '../domain/sealed-file.ts'
import type { SftpSession } from '../ports/sftp-session.ts'
import type { EpochMs } from '../domain/units.ts'
import { Buffers } from './buffers.ts'
import type { DeliverDueOptions, DeliveryFact } from './deliver-due-options.ts'
import { ignoreRefusal } from './ignore-refusal.ts'
import { below } from './remote-names.ts'
import { RemoteFolders } from './remote-folders.ts'
import { RemoteRoom } from './remote-room.ts'
import { removeDelivered } from './remove-delivered.ts'
import { TemporarySweep } from './sweep-temporaries.ts'
import { sameTurn, tryFile, type TryFileOptions } from './try-file.ts'

/** The files in hand of one session. */
export class SessionRun {
  /** The first thing that went wrong with the session itself, or a bug. */
  failure: Error | undefined
  /** Claimed, and not begun. */
  #waiting: FileEntry[] = []
  readonly #active = new Set<Promise<void>>()
  /** Of the active ones those that have not arrived; the others wait for the manifest alone. */
  readonly #inFlight = new Set<FileEntry>()
  /** What no file waits for. */
  readonly #asides = new Set<Promise<void>>()
  readonly #facts: DeliveryFact[] = []
  readonly #tryOptions: TryFileOptions
  /** Something may be due that was not when the manifest was last asked. */
  #mayBeDue = true
  #happened = false
  #wakeUp: () => void = () => undefined
  #timer: unknown
  #probeTimer: unknown
  #probing: Promise<void> | undefined
  #isOver = false

  constructor(
    private readonly session: SftpSession,
    private readonly options: DeliverDueOptions,
  ) {
    const folders = new RemoteFolders(session)
    const room = new RemoteRoom(session, options.names, options.roomFor)
    const { manifest, names, clock } = options
    const sweep = new TemporarySweep(session, manifest, names, clock, this.#aside)
    options.atOnce.begin(options.filesInFlight, options.roomFor > 0)
    this.#tryOptions = {
      ...{ ...options, session, folders, room, sweep, buffers: new Buffers(session.maxWriteBytes) },
      syncsName: options.keepFor !== 'forever',
      shown: new Set(),
      target: `${options.server.address} ${below(options.names.folder, '')}`,
      onReleased: (fact) => void this.#facts.push(fact),
      onNotOpened: () => {
        if (this.#inFlight.size > 1) options.atOnce.notOpened()
      },
    }
  }

  /** Look at the manifest again. */
  readonly look = (): void => {
    this.#mayBeDue = true
    this.#happen()
  }

  fail(failure: Error): void {
    if (this.failure === undefined && failure instanceof SftpConnectionLostError && this.#inFlight.size > 0)
      this.options.atOnce.lost()
    this.failure ??= failure
    this.#happen()
  }

  /** Nothing in hand, and nothing due when last looked. */
  get isIdle(): boolean {
    return this.#active.size === 0 && this.#waiting.length === 0 && !this.#mayBeDue && this.#facts.length === 0
  }

  *told(): Generator<DeliveryFact, void> {
    for (let fact = this.#facts.shift(); fact !== undefined; fact = this.#facts.shift()) yield fact
  }

  /** Again and again, until the session ends. */
  probeLater(): void {
    const { clock, probeEvery, signal } = this.options
    const probe = (): void => {
      if (this.failure !== undefined || signal.aborted) return
      // Somebody may have told a file to be sent again, from another process.
      this.look()
      // One after the other: to look at all that was kept long enough may take longer than until the next.
      this.#probing ??= this.#guarded(() => this.#probe()).finally(() => (this.#probing = undefined))
      this.probeLater()
    }
    this.#probeTimer = clock.setTimeout(probe, probeEvery)
  }

  /** Resolves at once if something has happened since the last call. */
  async somethingHappened(): Promise<void> {
    if (!this.#happened) await new Promise<void>((resolve) => (this.#wakeUp = resolve))
    this.#happened = false
  }

  /** @throws {RemoteFullError} nothing that is due fits, and nothing is in hand. */
  async claim(): Promise<void> {
    const { manifest, clock, window, filesInFlight, retry } = this.options
    if (!this.#mayBeDue || this.#waiting.length >= filesInFlight) return
    // By the window, not one by one: each claim is a commit. While a full server is tried, what one file finds is for all the others.
    const turns = (): number => (this.options.atOnce.areTried ? 1 : window) - this.#waiting.length - this.#active.size
    if (turns() <= 0) return
    this.#mayBeDue = false
    const at = clock.now()
    const longest = await this.#tryOptions.room.longest()
    if (await this.#take(turns(), at, longest)) return
    const due = await manifest.nextDue()
    if (due === undefined) return
    const now = clock.now()
    if (due <= at && longest < Infinity) await this.#takeLonger(now)
    // Nothing is ever put off by more than the longest wait: the wall clock was set back, and the file has waited enough.
    else if (due - now > retry.max) {
      await this.#take(turns(), due, longest)
      this.#mayBeDue = true
    } else this.#lookIn(due - now)
  }

  /** As many as may be in flight, and from then on another whenever one has arrived or failed, also while the manifest is asked. */
  begin(): void {
    if (this.failure !== undefined || this.options.signal.aborted || this.#isOver) return
    while (this.#inFlight.size < this.options.atOnce.most) {
      const entry = this.#waiting.shift()
      if (entry === undefined) return
      const trying: Promise<void> = this.#try(entry).finally(() => {
        this.#active.delete(trying)
        this.begin()
        this.#happen()
      })
      this.#active.add(trying)
    }
  }

  /** The files in hand; what no file waits for goes on. */
  async filesSettled(): Promise<void> {
    await Promise.all(this.#active)
  }

  /** Everything. Only the session's end is sure to cut short what no file waits for. */
  async settled(): Promise<void> {
    await Promise.all([...this.#active, ...this.#asides, this.#probing])
  }

  /** Files that were claimed and never begun are as they were, if the manifest takes them; the next session asks it for what is left. */
  async putBack(): Promise<void> {
    const { manifest, clock } = this.options
    const at = clock.now()
    const why = 'the session ended before its turn'
    const back = this.#waiting.splice(0)
    await Promise.all(
      back.map((entry) =>
        this.#guarded(async () => {
          const { id, ambiguous } = entry
          await manifest.retry(id, { dueAt: sameTurn(entry, at), ambiguous, blame: 'session', why, at })
          this.#facts.push({ type: 'file.released', ...fileWords(entry), why, dueAt: at })
        }),
      ),
    )
  }

  /** No timer is set any more. */
  stopTimers(): void {
    this.#isOver = true
    this.options.clock.clearTimeout(this.#timer)
    this.options.clock.clearTimeout(this.#probeTimer)
  }

  async #try(entry: FileEntry): Promise<void> {
    this.#inFlight.add(entry)
    const onArrived = (): void => {
      this.#tryOptions.room.arrived(entry)
      this.#inFlight.delete(entry)
      this.options.atOnce.arrived()
      this.begin()
    }
    await this.#guarded(async () => {
      const fact = await tryFile(entry, this.#tryOptions, onArrived)
      this.#facts.push(fact)
      // Its next try may be the first that is due.
      if (fact.type === 'file.failed' && fact.again) this.#mayBeDue = true
    })
    this.#inFlight.delete(entry)
  }

  async #probe(): Promise<void> {
    const { names, keepFor, removals, finish } = this.options
    // Whatever it says, it answers.
    await this.session.stat(names.folder).catch(ignoreRefusal)
    await this.#tryOptions.sweep.again()
    if (keepFor === 'forever' || finish.aborted) return
    await removeDelivered({ ...this.#tryOptions, keepFor, removals }, (fact) => {
      this.#facts.push(fact)
      this.#happen()
    })
  }

  readonly #aside = (work: () => Promise<void>): void => {
    const working: Promise<void> = this.#guarded(work).finally(() => this.#asides.delete(working))
    this.#asides.add(working)
  }

  /** What goes wrong with the session, or by a bug of ours, ends it. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.fail(
        error instanceof SftpUnknownOutcomeError
          ? new SftpConnectionLostError(this.options.server.address, error.message, { cause: error })
          : (error as Error),
      )
    }
  }

  /** What is due does not fit, as far as is known. */
  async #takeLonger(dueBy: EpochMs): Promise<void> {
    if (this.#active.size + this.#waiting.length > 0) {
      this.#mayBeDue = true
      return
    }
    this.#tryOptions.room.expectMore()
    await this.#take(1, dueBy)
  }

  /** Whether there were as many as were asked for, and so perhaps more. */
  async #take(limit: number, dueBy: EpochMs, longest?: number): Promise<boolean> {
    const { manifest, clock } = this.options
    const claimed = await manifest.claim(limit, clock.now(), dueBy, longest)
    this.#waiting.push(...claimed)
    for (const entry of claimed) this.#facts.push({ type: 'file.claimed', ...fileWords(entry) })
    if (claimed.length > 0) this.#happen()
    if (claimed.length === limit) this.#mayBeDue = true
    return claimed.length === limit
  }

  #lookIn(wait: number): void {
    this.options.clock.clearTimeout(this.#timer)
    this.#timer = this.options.clock.setTimeout(this.look, wait)
  }

  #happen(): void {
    this.#happened = true
    this.#wakeUp()
  }
}
