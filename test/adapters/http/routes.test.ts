import { writeFile } from 'node:fs/promises'
import { request as rawRequest } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hashToken } from '../../../src/adapters/http/token-hash.ts'
import type { LogFields } from '../../../src/ports/log.ts'
import { daemonState } from '../../inspection-feed/sample-state.ts'
import { silentLog } from '../../fakes/noted-log.ts'
import { startSite, temporaryFolder } from './http-site.ts'

describe('the figures', () => {
  it('are for the writer exactly these keys, in this order', async () => {
    const { get } = await startSite()
    expect((await get('/csv-writer-stats')).body).toBe(
      '{"running":true,"stats":{"total_queued":14,"total_written":12,"total_failed":1,"queue_size":1}}',
    )
  })

  it('are for the uploader exactly these keys, in this order', async () => {
    const { get } = await startSite()
    expect((await get('/sftp-uploader-stats')).body).toBe(
      '{"running":true,"stats":{"total_queued":4,"total_uploaded":3,"total_failed":2,"queue_size":1}}',
    )
  })

  it('say that a writer is not running', async () => {
    const { get, shown } = await startSite()
    shown.state = daemonState({ writer: { ...shown.state.writer, running: false } })
    expect(JSON.parse((await get('/csv-writer-stats')).body)).toMatchObject({ running: false })
  })

  it('are all there as the state', async () => {
    const { get } = await startSite()
    const { status, headers, body } = await get('/api/state')
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('application/json; charset=utf-8')
    expect(JSON.parse(body)).toEqual(daemonState())
  })
})

describe('the recording', () => {
  it('is what has happened, line by line', async () => {
    const { get } = await startSite()
    expect(await get('/api/recording')).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/jsonl; charset=utf-8' },
      body: '{"type":"recording"}\n{"sequence":1}\n',
    })
  })

  it('is for whoever has the token', async () => {
    const { get } = await startSite({ tokens: { view: await hashToken('correct-horse', 10) } })
    expect(await get('/api/recording')).toMatchObject({ status: 401 })
  })
})

describe('what is large', () => {
  it.each(['/', '/assets/page-abc.js', '/api/recording'])('is sent compressed to who takes that: %s', async (path) => {
    const { get, url } = await startSite()
    const plain = await get(path)
    expect(plain.headers).toMatchObject({ vary: 'accept-encoding' })
    expect(plain.headers['content-encoding']).toBeUndefined()
    for (const accepted of ['gzip', 'gzip, deflate, br, zstd', 'br;q=1, GZIP;q=0.5']) {
      const answer = await fetch(url + path, { headers: { 'accept-encoding': accepted } })
      expect(answer.headers.get('content-encoding'), accepted).toBe('gzip')
      expect(answer.headers.get('vary'), accepted).toBe('accept-encoding')
      expect(answer.headers.get('content-type')).toBe(plain.headers['content-type'])
      expect(await answer.text(), accepted).toBe(plain.body)
    }
  })

  it.each(['identity', 'br', 'gzip;q=0', 'gzip; q=0.000, br', 'x-gzipped'])(
    'is not, where only %s is taken',
    async (accepted) => {
      const { get } = await startSite()
      for (const path of ['/', '/api/recording']) {
        const { status, headers } = await get(path, { 'accept-encoding': accepted })
        expect({ status, coding: headers['content-encoding'] }).toEqual({ status: 200, coding: undefined })
      }
    },
  )
})

describe('health', () => {
  it('is 200 as long as it serves', async () => {
    const { get } = await startSite()
    expect(await get('/healthz')).toMatchObject({ status: 200, body: '{"ok":true}' })
  })

  it('is ready with the root, and until then says what it waits for', async () => {
    const { get, shown } = await startSite()
    expect(await get('/readyz')).toMatchObject({ status: 200, body: '{"ready":true,"reasons":[]}' })
    shown.readiness = { ready: false, reasons: ['root/inference: loads models'] }
    expect(await get('/readyz')).toMatchObject({
      status: 503,
      body: '{"ready":false,"reasons":["root/inference: loads models"]}',
    })
  })
})

