import { describe, expect, it } from 'vitest'
import { hashToken, keyOf } from '../../../src/adapters/http/token-hash.ts'
import { notedLog } from '../../fakes/noted-log.ts'
import { connect, startSite } from './http-site.ts'

const token = 'correct horse battery staple'.replaceAll(' ', '-')
const operating = 'who-has-this-may-stop-the-line'
// Few rounds, so that the tests are quick.
const tokens = { view: await hashToken(token, 10), operate: await hashToken(operating, 10) }

const host = '127.0.0.1:5000'

describe('a server with a token', () => {
  it.each([
    ['none', {}],
    ['another', { authorization: 'Bearer wrong' }],
    ['the beginning of it', { authorization: `Bearer ${token.slice(0, -1)}` }],
    ['it as a password', { authorization: `Basic ${token}` }],
    ['it as a cookie', { host, cookie: `belay-key-5000=${token}` }],
    ['its key as a token', { authorization: `Bearer ${keyOf(token)}` }],
    ['its hash as a token', { authorization: `Bearer ${tokens.view}` }],
    ['its hash as a cookie', { host, cookie: `belay-key-5000=${tokens.view}` }],
    ['the cookie of another port', { host, cookie: `belay-key-5001=${keyOf(token)}` }],
  ])('turns away who shows %s', async (_name, headers: Record<string, string>) => {
    const { get } = await startSite({ tokens })
    const answer = await get('/api/state', headers)
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="belay"')
    expect(answer.body).toContain('A token is needed')
  })

  it.each([
    '/',
    '/csv-writer-stats',
    '/sftp-uploader-stats',
    '/readyz',
    '/api/state',
    '/nothing',
    '/healthz?x',
    '/HEALTHZ',
  ])('asks for it at %s', async (path) => {
    const { get } = await startSite({ tokens })
    expect((await get(path)).status).toBe(401)
  })

  it.each([
    ['it', token],
    ['the one for operating', operating],
  ])('lets in who shows %s', async (_which, shown) => {
    const { get } = await startSite({ tokens })
    expect((await get('/api/state', { authorization: `Bearer ${shown}` })).status).toBe(200)
  })

  it.each([['view'], ['operate']] as const)('for no more than to %s lets in nobody without it', async (which) => {
    const { get } = await startSite({ tokens: { [which]: tokens[which] } })
    expect((await get('/api/state')).status).toBe(401)
  })

  it('tells every watchdog that it serves', async () => {
    const { get } = await startSite({ tokens })
    expect((await get('/healthz')).status).toBe(200)
  })

  it('takes the token once in the address, and goes on with a strict cookie', async () => {
    const { get, port } = await startSite({ tokens })
    const first = await get(`/?token=${token}&view=tree`)
    expect(first.status).toBe(303)
    expect(first.headers.location).toBe('/?view=tree')
    const cookie = first.headers['set-cookie']?.[0] ?? ''
    expect(cookie).toBe(`belay-key-${port}=${keyOf(token)}; Path=/; HttpOnly; SameSite=Strict`)
    expect(cookie).not.toContain(token)
    expect((await get('/', { cookie: `other=1; ${cookie.split(';')[0]}` })).status).toBe(200)
  })

  it.each([
    ['127.0.0.1:5001', 'belay-key-5001'],
    ['[::1]:5001', 'belay-key-5001'],
    ['[::1]', 'belay-key'],
    ['edge-7.example', 'belay-key'],
    ['box-a.localhost:5001', 'belay-key-5001'],
  ])('keeps the cookie of %s apart from those of other ports, as %s', async (at, name) => {
    const { get } = await startSite({ tokens })
    const { headers } = await get(`/?token=${token}`, { host: at })
    expect(headers['set-cookie']?.[0]).toContain(`${name}=`)
    const cookie = `belay-key-5000=${keyOf('another')}; ${name}=${keyOf(token)}`
    expect((await get('/', { host: at, cookie })).status).toBe(200)
  })

  it.each([
    ['//evil.example/', '/evil.example/'],
    ['/\\\\evil.example/', '/evil.example/'],
    ['//', '/'],
    ['http://evil.example/', '/http://evil.example/'],
  ])('redirects to itself only, from %s to %s', async (path, location) => {
    const { get } = await startSite({ tokens })
    expect((await get(`${path}?token=${token}`)).headers.location).toBe(location)
  })

  it('gives no cookie for a wrong token in the address', async () => {
    const { get } = await startSite({ tokens })
    const answer = await get('/?token=wrong')
    expect(answer.status).toBe(401)
    expect(answer.headers['set-cookie']).toBeUndefined()
  })

  it('keeps the feed to those who show it', async () => {
    const site = await startSite({ tokens })
    expect(await site.connect('/feed').refused).toBe(401)
    const client = site.connect('/feed', { authorization: `Bearer ${token}` })
    expect(await client.until(1)).toMatchObject([{ type: 'snapshot', cause: 'began' }])
  })

  it('answers to any name, since a page under another name has no cookie', async () => {
    const { get } = await startSite({ tokens })
    expect((await get('/readyz', { host: 'edge-7.plant.example', authorization: `Bearer ${token}` })).status).toBe(200)
  })
})

