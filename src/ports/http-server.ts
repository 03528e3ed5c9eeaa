/** Serves the page, the figures and the live feed. */
export interface HttpServer {
  /**
   * Takes the address and serves until `close`, or until `signal` aborts, which closes it as well. May be called again once closed.
   *
   * @throws {HttpPortTakenError} another program has the port.
   * @throws {HttpBindError} the address cannot be had for another reason.
   * @throws {signal.reason} `signal` aborted first; nothing is listening.
   */
  listen(signal: AbortSignal): Promise<Listening>
  /** Ends every connection, the feeds with a close message, and resolves when all are gone: within a second. */
  close(): Promise<void>
}

export interface Listening {
  /** For people: `http://127.0.0.1:5000`. */
  readonly url: string
  readonly port: number
  /** Resolves when it has closed; rejects if what it shows throws, which is a bug: then `close` it. Always to be awaited. */
  readonly closed: Promise<void>
}
