import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { createHttpServer, type HttpServerOptions } from '../../../src/adapters/http/http-server.ts'
import type { Looked } from '../../../src/domain/inspected-picture.ts'
import { epochMs, milliseconds } from '../../../src/domain/units.ts'
import { ActorTally } from '../../../src/inspection-feed/actor-tally.ts'
import { perState } from '../../../src/domain/file-state.ts'
import type { FileHistory, FileList, FileQuestion } from '../../../src/inspection-feed/file-protocol.ts'
import { createFeed } from '../../../src/inspection-feed/feed.ts'
import type { CommandAnswer, OperatorCommand } from '../../../src/inspection-feed/operator-commands.ts'
import { InspectBridge } from '../../../src/inspection-feed/inspect-bridge.ts'
import { createRecorder } from '../../../src/inspection-feed/recorder.ts'
import { RecordRing } from '../../../src/inspection-feed/record-ring.ts'
import type { DaemonState, FeedMessage, Readiness } from '../../../src/inspection-feed/protocol.ts'
import { Trends } from '../../../src/inspection-feed/trends.ts'
import type { Clock } from '../../../src/ports/clock.ts'
import { silentLog } from '../../fakes/noted-log.ts'
import { VirtualClock } from '../../fakes/virtual-clock.ts'
import { daemonState } from '../../inspection-feed/sample-state.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What the server shows, to be changed by the test. */
export interface Shown {
  state: DaemonState
  readiness: Readiness
  fault?: Error
  /** What was asked for so far, and what is answered. */
  readonly commands: (OperatorCommand & { by: string })[]
  answer: CommandAnswer
  /** Of each camera. */
  readonly inspected: Map<string, Looked>
  readonly questions: FileQuestion[]
  readonly files: FileList
  readonly histories: Map<number, FileHistory>
  filesFault?: Error
  trendsAsked: number
  /** Line by line. */
  recording: Iterable<string>
}

/** A bridge, and what it tells: all that is recorded. */
export function recordedBridge(clock: Clock) {
  const ring = new RecordRing()
  const bridge = new InspectBridge(ring)
  const record = createRecorder(clock, (made) => {
    ring.add(made)
    bridge.see(made)
  })
  return { bridge, record }
}

type SiteOptions = Partial<Omit<HttpServerOptions, 'shown'> & Pick<HttpServerOptions['shown'], 'inspect'>>

export async function startSite({ inspect, ...options }: SiteOptions = {}, clock: Clock = new VirtualClock()) {
  const shown: Shown = {
    state: daemonState(),
    readiness: { ready: true, reasons: [] },
    commands: [],
    questions: [],
    trendsAsked: 0,
    recording: ['{"type":"recording"}\n', '{"sequence":1}\n'],
    files: { files: [], more: false, counts: perState(() => 0) },
    histories: new Map(),
    answer: { done: true, words: 'It is done' },
    inspected: new Map(),
  }
  const trends = new Trends(clock, epochMs(clock.now()))
  const view = {
    state: () => {
      if (shown.fault !== undefined) throw shown.fault
      return shown.state
    },
    readiness: () => shown.readiness,
    tally: new ActorTally(),
    logLinesDropped: () => 0,
    heart: { stalls: 0, stalledFor: milliseconds(0), delay: milliseconds(0), memory: 3e8, memoryBudget: 1e9 },
    operate: async (command: OperatorCommand, by: string) => {
      shown.commands.push({ ...command, by })
      return shown.answer
    },
    lastInspected: (cameraId: string) => shown.inspected.get(cameraId) ?? ('unknown' as const),
    files: {
      list: async (question: FileQuestion) => {
        shown.questions.push(question)
        if (shown.filesFault !== undefined) throw shown.filesFault
        return shown.files
      },
      history: async (which: number | string) => {
        if (shown.filesFault !== undefined) throw shown.filesFault
        return typeof which === 'number'
          ? shown.histories.get(which)
          : [...shown.histories.values()].find(({ file }) => file.path === which)
      },
    },
    trends: (query: Readonly<Record<string, unknown>>) => {
      const answer = trends.ask(query)
      if (typeof answer !== 'string') shown.trendsAsked++
      return answer
    },
    recording: () => shown.recording,
  }
  const feed = createFeed({ state: view.state, clock, ring: new RecordRing() })
  const pageFolder = options.pageFolder ?? (await pageOnDisk())
  const server = createHttpServer({
    ...{ host: '127.0.0.1', port: 0, shown: { ...view, feed, inspect: inspect ?? recordedBridge(clock).bridge } },
    log: silentLog,
    ...options,
    limits: { failureDelayMs: 0, ...options.limits },
    pageFolder,
  })
  const controller = new AbortController()
  const listening = await server.listen(controller.signal)
  onTestFinished(() => server.close())
  const { port } = listening

  return {
    ...listening,
    shown,
    server,
    controller,
    clock,
    /** Sends `path` as it is, where `fetch` would tidy it up first. */
    get: (path: string, headers: Record<string, string> = {}, method = 'GET') => send(port, path, headers, method),
    post: (path: string, body: string, headers: Record<string, string> = {}) =>
      send(port, path, { 'content-type': 'application/json', ...headers }, 'POST', body),
    connect: (path = '/feed', headers: Record<string, string> = {}) => connect(port, path, headers),
  }
}

async function send(
  port: number,
  path: string,
  headers: Record<string, string>,
  method: string,
  content?: string,
): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false })
  sent.end(content)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  let body = ''
  for await (const chunk of response) body += String(chunk)
  return { status: response.statusCode ?? 0, headers: response.headers, body }
}

/** A client of the feed: its messages in order, and how it ended. */
export function connect(port: number, path: string, headers: Record<string, string>) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers })
  const messages: FeedMessage[] = []
  let arrived = (): void => {}
  socket.on('message', (data: Buffer) => {
    messages.push(JSON.parse(data.toString('utf8')) as FeedMessage)
    arrived()
  })
  onTestFinished(() => socket.terminate())
  const refused = new Promise<number>((resolve) =>
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0)),
  )
  const closed = new Promise<number>((resolve) => socket.on('close', (code) => resolve(code)))
  socket.on('error', () => {})
  return {
    socket,
    messages,
    opened: new Promise<void>((resolve) => socket.on('open', () => resolve())),
    /** The status with which the upgrade was turned away. */
    refused,
    /** The close code. */
    closed,
    async until(count: number): Promise<FeedMessage[]> {
      while (messages.length < count) await new Promise<void>((resolve) => (arrived = resolve))
      return messages
    },
  }
}

async function pageOnDisk(): Promise<string> {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Belay</title>')
  await writeFile(join(folder, 'assets/page-abc.js'), 'export {}')
  await writeFile(join(folder, 'notes.txt'), 'not of the page')
  return folder
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'belay-http-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
