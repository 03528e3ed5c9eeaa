import type { Signal } from './terminal.ts'

/** The signals of this process. Those that come before somebody listens are kept; a terminal that is lost is told once. */
export class Signals {
  readonly #early: Signal[] = []
  #hear = (signal: Signal): void => void this.#early.push(signal)
  #isHungUp = false
  #isUnread = false

  /** The process was sent it. */
  came(signal: Signal): void {
    if (signal === 'SIGHUP' && this.#isUnread) return
    if (signal === 'SIGHUP') this.#isHungUp = true
    this.#hear(signal)
  }

  /** Whoever read our words is gone: a signal to end. A SIGHUP that came first has said so already, and a second signal would cut short what the first began. */
  unread(): void {
    const isKnown = this.#isHungUp || this.#isUnread
    this.#isUnread = true
    if (!isKnown) this.#hear('SIGTERM')
  }

  listen(listener: (signal: Signal) => void): void {
    this.#hear = listener
    for (const signal of this.#early.splice(0)) listener(signal)
  }
}
