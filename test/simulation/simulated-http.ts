import { HttpBindError, HttpPortTakenError } from '../../src/domain/http-errors.ts'
import type { HttpServer, Listening } from '../../src/ports/http-server.ts'
import { breaks, fails, type HeldCalls, hangs } from './held-calls.ts'

const binding = [
  fails('port taken', () => new HttpPortTakenError('127.0.0.1', 5000)),
  hangs,
  fails('no address', () => new HttpBindError('127.0.0.1', 5000, 'EADDRNOTAVAIL')),
  breaks,
]

/** The page's server of one process. */
export class SimulatedHttpServer implements HttpServer {
  isListening = false
  #sayClosed: () => void = () => undefined

  constructor(private readonly calls: HeldCalls) {}

  listen(signal: AbortSignal): Promise<Listening> {
    return this.calls.hold({
      name: 'http.listen',
      detail: '127.0.0.1:5000',
      faults: binding,
      signal,
      work: () => {
        this.isListening = true
        signal.addEventListener('abort', () => this.#closed(), { once: true })
        const closed = new Promise<void>((resolve) => (this.#sayClosed = resolve))
        return { url: 'http://127.0.0.1:5000', port: 5000, closed }
      },
    })
  }

  async close(): Promise<void> {
    if (!this.isListening) return
    await this.calls.hold({ name: 'http.close', detail: '', faults: [hangs], work: () => undefined })
    this.#closed()
  }

  #closed(): void {
    this.isListening = false
    this.#sayClosed()
  }
}
