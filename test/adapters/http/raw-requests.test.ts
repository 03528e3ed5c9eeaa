import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { securityHeaders } from '../../../src/adapters/http/security-headers.ts'
import type { HttpLimits } from '../../../src/adapters/http/http-limits.ts'
import { hashToken } from '../../../src/adapters/http/token-hash.ts'
import { eventually } from '../../support/eventually.ts'
import { startSite } from './http-site.ts'

/** A connection on which bytes are said as they are. */
function open(port: number) {
  const socket = connectTcp(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let heard = ''
  let arrived = (): void => {}
  socket.on('data', (data) => {
    heard += data.toString('latin1')
    arrived()
  })
  const closed = once(socket, 'close')
  return {
    say: (...lines: readonly string[]) => socket.write(lines.join('\r\n')),
    readNothing: () => socket.pause(),
    sayNoMore: () => socket.end(),
    /** What is answered up to these words. */
    async until(words: string): Promise<string> {
      while (!heard.includes(words)) await new Promise<void>((resolve) => (arrived = resolve))
      return heard
    },
    /** All that is answered, once the server has closed the connection. */
    async end(): Promise<string> {
      await closed
      return heard
    },
  }
}

const host = 'host: localhost'
const wish = ['connection: Upgrade, HTTP2-Settings', 'upgrade: h2c', 'http2-settings: AAMAAABkAAQCAAAAAAIAAAAA']

describe('what is no request, or does not come in time', () => {
  it.each([
    [
      'too long',
      431,
      ['GET / HTTP/1.1', host, `x-long: ${'a'.repeat(9_000)}`, '', ''],
      'The head of the request is too long.',
    ],
    ['not understood', 400, ['GET / HTTP/9.9', host, '', ''], 'The request cannot be understood.'],
    ['without an end', 408, ['GET / HTTP/1.1', host, ''], 'The request did not come in time.'],
    ['nothing', 408, [''], 'The request did not come in time.'],
  ])(
    '%s, is answered with %d, words and the headers of every answer, and is counted',
    async (_what, status, lines, why) => {
      const { port, get } = await startSite({ limits: { requestMs: 100 } })
      const connection = open(port)
      connection.say(...lines)
      const answer = await connection.end()
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
      for (const [name, value] of Object.entries(securityHeaders)) expect(answer).toContain(`\r\n${name}: ${value}\r\n`)
      expect(answer.endsWith(`\r\n\r\n{"error":"${why}"}`)).toBe(true)
      expect((await get('/metrics')).body).toContain(`\nbelay_http_responses_total{code="${status}"} 1\n`)
    },
  )
})

describe('a request that lacks something, or expects too much', () => {
  it.each([
    ['of HTTP/1.1 without a host', 400, ['GET /healthz HTTP/1.1', 'connection: close']],
    ['of HTTP/1.0 without a host', 200, ['GET /healthz HTTP/1.0']],
    ['that expects what nobody knows', 200, ['GET /healthz HTTP/1.1', host, 'expect: wonders', 'connection: close']],
  ])('%s is answered with %d like every other, and is counted', async (_what, status, lines) => {
    const { port, get } = await startSite()
    const connection = open(port)
    connection.say(...lines, '', '')
    const answer = await connection.end()
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    for (const [name, value] of Object.entries(securityHeaders)) expect(answer).toContain(`\r\n${name}: ${value}\r\n`)
    expect((await get('/metrics')).body).toContain(`\nbelay_http_responses_total{code="${status}"} 1\n`)
  })
})

describe('a request that would rather speak another protocol', () => {
  it('is answered as if it would not, and so are those after it', async () => {
    const { port, get } = await startSite()
    const connection = open(port)
    connection.say('GET /healthz HTTP/1.1', host, ...wish, '', '')
    expect(await connection.until('{"ok":true}')).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    connection.say('GET /nothing HTTP/1.1', host, ...wish, 'connection: close', '', '')
    expect(await connection.end()).toMatch(/HTTP\/1\.1 404 Not Found\r\n/)
    expect((await get('/metrics')).body).toContain('\nbelay_http_connections 1\n')
  })

  it('is answered in its turn where several come at once', async () => {
    const { port } = await startSite()
    const connection = open(port)
    const ask = (path: string, ...more: readonly string[]) => [`GET ${path} HTTP/1.1`, host, ...wish, ...more, '']
    connection.say(...ask('/healthz'), ...ask('/nothing'), ...ask('/healthz', 'connection: close'), '')
    const statuses = [...(await connection.end()).matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status))
    expect(statuses).toEqual([200, 404, 200])
  })

  it('is answered behind an answer that is longer than the connection takes at once', async () => {
    const { port, shown } = await startSite()
    shown.recording = Array.from({ length: 100 }, () => `${'a'.repeat(99_999)}\n`)
    const connection = open(port)
    const last = ['GET /healthz HTTP/1.1', host, ...wish, 'connection: close', '', '']
    connection.say('GET /api/recording HTTP/1.1', host, '', 'GET /nothing HTTP/1.1', host, '', ...last)
    const answer = await connection.end()
    expect([...answer.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status))).toEqual([200, 404, 200])
    expect(answer.match(/a+\n/g)).toHaveLength(100)
  })

  describe.each(['h2c', 'websocket'])('behind an answer of which its client reads nothing: %s', (protocol) => {
    const begin = async (limits: Partial<HttpLimits> = {}) => {
      const site = await startSite({ limits })
      const begun = new Promise<void>((resolve) => {
        site.shown.recording = (function* () {
          resolve()
          for (;;) yield `${'a'.repeat(99_999)}\n`
        })()
      })
      const connection = open(site.port)
      connection.readNothing()
      const upgrade = ['GET /nothing HTTP/1.1', host, 'connection: upgrade', `upgrade: ${protocol}`, '', '']
      connection.say('GET /api/recording HTTP/1.1', host, '', ...upgrade)
      await begun
      return site
    }

    it('holds up no end of the server', async () => {
      const { server } = await begin()
      await server.close()
    })

    it('does not keep its connection', async () => {
      const { get } = await begin({ requestMs: 100 })
      await eventually('one connection', async () =>
        (await get('/metrics')).body.includes('\nbelay_http_connections 1\n') ? true : undefined,
      )
    })
  })

  it('is answered though its client has said all', async () => {
    const { port } = await startSite()
    const connection = open(port)
    connection.say('GET /healthz HTTP/1.1', host, ...wish, '', '')
    connection.sayNoMore()
    expect(await connection.end()).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  })

  it('needs a token as every other does', async () => {
    const { port } = await startSite({ tokens: { view: await hashToken('let-me-in', 10) } })
    const asked = async (...more: readonly string[]) => {
      const connection = open(port)
      connection.say('GET /api/state HTTP/1.1', host, 'connection: close', ...wish, ...more, '', '')
      return Number((await connection.end()).slice('HTTP/1.1 '.length, 12))
    }
    expect([await asked(), await asked('authorization: Bearer let-me-in')]).toEqual([401, 200])
  })

  it('may have a body, together with its head or later', async () => {
    const { port, shown } = await startSite({ tokens: { operate: await hashToken('may-operate', 10) } })
    const body = '{"confirm":"dock-1"}'
    const headers = ['content-type: application/json', `content-length: ${body.length}`, ...wish]
    const post = ['POST /api/cameras/dock-1/pause HTTP/1.1', host, 'authorization: Bearer may-operate', ...headers, '']
    const at = open(port)
    at.say(...post, body)
    expect(await at.end()).toMatch(/^HTTP\/1\.1 200 /)
    const later = open(port)
    later.say(post[0] ?? '', 'expect: 100-continue', ...post.slice(1), '')
    await later.until('HTTP/1.1 100 Continue\r\n\r\n')
    later.say(body)
    expect(await later.end()).toMatch(/\r\n\r\nHTTP\/1\.1 200 /)
    expect(shown.commands).toHaveLength(2)
  })

  it('is cut when it does not come in time', async () => {
    const tokens = { operate: await hashToken('may-operate', 10) }
    const { port, shown } = await startSite({ tokens, limits: { requestMs: 100 } })
    const connection = open(port)
    const headers = ['authorization: Bearer may-operate', 'content-type: application/json', 'content-length: 18']
    connection.say('POST /api/stop HTTP/1.1', host, ...headers, ...wish, '', '{"confirm":"stop"')
    expect(await connection.end()).toMatch(/^HTTP\/1\.1 408 /)
    expect(shown.commands).toEqual([])
  })

  it('holds up no end of the server', async () => {
    const { port, server } = await startSite()
    const connection = open(port)
    connection.say('GET /healthz HTTP/1.1', host, ...wish, '', '')
    await connection.until('{"ok":true}')
    await server.close()
    await connection.end()
  })

  it('for a WebSocket is cut where an answer has not gone out before it', async () => {
    const { port } = await startSite()
    const connection = open(port)
    const key = ['sec-websocket-version: 13', 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==']
    const upgrade = ['GET /feed HTTP/1.1', host, 'connection: upgrade', 'upgrade: websocket', ...key, '', '']
    connection.say('GET /api/recording HTTP/1.1', host, '', ...upgrade)
    expect(await connection.end()).toBe('')
  })

  it('for a WebSocket is none of these', async () => {
    const { connect } = await startSite()
    expect(await connect('/healthz').refused).toBe(404)
    expect(await connect('/feed').until(1)).toHaveLength(1)
  })
})
