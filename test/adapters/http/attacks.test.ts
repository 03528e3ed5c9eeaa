import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { hashToken } from '../../../src/adapters/http/token-hash.ts'
import { startSite } from './http-site.ts'

/** What the server says to these bytes before it closes, or before it has said nothing for as long as it waits for a request. */
async function say(port: number, bytes: Uint8Array | string): Promise<string> {
  const socket = connectTcp(port, '127.0.0.1')
  socket.on('error', () => {})
  let answer = ''
  socket.on('data', (data) => (answer += data.toString('latin1')))
  socket.end(bytes)
  await once(socket, 'close')
  return answer
}

const limits = { requestMs: 200 }
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1])

describe('bytes that are no request', () => {
  it('are refused or cut, whatever they are, and the server goes on', async () => {
    const { port, get } = await startSite({ limits })
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
        const answer = await say(port, bytes)
        if (answer !== '') expect(statusOf(answer)).toBeGreaterThanOrEqual(400)
      }),
      { numRuns: 50 },
    )
    expect((await get('/healthz')).status).toBe(200)
  })

  const piece = fc.oneof(
    fc.constantFrom('GET', 'POST', ' ', '/', '/api/state', '/feed', 'HTTP/1.1', 'HTTP/9.9', '\r\n', '\n', '\0', ':'),
    fc.constantFrom(
      'host: localhost',
      'content-length: 5',
      'content-length: -1',
      'transfer-encoding: chunked',
      'ffffffffff',
    ),
    fc.constantFrom(
      'connection: upgrade',
      'upgrade: websocket',
      'upgrade: h2c',
      'sec-websocket-version: 13',
      'cookie: belay-key=',
      '%00%ff',
    ),
    fc.string({ maxLength: 20 }),
  )
  it('nearly are one, and never find anything that a token is asked for', async () => {
    const tokens = { view: `$scrypt$ln=10,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}` }
    const { port, get, closed } = await startSite({ limits, tokens })
    let bug: unknown
    closed.catch((error: unknown) => (bug = error))
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
        const answer = await say(port, pieces.join(''))
        expect(answer).not.toMatch(/^HTTP\/1\.1 (2|101|5)/)
      }),
      { numRuns: 100 },
    )
    expect(bug).toBeUndefined()
    expect((await get('/healthz')).status).toBe(200)
  })
})

describe('a WebSocket', () => {
  const upgrade =
    'GET /feed HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n' +
    'sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'

  it('that sends frames of any kind is closed, and no other', async () => {
    const site = await startSite()
    const good = site.connect()
    await good.until(1)
    const frame = fc.tuple(fc.nat(255), fc.nat(255), fc.uint8Array({ maxLength: 400 }))
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 5 }), async (frames) => {
        const bytes = frames.flatMap(([first, second, rest]) => [first, second, ...rest])
        const answer = await say(site.port, Buffer.concat([Buffer.from(upgrade), Buffer.from(bytes)]))
        expect(statusOf(answer)).toBe(101)
      }),
      { numRuns: 50 },
    )
    expect(good.socket.readyState).toBe(good.socket.OPEN)
  })

  it('that says it will send a gigabyte is closed at once', async () => {
    const { connect } = await startSite()
    const client = connect()
    await client.opened
    const { _socket: raw } = client.socket as unknown as { _socket: Socket }
    // A final text frame, masked, of 2^30 bytes, of which none is sent.
    raw.write(Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 1, 2, 3, 4]))
    expect(await client.closed).toBe(1009)
  })
})

describe('many that send their requests byte by byte', () => {
  it('are cut when their time is up, and others are answered meanwhile', async () => {
    const { port, get } = await startSite({ limits: { requestMs: 1_000 } })
    const sockets = Array.from({ length: 100 }, () => connectTcp(port, '127.0.0.1'))
    const cut = sockets.map((socket) => once(socket.on('error', () => {}).resume(), 'close'))
    const bytes = 'GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: '
    let sent = 0
    const drip = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write(bytes[sent] ?? 'x')
      sent++
    }, 10)
    onTestFinished(() => clearInterval(drip))
    expect((await get('/api/state')).status).toBe(200)
    await Promise.all(cut)
    expect(sent).toBeGreaterThan(10)
    expect((await get('/api/state')).status).toBe(200)
  })
})

describe('a command whose body comes byte by byte', () => {
  it('is cut when its time is up, and nothing is done', async () => {
    const tokens = { operate: await hashToken('may-operate', 10) }
    const { port, shown } = await startSite({ tokens, limits: { requestMs: 600 } })
    const socket = connectTcp(port, '127.0.0.1')
    const cut = once(socket.on('error', () => {}).resume(), 'close')
    const head = ['POST /api/stop HTTP/1.1', 'host: localhost', 'authorization: Bearer may-operate']
    const headers = ['content-type: application/json', 'content-length: 200', 'connection: keep-alive']
    socket.write(`${[...head, ...headers].join('\r\n')}\r\n\r\n`)
    let sent = 0
    const drip = setInterval(() => void (socket.writable && socket.write('{"confirm":"stop"}'[sent++] ?? ' ')), 10)
    onTestFinished(() => clearInterval(drip))
    await cut
    expect(sent).toBeGreaterThan(18)
    expect(sent).toBeLessThan(200)
    expect(shown.commands).toEqual([])
  })
})

describe('a thousand connections at once', () => {
  it('are held up to the limit, and the server answers as soon as there is room again', async () => {
    const { port, get } = await startSite({ limits: { requestMs: 60_000 } })
    const sockets = Array.from({ length: 1_000 }, () => connectTcp(port, '127.0.0.1'))
    let gone = 0
    const closed = new Promise<void>((resolve) => {
      for (const socket of sockets)
        socket
          .on('error', () => {})
          .on('close', () => ++gone === 1_000 - 256 && resolve())
          .resume()
    })
    await closed
    const held = sockets.filter((socket) => !socket.closed)
    expect(held).toHaveLength(256)
    // Who is in is served.
    held[0]?.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n')
    const [first] = held[0] === undefined ? [] : ((await once(held[0], 'data')) as [Buffer])
    expect(String(first)).toMatch(/^HTTP\/1\.1 200 /)
    for (const socket of held) socket.destroy()
    await expect.poll(async () => (await get('/healthz').catch(() => undefined))?.status).toBe(200)
    expect((await get('/metrics')).body).toMatch(/\nbelay_http_connections_cut_total 7[0-9]{2}\n/)
  })
})