describe('the page', () => {
  it.each([
    ['/', 'text/html; charset=utf-8', '<!doctype html><title>Belay</title>'],
    ['/index.html', 'text/html; charset=utf-8', '<!doctype html><title>Belay</title>'],
    ['/assets/page-abc.js', 'text/javascript; charset=utf-8', 'export {}'],
  ])('is served at %s', async (path, contentType, body) => {
    const { get } = await startSite()
    const answer = await get(path)
    expect(answer).toMatchObject({ status: 200, body })
    expect(answer.headers['content-type']).toBe(contentType)
  })

  it.each([
    '/notes.txt',
    '/../../../../etc/passwd',
    '/assets/../../../../etc/passwd',
    '/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
    '/..%2f..%2f..%2fetc%2fpasswd',
    '/assets/..%5c..%5cetc%5cpasswd',
    '/assets/page-abc.js%00.html',
    '/%252e%252e/%252e%252e/%252e%252e/etc/passwd',
    '/assets/....//....//etc/passwd',
    '//etc/passwd',
  ])('is all there is: %s is not found', async (path) => {
    const { get } = await startSite()
    expect(await get(path)).toMatchObject({ status: 404, body: '{"error":"There is nothing here."}' })
  })

  it('that has not been built says how to build it, and the figures are served', async () => {
    const { get } = await startSite({ pageFolder: join(await temporaryFolder(), 'dist') })
    const answer = await get('/')
    expect(answer.status).toBe(503)
    expect(answer.body).toContain('npm run build:inspector')
    expect((await get('/api/state')).status).toBe(200)
  })

  it('that cannot be read is said and not served, and the figures are', async () => {
    const pageFolder = await temporaryFolder()
    await writeFile(join(pageFolder, 'file'), '')
    const said: unknown[] = []
    const log = { ...silentLog, warn: (fact: string, fields?: LogFields) => void said.push([fact, fields]) }
    const { get } = await startSite({ pageFolder: join(pageFolder, 'file'), log })
    expect((await get('/')).status).toBe(503)
    expect((await get('/api/state')).status).toBe(200)
    expect(said).toEqual([
      [
        'The page could not be read, and is not served',
        { folder: join(pageFolder, 'file'), why: expect.stringMatching(/^ENOTDIR/) as unknown },
      ],
    ])
  })
})

describe('every answer', () => {
  it.each(['/', '/api/state', '/nothing', '/%zz', '/healthz'])(
    'to %s forbids what the page does not need',
    async (path) => {
      const { get } = await startSite()
      expect((await get(path)).headers).toMatchObject({
        'content-security-policy':
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; " +
          "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      })
    },
  )
})

describe('a request that is not understood', () => {
  it.each(['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND', 'TRACE'])('by %s is refused', async (method) => {
    const { get } = await startSite()
    const answer = await get('/api/state', {}, method)
    expect(answer.status).toBe(405)
    expect(answer.headers.allow).toBe('GET')
  })

  it('with a body is refused unread', async () => {
    const { port } = await startSite()
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = rawRequest({ host: '127.0.0.1', port, path: '/api/state', method: 'POST' }, (response) =>
        resolve(response.statusCode),
      )
      sent.on('error', reject)
      sent.setHeader('content-length', 1_000_000_000)
      sent.flushHeaders()
    })
    expect(status).toBe(405)
  })

  it('with a malformed address is refused as such', async () => {
    const { get } = await startSite()
    expect(await get('/%zz')).toMatchObject({ status: 400, body: '{"error":"The request cannot be understood."}' })
  })
})

describe('a view that throws', () => {
  it('answers 500 without its words, and ends the server with the bug', async () => {
    const { get, shown, closed } = await startSite()
    shown.fault = new TypeError('secret of the house')
    const ended = closed.then(
      () => 'closed',
      (error: unknown) => error,
    )
    const answer = await get('/api/state')
    expect(answer.status).toBe(500)
    expect(answer.body).not.toContain('secret')
    expect(await ended).toBe(shown.fault)
  })
})
