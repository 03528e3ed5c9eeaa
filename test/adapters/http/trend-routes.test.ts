import { describe, expect, it } from 'vitest'
import { startSite } from './http-site.ts'

describe('a question about trends', () => {
  it.each([
    ['kind=latency', { kind: 'latency', span: '1h', bucketMs: 10_000, from: 0, series: [] }],
    ['kind=disk&span=3d', { kind: 'disk', span: '3d' }],
    ['kind=lag&span=6h&from=17', { kind: 'lag', span: '6h', from: 17 }],
  ])('?%s is answered', async (query, asked) => {
    const { get, shown } = await startSite()
    const { status, body } = await get(`/api/trends?${query}`)
    expect(status).toBe(200)
    expect(JSON.parse(body)).toMatchObject(asked)
    expect(shown.trendsAsked).toBe(1)
  })

  it.each([
    ['', /^kind: expected one of inspected, arrived, lost, latency/],
    ['kind=secrets', /^kind: expected one of/],
    ['kind=latency&kind=disk', /^kind: expected one of/],
    ['kind=latency&span=1y', /^span: expected one of 1h, 6h, 3d\./],
    ['kind=latency&span=toString', /^span: expected one of/],
    ['kind=latency&from=-1', /^from: expected the number of a bucket/],
    ['kind=latency&from=1e3', /^from: expected the number of a bucket/],
    ['kind=latency&limit=5', /^Only kind, span and from can be asked for/],
  ])('?%s is turned away with what was expected', async (query, words) => {
    const { get, shown } = await startSite()
    const { status, body } = await get(`/api/trends?${query}`)
    expect(status).toBe(400)
    expect((JSON.parse(body) as { error: string }).error).toMatch(words)
    expect(shown.trendsAsked).toBe(0)
  })
})
