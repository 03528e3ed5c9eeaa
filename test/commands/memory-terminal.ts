import type { Signal, Terminal } from '../../src/commands/terminal/terminal.ts'

/** A terminal that nobody looks at: keeps what is said, and sends what signals it is told to. */
export class MemoryTerminal implements Terminal {
  readonly isInteractive = false
  said = ''
  complained = ''
  readonly #listeners: ((signal: Signal) => void)[] = []
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
  }

  signal(signal: Signal): void {
    for (const listener of this.#listeners) listener(signal)
  }

  /** Resolves as soon as something that has been said matches. */
  async heard(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.said)) await new Promise<void>((resolve) => (this.#tell = resolve))
  }
}
