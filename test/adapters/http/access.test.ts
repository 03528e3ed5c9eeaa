import { describe, expect, it } from 'vitest'
import { connect, startSite } from './http-site.ts'

const token = 'correct horse battery staple'.replaceAll(' ', '-')

describe('a server with a token', () => {
  it.each([
    ['none', {}],
    ['another', { authorization: 'Bearer wrong' }],
    ['the beginning of it', { authorization: `Bearer ${token.slice(0, -1)}` }],
    ['it as a password', { authorization: `Basic ${token}` }],
    ['it as a cookie', { cookie: `belay-view=${token}` }],
  ])('turns away who shows %s', async (_name, headers: Record<string, string>) => {
    const { get } = await startSite({ token })
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
    const { get } = await startSite({ token })
    expect((await get(path)).status).toBe(401)
  })

  it('lets in who shows it', async () => {
    const { get } = await startSite({ token })
    expect((await get('/api/state', { authorization: `Bearer ${token}` })).status).toBe(200)
  })

  it('tells every watchdog that it serves', async () => {
    const { get } = await startSite({ token })
    expect((await get('/healthz')).status).toBe(200)
  })

  it('takes the token once in the address, and goes on with a strict cookie', async () => {
    const { get } = await startSite({ token })
    const first = await get(`/?token=${token}&view=tree`)
    expect(first.status).toBe(303)
    expect(first.headers.location).toBe('/?view=tree')
    const cookie = first.headers['set-cookie']?.[0] ?? ''
    expect(cookie).toMatch(/^belay-view=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
    expect(cookie).not.toContain(token)
    expect((await get('/', { cookie: `other=1; ${cookie.split(';')[0]}` })).status).toBe(200)
  })

  it.each([
    ['//evil.example/', '/evil.example/'],
    ['/\\\\evil.example/', '/evil.example/'],
    ['//', '/'],
    ['http://evil.example/', '/http://evil.example/'],
  ])('redirects to itself only, from %s to %s', async (path, location) => {
    const { get } = await startSite({ token })
    expect((await get(`${path}?token=${token}`)).headers.location).toBe(location)
  })

  it('gives no cookie for a wrong token in the address', async () => {
    const { get } = await startSite({ token })
    const answer = await get('/?token=wrong')
    expect(answer.status).toBe(401)
    expect(answer.headers['set-cookie']).toBeUndefined()
  })

  it('keeps the feed to those who show it', async () => {
    const site = await startSite({ token })
    expect(await site.connect('/feed').refused).toBe(401)
    const client = site.connect('/feed', { authorization: `Bearer ${token}` })
    expect(await client.until(1)).toMatchObject([{ type: 'snapshot', cause: 'began' }])
  })

  it('answers to any name, since a page under another name has no cookie', async () => {
    const { get } = await startSite({ token })
    expect((await get('/readyz', { host: 'edge-7.plant.example', authorization: `Bearer ${token}` })).status).toBe(200)
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
