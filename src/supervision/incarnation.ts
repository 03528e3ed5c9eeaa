import type { SupervisorClock } from './supervisor-clock.ts'
import { longestTimer, type Ms } from './spec.ts'

/** One life of a child: what it is called, and what has to be let go when it ends. */
export interface Incarnation {
  readonly id: string
  /** The ids from the root down, separated by slashes. */
  readonly path: string
  /** Counts the lives of this child; it never comes again for an id. */
  readonly epoch: number
  /** Aborts when the child is cut off, and in any case once it has ended. */
  readonly signal: AbortSignal
  /**
   * Registers what is to be done when this life is over. Disposers run in reverse order, each for at most `deadline`
   * (1,000 ms; `Infinity`: as long as it takes); the next life begins after the last. One that is registered while they
   * run is the next of them; one that is registered after that runs at once.
   */
  defer(dispose: () => void | PromiseLike<void>, deadline?: Ms): void
  /** Says that it is ready, for logic that has no tag `ready` and emits no `ready` event. */
  ready(): void
  /** Says that it is getting on with draining, as a `progress` event does. */
  progress(): void
}

/** A disposer that did not finish in time. What it was to let go may still be held. */
export class DisposerTimeoutError extends Error {
  readonly code = 'supervision.disposer_timeout'

  constructor(
    readonly path: string,
    readonly deadline: Ms,
  ) {
    super(`a disposer of ${path} did not finish within ${deadline} ms; what it was to let go may still be held`)
  }

  override get name(): string {
    return 'DisposerTimeoutError'
  }
}

export interface IncarnationHost {
  readonly clock: SupervisorClock
  /** Until when disposers are waited for, monotonic, whatever time they have of their own. */
  readonly disposersEnd: Ms
  onReady(): void
  onProgress(): void
  /** A disposer failed; the others still run. */
  onFault(error: unknown): void
}

interface Disposer {
  readonly dispose: () => void | PromiseLike<void>
  readonly deadline: Ms
}

export class Life implements Incarnation {
  #controller: AbortController | undefined
  #over = false
  #disposing = false
  /** Made when asked for, too. */
  #disposers: Disposer[] | undefined
  /** Sets the timer of the disposer that is waited for. */
  #setTimer: (() => void) | undefined

  constructor(
    readonly id: string,
    readonly path: string,
    readonly epoch: number,
    private readonly host: IncarnationHost,
  ) {}

  /** Made when asked for: most children of a large group never do. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#over) this.#controller.abort()
    }
    return this.#controller.signal
  }

  defer(dispose: () => void | PromiseLike<void>, deadline: Ms = 1_000): void {
    this.#disposers ??= []
    this.#disposers.push({ dispose, deadline })
    if (this.#over && !this.#disposing) this.#disposeNext(() => {})
  }

  ready(): void {
    if (!this.#over) this.host.onReady()
  }

  progress(): void {
    if (!this.#over) this.host.onProgress()
  }

  /** Aborts the signal and runs the disposers; calls `done` at once if none of them has to be waited for. */
  end(done: () => void): void {
    this.#over = true
    this.#controller?.abort()
    this.#disposeNext(done)
  }

  /** `disposersEnd` has come nearer. */
  hurry(): void {
    this.#setTimer?.()
  }

  #disposeNext(done: () => void): void {
    this.#disposing = true
    for (let next = this.#disposers?.pop(); next !== undefined; next = this.#disposers?.pop()) {
      try {
        const disposed = next.dispose()
        if (isPromise(disposed))
          return this.#wait(Promise.resolve(disposed), next.deadline, () => this.#disposeNext(done))
      } catch (error) {
        this.host.onFault(error)
      }
    }
    this.#disposing = false
    done()
  }

  #wait(disposed: Promise<void>, deadline: Ms, then: () => void): void {
    const { host } = this
    const { clock } = host
    const began = clock.monotonic()
    let timer: unknown
    const goOn = (fault?: { error: unknown }) => {
      if (this.#setTimer !== setTimer) return
      this.#setTimer = undefined
      clock.clearTimeout(timer)
      if (fault !== undefined) host.onFault(fault.error)
      then()
    }
    const setTimer = (now = clock.monotonic()) => {
      clock.clearTimeout(timer)
      const time = Math.max(0, Math.min(deadline, host.disposersEnd - began))
      if (time === Infinity) return
      const giveUp = () => goOn({ error: new DisposerTimeoutError(this.path, Math.round(time)) })
      timer = clock.setTimeout(giveUp, Math.min(time - (now - began), longestTimer))
    }
    this.#setTimer = setTimer
    setTimer(began)
    disposed.then(
      () => goOn(),
      (error: unknown) => goOn({ error }),
    )
  }
}

/** Of whatever realm or library. */
const isPromise = (value: void | PromiseLike<void>): value is PromiseLike<void> =>
  typeof (value as Partial<PromiseLike<void>> | null | undefined)?.then === 'function'
