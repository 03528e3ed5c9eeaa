import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface VideoServer {
  /** `http://127.0.0.1:PORT`; below it `/clip.mp4`, `/moved`, `/private`, `/text`, `/live` (without end), `/live.m3u8` and nothing else. */
  readonly url: string
  /** Path and `Range` of each request so far, and which version it does not want again. */
  readonly requests: readonly string[]
  /** The `Authorization` of each. */
  readonly logins: readonly (string | undefined)[]
  readonly clients: number
  /** Where `/moved` points; `/clip.mp4` at first, `undefined`: it doesn't say. */
  moveTo(location: string | undefined): void
  /** Connections are cut after so many bytes of a video; `undefined`: never. */
  cutAfter(bytes: number | undefined): void
  /** Connections stay open and silent after so many bytes of a video. */
  hangAfter(bytes: number | undefined): void
  /** Answers to a `Range` begin so many bytes from where they should, and have so many at most. */
  answerParts(parts: { readonly shift?: number; readonly most?: number }): void
  /** Whether videos have an ETag and may be asked for in part. */
  resumable(on: boolean): void
  /** Whether videos have a Last-Modified. */
  dated(on: boolean): void
  /** Another video stands there now: the next version. */
  replace(file: string): void
  close(): Promise<void>
}

/** Serves one video, well or badly. `/private` wants the user `viewer` with the password `opensesame`. */
export async function startVideoServer(file: string): Promise<VideoServer> {
  let video = readFileSync(file)
  let version = 1
  let isDated = false
  const requests: string[] = []
  const logins: (string | undefined)[] = []
  let movedTo: string | undefined = '/clip.mp4'
  let cutAfter: number | undefined
  let hangAfter: number | undefined
  let resumable = true
  let parts: { readonly shift?: number; readonly most?: number } = {}

  const sendVideo = (request: IncomingMessage, response: ServerResponse): void => {
    const etag = `"v${version}"`
    const modified = `Mon, 0${version} Jun 2026 08:00:00 GMT`
    const { 'if-none-match': unlessTag, 'if-modified-since': unlessSince } = request.headers
    const isHad = unlessTag === undefined ? isDated && unlessSince === modified : resumable && unlessTag === etag
    if (isHad) return void response.writeHead(304).end()
    const isPart = resumable && request.headers['if-range'] === etag
    const asked = isPart ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0
    const from = isPart ? asked + (parts.shift ?? 0) : 0
    const end = isPart ? Math.min(video.length, from + (parts.most ?? Infinity)) : video.length
    response.writeHead(isPart ? 206 : 200, {
      'content-length': end - from,
      ...(resumable ? { etag } : {}),
      ...(isDated ? { 'last-modified': modified } : {}),
      ...(isPart ? { 'content-range': `bytes ${from}-${end - 1}/${video.length}` } : {}),
    })
    const upTo = cutAfter ?? hangAfter
    if (upTo === undefined) return void response.end(video.subarray(from, end))
    // Cut once it has left: what is destroyed at once may never be sent.
    const cut = (): void => void (cutAfter !== undefined && response.destroy())
    response.write(video.subarray(from, from + upTo), () => setTimeout(cut, 50))
  }

  const server = createServer((request, response) => {
    const path = request.url ?? ''
    const had = request.headers['if-none-match'] ?? request.headers['if-modified-since']
    const unless = had === undefined ? undefined : `unless ${had}`
    requests.push([path, request.headers.range, unless].filter((part) => part !== undefined).join(' '))
    const login = request.headers.authorization
    logins.push(login)
    const isViewer = login === `Basic ${Buffer.from('viewer:opensesame').toString('base64')}`
    if (path.startsWith('/clip.mp4')) sendVideo(request, response)
    else if (path === '/moved') response.writeHead(302, movedTo === undefined ? {} : { location: movedTo }).end()
    else if (path.startsWith('/round')) response.writeHead(302, { location: path }).end()
    else if (path === '/private' && isViewer) sendVideo(request, response)
    else if (path === '/private') response.writeHead(401).end()
    else if (path === '/text') response.end('no video at all')
    else if (path === '/live')
      response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=x' }).write('--x')
    else if (path === '/live.m3u8')
      response.writeHead(200, { 'content-type': 'application/vnd.apple.mpegurl' }).end('#EXTM3U')
    else if (path === '/broken') response.writeHead(503).end()
    else response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  let clients = 0
  server.on('connection', (socket) => {
    clients++
    socket.on('close', () => clients--)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    logins,
    moveTo: (location) => void (movedTo = location),
    get clients() {
      return clients
    },
    cutAfter: (bytes) => void (cutAfter = bytes),
    hangAfter: (bytes) => void (hangAfter = bytes),
    answerParts: (given) => void (parts = given),
    resumable: (on) => void (resumable = on),
    dated: (on) => void (isDated = on),
    replace: (other) => {
      video = readFileSync(other)
      version++
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      if (server.listening) await once(server, 'close')
    },
  }
}
