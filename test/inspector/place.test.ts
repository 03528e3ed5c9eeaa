import { describe, expect, it } from 'vitest'
import { hashOf, placeOf } from '../../inspector/src/place.ts'

describe('a place of the page', () => {
  it.each([
    { view: 'machine', path: 'root/cameras/dock-1' },
    { view: 'files', path: '12' },
    { view: 'files', path: 'dock-1/model/dock-1_model_20261122T020836123Z_7-000042.csv' },
    { view: 'tree', path: '' },
  ] as const)('$view $path is found again by its address', (place) => {
    expect(placeOf(hashOf(place))).toEqual(place)
  })

  it.each(['', '#', '#/nowhere', '#/files/%', '#/%E0%A4%A'])('is the line where the address is "%s"', (hash) => {
    expect(placeOf(hash)).toEqual({ view: 'line', path: '' })
  })
})
