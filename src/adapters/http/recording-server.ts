import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { Access } from './access.ts'
import { addPage } from './compression.ts'
import { addGuards } from './guards.ts'
import { readPageFiles } from './page-files.ts'
import { lastPort } from './port-search.ts'
import { refuseUnread } from './raw-answer.ts'

export interface RecordingServerOptions {
  /** The first one tried; the next 50 follow. 0: any free one. */
  readonly port: number
  readonly pageFolder: string
  /** The recording's text. */
  readonly text: string
  /** Its name, for people. */
  readonly name: string
}

export interface RecordingServer {
  /** Where the page shows the recording. */
  readonly url: string
  close(): Promise<void>
}

const host = '127.0.0.1'

/** The page with one recording, for this machine only; nothing of it is live. */
export async function serveRecording(options: RecordingServerOptions): Promise<RecordingServer> {
  const page = await readPageFiles(options.pageFolder)
  const last = lastPort(options.port)
  for (let port = options.port; ; port++) {
    const app = fastify({ forceCloseConnections: true, bodyLimit: 1, clientErrorHandler: refuseUnread })
    // Without a log, on standard error.
    const tellBug = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error))
    const log = { warn: () => undefined }
    addGuards(app, new Access({ host, tokens: {}, failureDelayMs: 0, log }), log, tellBug)
    addPage(app, page)
    app.get('/api/recording', (_request, reply) => reply.type('application/jsonl; charset=utf-8').send(options.text))
    try {
      await app.listen({ host, port })
    } catch (error) {
      await app.close()
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE' && port < last) continue
      throw error
    }
    const taken = (app.server.address() as AddressInfo).port
    return {
      url: `http://${host}:${taken}/?recording=${encodeURIComponent(options.name)}`,
      close: () => app.close(),
    }
  }
}
