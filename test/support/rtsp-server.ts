import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { h264 } from './h264.ts'
import { lastingPort } from './lasting-port.ts'
import { accessUnits, rtpPackets, type VideoCodec } from './video-codec.ts'

export interface RtspServerOptions {
  /** Annex-B, without B-frames: pictures are sent in the order of the file, round and round. */
  readonly file: string
  /** Of the file; H.264 if not given. */
  readonly codec?: VideoCodec
  /** The picture of the file with which each client's stream begins; 0 if not given. */
  readonly firstPicture?: number
  readonly fps: number
  /** With both, clients have to authenticate (Digest, MD5). */
  readonly user?: string
  readonly password?: string
  /** What it says to every request of this method, instead of what it would. */
  readonly refusal?: { readonly method: string; readonly status: string }
  /** Where `DESCRIBE` of every path is sent; none if not given. */
  readonly moved?: (path: string) => string | undefined
}

/** A camera for tests: RTP over TCP, one stream at `/stream`; every other path is answered with 404. */
export interface RtspServer {
  /** Without user name and password. */
  readonly url: string
  readonly port: number
  /** Connections that are open. */
  readonly clients: number
  /** Connections since the start. */
  readonly connections: number
  /** Pictures that have been sent, to all clients together. */
  readonly sent: number
  /** Addresses that clients have asked for. */
  readonly asked: readonly string[]
  /** Ends every connection; new ones are welcome. */
  drop(): void
  /** Sends no more pictures; connections stay open. */
  stall(): void
  resume(): void
  /** While true nothing listens on the port. */
  refuse(on: boolean): Promise<void>
  /** While true every slice that is sent is garbage. */
  corrupt(on: boolean): void
  close(): Promise<void>
}

const realm = 'belay test camera'
const nonce = '0123456789abcdef'
const clockRate = 90_000

export async function startRtspServer(options: RtspServerOptions): Promise<RtspServer> {
  const { codec = h264, firstPicture = 0 } = options
  const units = accessUnits(readFileSync(options.file), codec)
  const sdp = describe(codec, units)
  const sockets = new Set<Socket>()
  const asked: string[] = []
  let stalled = false
  let corrupt = false
  let connections = 0
  let sent = 0

  const serve = (socket: Socket): void => {
    connections++
    sockets.add(socket)
    socket.setNoDelay(true)
    const sender = createSender()
    socket.on('close', () => {
      sender.stop()
      sockets.delete(socket)
    })
    socket.on('error', () => socket.destroy()) // a client that resets its connection has left
    eachRequest(socket, (request) => {
      asked.push(request.url)
      const reply = answer(request, options, sdp)
      socket.write(reply)
      if (request.method === 'PLAY' && reply.startsWith('RTSP/1.0 200')) sender.start(socket)
      if (request.method === 'TEARDOWN') socket.end()
    })
  }

  /** One client's stream. */
  const createSender = () => {
    let timer: NodeJS.Timeout | undefined
    let picture = firstPicture
    let sequence = 0
    const send = (socket: Socket): void => {
      const unit = units[picture % units.length]
      // A client that doesn't read gets nothing more, rather than a queue without end.
      if (stalled || unit === undefined || socket.writableLength > 1_000_000) return
      const nals = corrupt ? unit.map((nal) => (codec.isSlice(nal) ? garbled(nal) : nal)) : unit
      const packets = rtpPackets(
        nals.flatMap((nal) => codec.payloads(nal)),
        sequence,
        Math.round((picture * clockRate) / options.fps),
        0x62656c61,
      )
      for (const packet of packets) socket.write(packet)
      sequence += packets.length
      picture++
      sent++
    }
    return {
      start: (socket: Socket) => (timer ??= setInterval(() => send(socket), 1000 / options.fps)),
      stop: () => clearInterval(timer),
    }
  }

  const dropAll = (): void => sockets.forEach((socket) => socket.destroy())
  const port = await lastingPort()
  let server = await listen(serve, port)
  const stopListening = async (): Promise<void> => {
    if (!server.listening) return
    server.close()
    dropAll()
    await once(server, 'close')
  }
  return {
    url: `rtsp://127.0.0.1:${port}/stream`,
    port,
    asked,
    get clients() {
      return sockets.size
    },
    get connections() {
      return connections
    },
    get sent() {
      return sent
    },
    drop: dropAll,
    stall: () => void (stalled = true),
    resume: () => void (stalled = false),
    corrupt: (on) => void (corrupt = on),
    refuse: async (on) => {
      if (on) await stopListening()
      else if (!server.listening) server = await listen(serve, port)
    },
    close: stopListening,
  }
}

