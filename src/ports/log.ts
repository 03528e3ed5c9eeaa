/** One line a fact: `fact` is a constant sentence or dotted word to search for, what varies stands in `fields`. Never a secret in either. */
export interface Log {
  debug(fact: string, fields?: LogFields): void
  info(fact: string, fields?: LogFields): void
  warn(fact: string, fields?: LogFields): void
  error(fact: string, fields?: LogFields): void
  /** Written whatever level is configured, as `info`: no fault, but never to be missed, as who has stopped the line. */
  always(fact: string, fields?: LogFields): void
  /** The same log, each line with the path of the actor that says it: `root/cameras/dock-1`. */
  at(path: string): Log
}

export type LogFields = Readonly<Record<string, unknown>>

/** The log's sink, as its slot opens and closes it. */
export interface LogSink extends Log {
  /** Resolves when everything said so far has been handed to the operating system. */
  flush(): Promise<void>
  /** Lines that could not be written, since the start. */
  readonly linesDropped: number
}
