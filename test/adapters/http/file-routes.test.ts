import { describe, expect, it } from 'vitest'
import { ManifestClosedError } from '../../../src/domain/manifest-errors.ts'
import { perState } from '../../../src/domain/file-state.ts'
import { epochMs } from '../../../src/domain/units.ts'
import { hashToken } from '../../../src/adapters/http/token-hash.ts'
import type { FileHistory } from '../../../src/inspection-feed/file-protocol.ts'
import { startSite } from './http-site.ts'

const at = epochMs(1)
const history: FileHistory = {
  file: {
    ...{ id: 17, path: 'dock-1/model/a.csv', camera: 'dock-1', state: 'pending', rows: 3, bytes: 99, sha256: 'aa' },
    ...{ attempts: 0, sealedAt: at, changedAt: at, dueAt: null, why: null },
  },
  changes: [{ at, boot: 7, from: null, to: 'pending', why: null }],
}

describe('the list of files', () => {
  it.each([
    ['', { limit: 100 }],
    ['?state=deadLetter,conflict', { states: ['conflict', 'deadLetter'], limit: 100 }],
    ['?camera=dock-1&olderThan=36h', { camera: 'dock-1', olderThan: 129_600_000, limit: 100 }],
    ['?limit=500&order=newest', { newestFirst: true, limit: 500 }],
  ])('is asked for by state, camera and age: %s', async (query, question) => {
    const { get, shown } = await startSite()
    expect(JSON.parse((await get(`/api/files${query}`)).body)).toEqual({
      files: [],
      more: false,
      counts: perState(() => 0),
    })
    expect(shown.questions).toEqual([question])
  })

  it.each([
    ['?state=gone', 'state: expected some of held, packed, pending,'],
    ['?state=pending&state=held', 'state: expected one value, found ["pending","held"]'],
    ['?state=pending,pending', 'state: expected some of'],
    ['?camera=../etc', 'camera: expected the id of a camera, such as dock-1, found "../etc".'],
    ['?olderThan=yesterday', 'olderThan: expected a duration such as 90m, 36h or 7d, found "yesterday".'],
    ['?limit=0', 'limit: expected a number from 1 to 500, found "0".'],
    ['?limit=1000', 'limit: expected a number from 1 to 500'],
    ['?order=best', 'order: expected newest or oldest'],
    ['?toString=1', '"toString" cannot be asked for: expected state, camera,'],
  ])('says what is wrong with a question: %s', async (query, words) => {
    const { get, shown } = await startSite()
    const { status, body } = await get(`/api/files${query}`)
    expect(status).toBe(400)
    expect((JSON.parse(body) as { error: string }).error).toContain(words)
    expect(shown.questions).toEqual([])
  })

  it('is to be asked for again where the manifest is not open', async () => {
    const { get, shown } = await startSite()
    shown.filesFault = new ManifestClosedError()
    for (const path of ['/api/files', '/api/files/17']) {
      const { status, headers, body } = await get(path)
      expect([status, headers['retry-after']]).toEqual([503, '2'])
      expect(body).toContain('The manifest is not open')
    }
  })

  it('takes the token that looking takes', async () => {
    const { get, shown } = await startSite({ tokens: { view: await hashToken('may-look', 10) } })
    shown.histories.set(17, history)
    for (const path of ['/api/files', '/api/files/17']) {
      expect((await get(path)).status).toBe(401)
      expect((await get(path, { authorization: 'Bearer may-look' })).status).toBe(200)
    }
  })
})

describe('one file', () => {
  it('is shown with every change of its state', async () => {
    const { get, shown } = await startSite()
    shown.histories.set(17, history)
    for (const name of ['17', 'dock-1/model/a.csv', 'dock-1%2Fmodel%2Fa.csv'])
      expect(JSON.parse((await get(`/api/files/${name}`)).body), name).toEqual(history)
  })

  it.each([
    ['18', 'There is no file 18.'],
    ['dock-1/model/b.csv', 'There is no file dock-1/model/b.csv.'],
    [`dock-1/model/${'b'.repeat(500)}.csv`, 'A file is named by its number'],
    ['0', 'A file is named by its number'],
    ['1e1', 'A file is named by its number'],
    ['..%2f..%2fetc', 'A file is named by its number'],
  ])('that there is not is not found: %s', async (id, words) => {
    const { get } = await startSite()
    const { status, body } = await get(`/api/files/${id}`)
    expect(status).toBe(404)
    expect(body).toContain(words)
  })
})
