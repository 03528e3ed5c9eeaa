import {
  SftpAuthenticationError,
  SftpHostKeyError,
  SftpStatusError,
  SftpUnknownOutcomeError,
  SftpUnreachableError,
} from '../../src/domain/delivery-errors.ts'
import { seconds } from '../../src/domain/units.ts'
import type { Clock, TimerHandle } from '../../src/ports/clock.ts'
import type { SftpConnector, SftpHandle, SftpSession } from '../../src/ports/sftp-session.ts'
import { MemorySftpServer } from '../fakes/memory-sftp.ts'
import { breaks, type Fault, fails, type HeldCall, type HeldCalls, hangs } from './held-calls.ts'
import { RefusedFiles } from './refused-files.ts'
import { Strangers } from './strangers.ts'

const connectTimeout = seconds(10)
/** After this long without an answer a request has failed, and its connection with it. */
const operationTimeout = seconds(20)

/** The server as the world has it: it outlives the daemon's processes. */
export class SimulatedSite {
  readonly server = new MemorySftpServer()
  readonly strangers = new Strangers(this.server)
  readonly refusedFiles = new RefusedFiles()
  /** Requests that are still on their way although their connection is gone; they may be carried out at any time. */
  readonly late: (() => Promise<unknown>)[] = []
  /** Files that we were not let open to look at. */
  readonly closed = new Set<string>()
  isUp = true
  /** It lets nobody in: a password has expired. */
  refuses = false
  /** It stores half of what each write brings, and says that all is well: so do servers whose disk is full. */
  storesHalf = false
  /** It ends no connection by itself: we let go of it after so many milliseconds. */
  endsAfter = 0
  /** What becomes of a request whose connection goes: nothing, it was carried out, or it will be. */
  fateOfCut: () => 'lost' | 'done' | 'late' = () => 'lost'
  /** Its power goes, and comes back; nobody is connected any more. */
  losePower: () => void = () => undefined
  /** Something has changed under this name. */
  onChanged: (path: string) => void = () => undefined
}

const status = (code: SftpStatusError['status']): Fault =>
  fails(code, ({ name, detail }) => new SftpStatusError(name.slice('sftp.'.length), detail, code, 'told to'))

const connecting: readonly Fault[] = [
  fails('unreachable', () => new SftpUnreachableError('simulated', 'connection refused')),
  fails('other host key', () => new SftpHostKeyError('simulated', 'SHA256:a', 'SHA256:b')),
  fails('login refused', () => new SftpAuthenticationError('simulated', 'belay')),
  hangs,
  breaks,
]

/** The server as one process reaches it: every request waits for the director. */
export class SimulatedServer implements SftpConnector {
  readonly address = 'belay@simulated:22'
  readonly #sessions = new Set<Session>()

  constructor(
    private readonly site: SimulatedSite,
    private readonly calls: HeldCalls,
    private readonly clock: Clock,
  ) {}

  get openSessions(): number {
    return this.#sessions.size
  }

  async connect(signal: AbortSignal): Promise<SftpSession> {
    const attempt = new AbortController()
    const giveUp = (): void => attempt.abort(signal.reason)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp)
    const timer = this.clock.setTimeout(
      () => attempt.abort(new SftpUnreachableError('simulated', 'no answer in time')),
      connectTimeout,
    )
    try {
      const inner = await this.calls.hold({
        name: 'sftp.connect',
        detail: this.address,
        faults: connecting,
        signal: attempt.signal,
        work: () => {
          if (!this.site.isUp) throw new SftpUnreachableError('simulated', 'the link is down')
          if (this.site.refuses) throw new SftpAuthenticationError('simulated', 'belay')
          return this.site.server.connect(attempt.signal)
        },
      })
      const session = new Session(inner, this, this.site, this.calls, this.clock)
      this.#sessions.add(session)
      void session.closed.then(() => this.#sessions.delete(session))
      return session
    } finally {
      this.clock.clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
    }
  }

  /** The connections go, and nobody knows what became of what was under way. */
  cut(why: string): void {
    for (const session of this.#sessions) session.cut(why)
  }

  losePower(): void {
    this.cut('the server lost its power')
    this.site.losePower()
  }
}

class Session implements SftpSession {
  readonly closed: Promise<string>
  readonly maxWriteBytes: number
  readonly #underWay = new Set<HeldCall>()
  /** Handles stand for files by their path, which the server tells nobody. */
  readonly #paths = new Map<SftpHandle, string>()
  #lost: string | undefined
  #sayClosed: (why: string) => void = () => undefined
  readonly #answering: readonly Fault[]
  readonly #patience: TimerHandle[] = []

