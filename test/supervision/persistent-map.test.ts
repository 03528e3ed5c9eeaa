import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PersistentMap } from '../../src/supervision/persistent-map.ts'

const changes = fc.array(fc.record({ key: fc.stringMatching(/^[ab]{0,4}$/), value: fc.option(fc.nat()) }))

it('holds what a Map holds, and no map ever changes', () => {
  fc.assert(
    fc.property(fc.array(changes, { maxLength: 8 }), (rounds) => {
      const model = new Map<string, number>()
      let map = PersistentMap.empty<number>()
      const history: { readonly map: PersistentMap<number>; readonly expected: number[] }[] = []
      for (const round of rounds) {
        const editor = map.edit()
        for (const { key, value } of round) {
          if (value === null) {
            editor.delete(key)
            model.delete(key)
          } else {
            editor.set(key, value)
            model.set(key, value)
          }
          expect(editor.get(key)).toBe(model.get(key))
        }
        map = editor.done()
        history.push({ map, expected: sorted([...model.values()]) })
        // What the editor does afterwards is nothing to the map it gave.
        editor.set('a', -1)
      }
      for (const { map, expected } of history) {
        expect(sorted(map.values())).toEqual(expected)
        expect(map.size).toBe(expected.length)
      }
    }),
    { seed: 20_261_122, numRuns: 300 },
  )
})

it('keeps apart 50,000 keys, of which some share a leaf', () => {
  const editor = PersistentMap.empty<number>().edit()
  for (let i = 0; i < 50_000; i++) editor.set(`child.${i}`, i)
  const map = editor.done()
  expect(map.size).toBe(50_000)
  for (let i = 0; i < 50_000; i++)
    if (map.get(`child.${i}`) !== i) throw new Error(`child.${i} is ${map.get(`child.${i}`)}`)
})

const sorted = (values: number[]): number[] => values.sort((a, b) => a - b)
