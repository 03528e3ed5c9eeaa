import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashToken, keyOf } from '../../../src/adapters/http/token-hash.ts'
import { notedLog } from '../../fakes/noted-log.ts'
import { startSite } from './http-site.ts'

const [view, operate] = ['may-look', 'may-operate']
const tokens = { view: await hashToken(view, 10), operate: await hashToken(operate, 10) }
const authorization = `Bearer ${operate}`
const pause = '/api/cameras/dock-1/pause'
const confirm = '{"confirm":"dock-1"}'

describe('a command', () => {
  it.each([
    [pause, confirm, { type: 'camera.pause', cameraId: 'dock-1' }],
    ['/api/cameras/dock-1/resume', confirm, { type: 'camera.resume', cameraId: 'dock-1' }],
    ['/api/cameras/dock-1/restart', confirm, { type: 'camera.restart', cameraId: 'dock-1' }],
    ['/api/files/17/retry', '{"confirm":"17"}', { type: 'file.retry', fileId: 17 }],
    ['/api/stop', '{"confirm":"stop"}', { type: 'daemon.stop' }],
  ])('at %s, confirmed and with the operating token, is carried out', async (path, body, command) => {
    const { post, shown } = await startSite({ tokens })
    expect(await post(path, body, { authorization })).toMatchObject({ status: 200, body: '{"done":"It is done"}' })
    expect(shown.commands).toEqual([{ ...command, by: '127.0.0.1' }])
  })

  it.each([
    ['unknown', 404],
    ['refused', 409],
  ] as const)('that is %s is answered with %d and why', async (cause, status) => {
    const { post, shown } = await startSite({ tokens })
    shown.answer = { done: false, cause, words: 'Camera dock-1 is draining' }
    expect(await post(pause, confirm, { authorization })).toMatchObject({
      status,
      body: '{"error":"Camera dock-1 is draining"}',
    })
  })

  it.each([
    ['nothing', ''],
    ['another name', '{"confirm":"dock-2"}'],
    ['something else', '{"confirm":["dock-1"]}'],
    ['no object', '"dock-1"'],
    ['null', 'null'],
    ['no JSON', '{"confirm":"dock-1"'],
    ['a prototype', '{"__proto__":{"confirm":"dock-1"}}'],
  ])('that is confirmed by %s is not carried out', async (_what, body) => {
    const { post, shown } = await startSite({ tokens })
    expect((await post(pause, body, { authorization })).status).toBe(400)
    expect(shown.commands).toEqual([])
  })

  it('that is too long is cut, and one in another format is not read', async () => {
    const { post, shown } = await startSite({ tokens })
    expect((await post(pause, `{"confirm":"dock-1"${' '.repeat(300)}}`, { authorization })).status).toBe(413)
    const form = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
    expect((await post(pause, 'confirm=dock-1', form)).status).toBe(415)
    expect(shown.commands).toEqual([])
  })
})

describe('a command from somebody', () => {
  const origin = 'https://evil.example'
  const host = '127.0.0.1:5000'
  const cookie = `belay-key-5000=${keyOf(operate)}`
  it.each([
    ['without a token', {}, 401],
    ['with a wrong one', { authorization: 'Bearer wrong' }, 401],
    ['who may only look', { authorization: `Bearer ${view}` }, 403],
    ['on another site’s page, with the token', { authorization, origin }, 403],
    ['on another site’s page, with the cookie', { host, cookie, origin }, 403],
    ['with the cookie and no page', { host, cookie }, 403],
  ])(
    '%s is not carried out, and told in the log where it may look',
    async (_who, headers: Record<string, string>, status) => {
      const { log, said: warnings } = notedLog('warn')
      const { post, shown } = await startSite({ tokens, log })
      const answer = await post(pause, confirm, headers)
      expect(answer.status).toBe(status)
      expect(shown.commands).toEqual([])
      const { error: why } = JSON.parse(answer.body) as { error: string }
      const command = { type: 'camera.pause', cameraId: 'dock-1' }
      expect(warnings).toEqual(status === 403 ? [{ fact: 'command refused', by: '127.0.0.1', command, why }] : [])
    },
  )

  it('on our own page, with the cookie of the operating token, is carried out', async () => {
    const { post, port, shown } = await startSite({ tokens })
    const headers = { cookie: `belay-key-${port}=${keyOf(operate)}`, origin: `http://127.0.0.1:${port}` }
    expect((await post(pause, confirm, headers)).status).toBe(200)
    expect(shown.commands).toHaveLength(1)
  })

  it.each([
    ['where everybody may look', {}],
    ['where a token is for looking only', { view: tokens.view }],
  ])('%s is refused: nobody has an operating token', async (_where, given) => {
    const { post, shown } = await startSite({ tokens: given })
    const { status, body } = await post(pause, confirm, { authorization: `Bearer ${view}` })
    expect(status).toBe(403)
    expect(body).toContain('http.operateTokenHash')
    expect(shown.commands).toEqual([])
  })
})

describe('what is no command', () => {
  it.each([
    '/api/cameras/dock-1/delete',
    '/api/cameras/dock-1',
    '/api/cameras/../stop',
    '/api/cameras/%64ock-1/pause',
    '/api/cameras/dock-1/pause?x=1',
    '/api/cameras/Dock_1/pause',
    `/api/cameras/${'a'.repeat(33)}/pause`,
    '/api/files/0/retry',
    '/api/files/1e3/retry',
    '/api/files/17/delete',
    '/api/files/17',
    '/api/stop/',
    '//api/stop',
    '/API/stop',
  ])('is not taken by POST: %s', async (path) => {
    const { post, shown } = await startSite({ tokens })
    expect((await post(path, confirm, { authorization })).status).toBe(405)
    expect(shown.commands).toEqual([])
  })

  it('is answered without a bug, whatever is in its body', async () => {
    const { post, shown, get } = await startSite({ tokens })
    const body = fc.oneof(fc.json(), fc.string({ maxLength: 400 }), fc.string({ unit: 'binary', maxLength: 200 }))
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        expect([400, 413, 415]).toContain((await post(pause, text, { authorization })).status)
      }),
      { numRuns: 100 },
    )
    expect(shown.commands).toEqual([])
    expect((await get('/healthz')).status).toBe(200)
  })

  it('cannot be asked for by GET', async () => {
    const { get, shown } = await startSite({ tokens })
    const answer = await get(pause, { authorization })
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST'])
    expect(shown.commands).toEqual([])
  })
})
