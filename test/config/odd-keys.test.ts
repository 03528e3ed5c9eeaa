import { describe, expect, it } from 'vitest'
import { mistakesIn, smallConfig } from './small-config.ts'

const logWith = (keys: string) => mistakesIn(`${smallConfig}log: { ${keys} }`)

describe('a key that is no text', () => {
  it.each([
    { key: '7', mistake: /^belay.yaml:12:8 log\.7: .* found the unknown key "7"$/ },
    { key: 'true', mistake: /^belay.yaml:12:8 log\.true: .* found the unknown key "true"$/ },
    { key: '~', mistake: /^belay.yaml:12:8 log\.…: .* found an unknown key / },
  ])('is taken for its text: $key', async ({ key, mistake }) => {
    expect(await logWith(`${key}: x`)).toEqual([expect.stringMatching(mistake)])
  })

  it.each([
    { key: '? [level]', at: '12:10' },
    { key: '? { level: info }', at: '12:10' },
  ])('is refused where it has none: $key', async ({ key, at }) => {
    expect(await logWith(`${key} : warn`)).toEqual([`belay.yaml:${at}: expected a text as key, found something else`])
  })
})

describe('the key __proto__', () => {
  it('is refused', async () => {
    expect(await logWith('__proto__: x')).toEqual(['belay.yaml:12:8: expected a text as key, found something else'])
  })
})
