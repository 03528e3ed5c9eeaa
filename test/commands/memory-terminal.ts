import type { Signal, Terminal } from '../../src/commands/terminal/terminal.ts'

/** A terminal that nobody looks at: keeps what is said, and sends what signals it is told to. */
export class MemoryTerminal implements Terminal {
  readonly isInteractive = false
  said = ''
  complained = ''
  readonly #listeners: ((signal: Signal) => void)[] = []
  readonly #early: Signal[] = []
  #tell: () => void = () => undefined

  constructor(
    readonly folder = '/',
    readonly environment: Readonly<Record<string, string | undefined>> = {},
  ) {}

  out = (text: string): void => {
    this.said += text
    this.#tell()
  }
  err = (text: string): void => {
    this.complained += text
  }
  onSignal = (listener: (signal: Signal) => void): void => {
    this.#listeners.push(listener)
    for (const signal of this.#early.splice(0)) listener(signal)
  }

  /** Nobody listens yet: it is kept, as by the real one. */
  signal(signal: Signal): void {
    if (this.#listeners.length === 0) this.#early.push(signal)
    for (const listener of this.#listeners) listener(signal)
  }

  /** Resolves as soon as something that has been said matches. */
  async heard(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.said)) await new Promise<void>((resolve) => (this.#tell = resolve))
  }
}