describe('somebody who guesses', () => {
  const guess = (get: Get, number: number) => get('/api/state', { authorization: `Bearer guess-${number}` })
  type Get = Awaited<ReturnType<typeof startSite>>['get']

  it('waits for each answer', async () => {
    const { get } = await startSite({ tokens, limits: { failureDelayMs: 200 } })
    const began = performance.now()
    expect((await guess(get, 1)).status).toBe(401)
    expect(performance.now() - began).toBeGreaterThanOrEqual(199)
  })

  it('is heard no more after five wrong tokens, not even with the right one, and is told how long', async () => {
    const { get } = await startSite({ tokens })
    for (let number = 1; number <= 5; number++) expect((await guess(get, number)).status).toBe(401)
    const answer = await get('/api/state', { authorization: `Bearer ${token}` })
    expect(answer.status).toBe(429)
    expect(answer.headers['retry-after']).toBe('1')
    expect((await get(`/?token=${token}`)).status).toBe(429)
  })

  it('is told in the log once for each time that it has to wait, without what it showed', async () => {
    const { log, said: warnings } = notedLog('warn')
    const { get } = await startSite({ tokens, log })
    for (let number = 1; number <= 4; number++) await guess(get, number)
    expect(warnings).toEqual([])
    for (let number = 5; number <= 9; number++) await guess(get, number)
    const fact = 'too many wrong tokens: their address has to wait'
    expect(warnings).toEqual([{ fact, by: '127.0.0.1', waitSeconds: 1 }])
  })

  it('does not keep out who was let in before, from the same address', async () => {
    const { get, connect } = await startSite({ tokens })
    const authorization = `Bearer ${token}`
    await get('/api/state', { authorization })
    for (let number = 1; number <= 6; number++) await guess(get, number)
    expect((await guess(get, 7)).status).toBe(429)
    expect((await get('/api/state', { authorization })).status).toBe(200)
    expect(await connect('/feed', { authorization }).until(1)).toHaveLength(1)
  })

  it('keeps no more than one processor busy: of very many at once, most are not looked at', async () => {
    const { get } = await startSite({ tokens: { view: await hashToken(token, 14) } })
    const answers = await Promise.all(Array.from({ length: 40 }, (_, number) => guess(get, number)))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 503).length).toBeGreaterThan(10)
    expect(statuses.filter((status) => status !== 503 && status !== 401 && status !== 429)).toEqual([])
  })

  it('without showing anything is no guess', async () => {
    const { get } = await startSite({ tokens })
    for (let number = 1; number <= 10; number++) expect((await get('/api/state')).status).toBe(401)
    expect((await get('/api/state', { authorization: `Bearer ${token}` })).status).toBe(200)
  })
})

describe('a page that was left open when its token was changed', () => {
  const cookie = `belay-key-5000=${keyOf('the-token-before-this-one')}`

  it('keeps nobody at its address out, however often it asks', async () => {
    const { get, connect } = await startSite({ tokens })
    for (let time = 1; time <= 8; time++) expect((await get('/api/state', { host, cookie })).status).toBe(401)
    expect(await connect('/feed', { host, cookie }).refused).toBe(401)
    expect((await get(`/?token=${token}`)).status).toBe(303)
    expect((await get('/api/state', { authorization: `Bearer ${operating}` })).status).toBe(200)
  })

  it('makes one guess, and is looked at once, though it asks for all its pictures at the same time', async () => {
    const { get } = await startSite({ tokens: { view: await hashToken(token, 14) } })
    const answers = await Promise.all(Array.from({ length: 40 }, () => get('/api/state', { host, cookie })))
    expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(401))
    expect((await get('/api/state', { authorization: `Bearer ${token}` })).status).toBe(200)
  })

  it('is told that its token is not accepted also while its address has to wait', async () => {
    const { get } = await startSite({ tokens })
    await get('/api/state', { host, cookie })
    for (let number = 1; number <= 4; number++) await get('/api/state', { authorization: `Bearer guess-${number}` })
    expect((await get('/api/state', { authorization: 'Bearer guess-5' })).status).toBe(429)
    expect((await get('/api/state', { host, cookie })).status).toBe(401)
  })

  it('lets in at once everybody who shows the right one for the first time at the same time', async () => {
    const { get } = await startSite({ tokens: { view: await hashToken(token, 14) } })
    const authorization = `Bearer ${token}`
    const answers = await Promise.all(Array.from({ length: 40 }, () => get('/api/state', { authorization })))
    expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(200))
  })
})

describe('a server without a token', () => {
  it.each(['127.0.0.1:5000', 'localhost', 'LOCALHOST:5000', '[::1]:5000', '192.168.7.2', '127.0.0.1'])(
    'answers to %s',
    async (host) => {
      const { get } = await startSite()
      expect((await get('/api/state', { host })).status).toBe(200)
    },
  )

  it.each([
    'evil.example',
    'evil.example:5000',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '127.0.0.1@evil',
    'a:b:c',
  ])('does not answer to %s, a name that somebody else may have pointed here', async (host) => {
    const site = await startSite()
    expect((await site.get('/api/state', { host })).status).toBe(421)
    expect(await site.connect('/feed', { host }).refused).toBe(421)
  })
})

describe('a feed opened by a page', () => {
  it('of this server is let in', async () => {
    const { port } = await startSite()
    const client = connect(port, '/feed', { origin: `http://127.0.0.1:${port}` })
    expect(await client.until(1)).toHaveLength(1)
  })

  it.each(['https://evil.example', 'null', 'http://127.0.0.1:1', 'http://localhost', 'nonsense'])(
    'of %s is turned away',
    async (origin) => {
      const { connect } = await startSite()
      expect(await connect('/feed', { origin }).refused).toBe(403)
    },
  )

  it.each(['/', '/feeds', '/api/state', '/feed/x'])('is not to be had at %s', async (path) => {
    const { connect } = await startSite()
    expect(await connect(path).refused).toBe(404)
  })
})
