import { HttpBindError, HttpPortTakenError } from '../../src/domain/http-errors.ts'
import type { HttpServer, Listening } from '../../src/ports/http-server.ts'
import { breaks, fails, failsThoughDone, type HeldCalls, hangs, SimulatedBug } from './held-calls.ts'

const portTaken = (): Error => new HttpPortTakenError('127.0.0.1', 5000)
const noAddress = (): Error => new HttpBindError('127.0.0.1', 5000, 'EADDRNOTAVAIL')
const binding = [
  fails('port taken', portTaken),
  hangs,
  fails('no address', noAddress),
  breaks,
  // It has its port, and whoever asked is to let it go again.
  failsThoughDone('no address, though it listens', noAddress),
]
const closing = [hangs, failsThoughDone('breaks, though closed', () => new SimulatedBug('a bug in http.close'))]

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
        if (this.isListening) throw portTaken()
        this.isListening = true
        signal.addEventListener('abort', () => this.#closed(), { once: true })
        const closed = new Promise<void>((resolve) => (this.#sayClosed = resolve))
        return { url: 'http://127.0.0.1:5000', port: 5000, closed }
      },
    })
  }

  async close(): Promise<void> {
    if (!this.isListening) return
    await this.calls.hold({ name: 'http.close', detail: '', faults: closing, work: () => this.#closed() })
  }

  #closed(): void {
    this.isListening = false
    this.#sayClosed()
  }
}
