import type { Terminal } from '../../src/commands/terminal.ts'

/** A terminal that nobody looks at: keeps what is said, and sends what signals it is told to. */
export class MemoryTerminal implements Terminal {
  readonly isInteractive = false
  said = ''
  complained = ''
  readonly #listeners: ((signal: 'SIGINT' | 'SIGTERM') => void)[] = []
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
  onStopSignal = (listener: (signal: 'SIGINT' | 'SIGTERM') => void): void => {
    this.#listeners.push(listener)
  }

  signal(signal: 'SIGINT' | 'SIGTERM'): void {
    for (const listener of this.#listeners) listener(signal)
  }

  /** Resolves as soon as something that has been said matches. */
  async heard(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.said)) await new Promise<void>((resolve) => (this.#tell = resolve))
  }
}
