/** `SIGHUP`: to the daemon, that its configuration has changed; to a command in a terminal, that the terminal is gone. */
export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

/** Where a command speaks and what it hears: the process's streams and signals, or a test's. */
export interface Terminal {
  out(text: string): void
  err(text: string): void
  /** Whether `out` is a terminal that a person looks at. */
  readonly isInteractive: boolean
  /** Calls `listener` with each signal that has come and that comes from now on; what it means is the command's to say. */
  onSignal(listener: (signal: Signal) => void): void
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Relative paths on the command line begin here. */
  readonly folder: string
}

/** Whether words may be coloured: nobody has set NO_COLOR (https://no-color.org), and the terminal has colours. */
export const hasColour = ({ isInteractive, environment }: Terminal): boolean =>
  isInteractive && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb'

/** Characters in a line: of the terminal, 80 at least; `otherwise` where the words go elsewhere. */
export const widthOf = ({ isInteractive }: Terminal, otherwise: number): number =>
  isInteractive ? Math.max(80, process.stdout.columns) : otherwise
