import { describe, expect, it } from 'vitest'
import { hashToken } from '../../../src/adapters/http/token-hash.ts'
import { inspected } from '../preview/inspected.ts'
import { startSite } from './http-site.ts'

const path = '/api/cameras/dock-1/preview.jpg'

describe('a preview over HTTP', () => {
  it('is a JPEG that no cache keeps, and says of which frame', async () => {
    const { url, shown } = await startSite()
    shown.inspected.set('dock-1', inspected())
    const answer = await fetch(`${url}${path}`)
    expect(answer.status).toBe(200)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'cache-control': 'no-store',
      'x-epoch': '2',
      'x-frame': '7',
      'x-captured-at': '2026-11-25T12:00:00.000Z',
    })
    expect([...new Uint8Array(await answer.arrayBuffer())].slice(0, 2)).toEqual([0xff, 0xd8])
  })

  it('is not found where there is no such camera', async () => {
    const { get } = await startSite()
    expect(await get(path)).toMatchObject({
      status: 404,
      body: '{"error":"There is no camera of this name; /api/state lists all."}',
    })
  })

  it('is to be asked for again where nothing has been inspected yet', async () => {
    const { get, shown } = await startSite()
    shown.inspected.set('dock-1', 'none')
    expect(await get(path)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: '{"error":"No frame of this camera has been inspected yet."}',
    })
  })

  it('takes the viewing token', async () => {
    const { get, shown } = await startSite({ tokens: { view: await hashToken('look'), operate: undefined } })
    shown.inspected.set('dock-1', inspected())
    expect((await get(path)).status).toBe(401)
    expect((await get(path, { authorization: 'Bearer look' })).status).toBe(200)
  })

  it('ends the server where what it shows is broken', async () => {
    const { get, shown, closed } = await startSite()
    shown.inspected.set('dock-1', {
      ...inspected(),
      hold() {
        throw new Error('the slot is not held')
      },
    })
    closed.catch(() => undefined)
    expect((await get(path)).status).toBe(500)
    await expect(closed).rejects.toThrow('the slot is not held')
  })
})
