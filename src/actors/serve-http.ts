import type { HttpListening } from '../machines/inspector-machine.ts'
import type { HttpServer } from '../ports/http-server.ts'
import { fromEvents } from './from-events.ts'
import type { Loose } from './loose.ts'

/** Binds, says `http.listening`, and serves until told to finish; fails when the address cannot be had. */
export const createServeHttp = (server: HttpServer, loose: Loose) =>
  fromEvents<HttpListening, undefined, undefined>(loose, async function* ({ signal, finish }) {
    try {
      const listening = await server.listen(signal)
      yield { type: 'http.listening', url: listening.url }
      const asked = new Promise<void>((resolve) => {
        if (finish.aborted) resolve()
        else finish.addEventListener('abort', () => resolve(), { once: true })
      })
      await Promise.race([asked, listening.closed])
      return undefined
    } finally {
      await server.close()
    }
  })
