/** Where a command speaks and what it hears: the process's streams and signals, or a test's. */
export interface Terminal {
  out(text: string): void
  err(text: string): void
  /** Whether `out` is a terminal that a person looks at. */
  readonly isInteractive: boolean
  /** Calls `listener` with each SIGINT and SIGTERM from now on. */
  onStopSignal(listener: (signal: 'SIGINT' | 'SIGTERM') => void): void
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Relative paths on the command line begin here. */
  readonly folder: string
}