async function listen(serve: (socket: Socket) => void, port: number): Promise<Server> {
  const server = createServer(serve)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

interface Request {
  readonly method: string
  readonly url: string
  readonly headers: ReadonlyMap<string, string>
}

function eachRequest(socket: Socket, handle: (request: Request) => void): void {
  let text = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    text += chunk
    for (;;) {
      // Interleaved packets of the client (RTCP reports) are skipped.
      while (text.startsWith('$') && text.length >= 4) {
        const length = 4 + text.charCodeAt(2) * 256 + text.charCodeAt(3)
        if (text.length < length) return
        text = text.slice(length)
      }
      const end = text.indexOf('\r\n\r\n')
      if (end < 0) return
      const [first = '', ...lines] = text.slice(0, end).split('\r\n')
      const [method = '', url = ''] = first.split(' ')
      const headers = new Map(
        lines.map((line) => [line.split(':', 1)[0]?.toLowerCase() ?? '', line.replace(/^[^:]*:\s*/, '')]),
      )
      text = text.slice(end + 4)
      handle({ method, url, headers })
    }
  })
}

function answer(request: Request, options: RtspServerOptions, sdp: string): string {
  const reply = (status: string, headers: readonly string[] = [], body = ''): string =>
    [`RTSP/1.0 ${status}`, `CSeq: ${request.headers.get('cseq') ?? 0}`, ...headers, '', body].join('\r\n')
  if (request.method === 'OPTIONS')
    return reply('200 OK', ['Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN'])
  if (!isAuthorized(request, options))
    return reply('401 Unauthorized', [`WWW-Authenticate: Digest realm="${realm}", nonce="${nonce}"`])
  if (request.method === options.refusal?.method) return reply(options.refusal.status)
  const movedTo = request.method === 'DESCRIBE' ? options.moved?.(new URL(request.url).pathname) : undefined
  if (movedTo !== undefined) return reply('302 Moved Temporarily', [`Location: ${new URL(movedTo, request.url).href}`])
  if (!/^rtsp:\/\/[^/]+\/stream(\/|$)/.test(request.url)) return reply('404 Not Found')
  switch (request.method) {
    case 'DESCRIBE':
      return reply(
        '200 OK',
        [`Content-Base: ${request.url}/`, 'Content-Type: application/sdp', `Content-Length: ${sdp.length}`],
        sdp,
      )
    case 'SETUP':
      if (!request.headers.get('transport')?.includes('TCP')) return reply('461 Unsupported Transport')
      return reply('200 OK', ['Session: 1;timeout=60', 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1'])
    case 'PLAY':
      return reply('200 OK', ['Session: 1', 'Range: npt=0.000-'])
    case 'GET_PARAMETER':
    case 'TEARDOWN':
      return reply('200 OK', ['Session: 1'])
    default:
      return reply('501 Not Implemented')
  }
}

function isAuthorized({ method, headers }: Request, { user, password }: RtspServerOptions): boolean {
  if (user === undefined || password === undefined) return true
  const given = headers.get('authorization') ?? ''
  const field = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(given)?.[1] ?? ''
  const expected = md5(`${md5(`${user}:${realm}:${password}`)}:${nonce}:${md5(`${method}:${field('uri')}`)}`)
  return field('username') === user && field('response') === expected
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex')

function describe(codec: VideoCodec, units: readonly Buffer[][]): string {
  return [
    'v=0',
    'o=- 0 0 IN IP4 127.0.0.1',
    's=belay test camera',
    'c=IN IP4 0.0.0.0',
    't=0 0',
    'm=video 0 RTP/AVP 96',
    `a=rtpmap:96 ${codec.name}/90000`,
    `a=fmtp:96 ${codec.format(units.flat())}`,
    'a=control:track1',
    '',
  ].join('\r\n')
}

/** Same length, same type of unit; what follows is no slice header that any decoder accepts. */
const garbled = (nal: Buffer): Buffer => Buffer.concat([nal.subarray(0, 1), Buffer.alloc(nal.length - 1, 0x01)])
