import type { LookupFunction } from 'node:net'
import { describe, expect, it } from 'vitest'
import { shareLookups } from '../../src/adapters/system-lookup.ts'

describe('the lookup of a name', () => {
  const scripted = () => {
    const asked: { readonly host: string; readonly answer: Parameters<LookupFunction>[2] }[] = []
    return { asked, lookup: shareLookups((host, _, answer) => void asked.push({ host, answer })) }
  }

  it('is asked for once while nobody answers, and all who ask get the answer', () => {
    const { asked, lookup } = scripted()
    const heard: unknown[] = []
    for (const who of [1, 2, 3]) lookup('camera-1.plant', { all: true }, (...answer) => heard.push([who, ...answer]))
    lookup('camera-2.plant', { all: true }, () => undefined)
    expect(asked.map(({ host }) => host)).toEqual(['camera-1.plant', 'camera-2.plant'])
    const found = [{ address: '10.0.0.1', family: 4 }]
    asked[0]?.answer(null, found)
    expect(heard).toEqual([1, 2, 3].map((who) => [who, null, found]))
  })

  it('is asked for anew after an answer, and apart where another kind of address is wanted', () => {
    const { asked, lookup } = scripted()
    lookup('camera-1.plant', { family: 4 }, () => undefined)
    lookup('camera-1.plant', { family: 6 }, () => undefined)
    expect(asked).toHaveLength(2)
    asked[0]?.answer(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), '')
    lookup('camera-1.plant', { family: 4 }, () => undefined)
    expect(asked).toHaveLength(3)
  })
})