  constructor(
    private readonly inner: SftpSession,
    server: SimulatedServer,
    private readonly site: SimulatedSite,
    private readonly calls: HeldCalls,
    private readonly clock: Clock,
  ) {
    this.closed = new Promise((resolve) => (this.#sayClosed = resolve))
    this.maxWriteBytes = inner.maxWriteBytes
    this.#answering = [
      { name: 'cut', strike: () => this.cut('the cable was pulled') },
      status('failure'),
      status('no-space'),
      // The one that came is among those that are cut.
      {
        name: 'no answer',
        strike: () => this.#patience.push(clock.setTimeout(() => this.cut('no answer in time'), operationTimeout)),
      },
      status('permission-denied'),
      breaks,
      { name: 'server power cut', strike: () => server.losePower() },
    ]
  }

  open = async (path: string, mode: 'r' | 'w' | 'wx'): Promise<SftpHandle> => {
    const handle = await this.#request('open', path, (session) => session.open(path, mode), mode !== 'r').catch(
      (error: unknown) => {
        if (error instanceof SftpStatusError && error.status === 'permission-denied') this.site.closed.add(path)
        throw error
      },
    )
    this.#paths.set(handle, path)
    return handle
  }

  write = (handle: SftpHandle, bytes: Uint8Array, position: number): Promise<void> => {
    const taken = bytes.slice()
    const work = (session: SftpSession): Promise<void> =>
      session.write(handle, this.site.storesHalf ? taken.subarray(0, taken.length >> 1) : taken, position)
    return this.#request('write', this.#pathOf(handle), work, true)
  }

  read = (handle: SftpHandle, into: Uint8Array, position: number): Promise<number> =>
    this.#request('read', this.#pathOf(handle), (session) => session.read(handle, into, position))

  fsync = (handle: SftpHandle): Promise<boolean> =>
    this.#request('fsync', this.#pathOf(handle), (session) => session.fsync(handle))

  fstat = (handle: SftpHandle) => this.#request('fstat', this.#pathOf(handle), (session) => session.fstat(handle))

  close = (handle: SftpHandle): Promise<void> =>
    this.#request('close', this.#pathOf(handle), (session) => session.close(handle))

  stat = (path: string) => this.#request('stat', path, (session) => session.stat(path))

  rename = (from: string, to: string): Promise<void> => {
    const work = (session: SftpSession): Promise<void> => {
      if (this.site.refusedFiles.has(to)) throw new SftpStatusError('rename', to, 'permission-denied', 'told to')
      return session.rename(from, to)
    }
    return this.#request('rename', to, work, true)
  }

  unlink = (path: string): Promise<void> => this.#request('unlink', path, (session) => session.unlink(path), true)

  mkdir = (path: string): Promise<void> => this.#request('mkdir', path, (session) => session.mkdir(path), true)

  rmdir = (path: string): Promise<void> => this.#request('rmdir', path, (session) => session.rmdir(path), true)

  readdir = (path: string) => this.#request('readdir', path, (session) => session.readdir(path))

  room = (path: string) => this.#request('room', path, (session) => session.room(path))

  async end(): Promise<void> {
    const { endsAfter } = this.site
    if (endsAfter > 0) await new Promise<void>((resolve) => void this.clock.setTimeout(resolve, endsAfter))
    this.cut('the session was ended')
  }

  cut(why: string): void {
    if (this.#lost !== undefined) return
    this.#lost = why
    for (const timer of this.#patience) this.clock.clearTimeout(timer)
    for (const call of this.#underWay) {
      const fate = this.site.fateOfCut()
      if (fate === 'done') void call.carryOut().catch(() => undefined)
      if (fate === 'late') this.site.late.push(call.carryOut)
      const waiting = this.calls.waiting.indexOf(call)
      if (waiting >= 0) this.calls.waiting.splice(waiting, 1)
      call.reject(this.#noAnswer(call.name.slice('sftp.'.length), call.detail))
    }
    this.#underWay.clear()
    this.#sayClosed(why)
  }

  async #request<Answer>(
    name: string,
    path: string,
    work: (session: SftpSession) => Promise<Answer>,
    changes = false,
  ): Promise<Answer> {
    if (this.#lost !== undefined) throw this.#noAnswer(name, path)
    const before = this.calls.waiting.length
    const answered = this.calls.hold({
      name: `sftp.${name}`,
      detail: path,
      faults: this.#answering,
      work: async () => {
        const answer = await work(this.inner)
        if (changes) this.site.onChanged(path)
        return answer
      },
    })
    const call = this.calls.waiting[before] as HeldCall
    this.#underWay.add(call)
    try {
      return await answered
    } finally {
      this.#underWay.delete(call)
    }
  }

  #pathOf(handle: SftpHandle): string {
    return this.#paths.get(handle) ?? 'a handle of another session'
  }

  #noAnswer(name: string, path: string): SftpUnknownOutcomeError {
    return new SftpUnknownOutcomeError(name, path, this.#lost ?? 'no answer')
  }
}
