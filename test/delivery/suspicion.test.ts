import { describe, expect, it } from 'vitest'
import { Suspicion } from '../../src/delivery/suspicion.ts'

describe('a file that fails', () => {
  it('is not to blame the first time, nor while nothing arrives', () => {
    const suspicion = new Suspicion()
    suspicion.arrived(1, 'dock-1/model', 9)
    expect(suspicion.failed(2, 'dock-1/model')).toBe(false)
    expect(suspicion.failed(2, 'dock-1/model')).toBe(false)
  })

  it('is to blame once others have arrived in its folder since it failed last', () => {
    const suspicion = new Suspicion()
    suspicion.failed(2, 'dock-1/model')
    suspicion.arrived(1, 'dock-1/model', 9)
    expect(suspicion.failed(2, 'dock-1/model')).toBe(true)
    expect(suspicion.failed(2, 'dock-1/model')).toBe(false)
  })

  it('is not to blame for what arrives elsewhere', () => {
    const suspicion = new Suspicion()
    suspicion.failed(2, 'dock-1/model')
    suspicion.arrived(1, 'dock-2/model', 9)
    expect(suspicion.failed(2, 'dock-1/model')).toBe(false)
  })

  it.each([
    { arrived: [9], isToBlame: false },
    { arrived: [10], isToBlame: true },
    { arrived: [11, 3, 9], isToBlame: true },
    { arrived: [3, 9, 8], isToBlame: false },
  ])('for want of room, perhaps, is to blame only for one as long: $arrived of 10', ({ arrived, isToBlame }) => {
    const suspicion = new Suspicion()
    suspicion.arrived(1, 'a', 20)
    suspicion.failed(2, 'a', 10)
    for (const [index, bytes] of arrived.entries()) suspicion.arrived(3 + index, 'a', bytes)
    expect(suspicion.failed(2, 'a', 10)).toBe(isToBlame)
    expect(suspicion.failed(2, 'a', 10)).toBe(false)
  })

  it('is cleared by arriving', () => {
    const suspicion = new Suspicion()
    suspicion.failed(2, 'a')
    suspicion.arrived(2, 'a', 9)
    expect(suspicion.failed(2, 'a')).toBe(false)
  })

  it('is forgotten when 10,000 others have failed since', () => {
    const suspicion = new Suspicion()
    for (let id = 0; id <= 10_000; id++) suspicion.failed(id, 'a')
    suspicion.arrived(-1, 'a', 9)
    expect([suspicion.failed(1, 'a'), suspicion.failed(0, 'a')]).toEqual([true, false])
  })
})

describe('a file with which sessions are lost', () => {
  it('has them counted in a row, until there is an answer', () => {
    const suspicion = new Suspicion()
    expect([1, 2, 3].map(() => suspicion.unanswered(1, 'a'))).toEqual([1, 2, 3])
    suspicion.failed(1, 'a')
    expect(suspicion.unanswered(1, 'a')).toBe(1)
    suspicion.arrived(1, 'a', 9)
    expect(suspicion.unanswered(1, 'a')).toBe(1)
  })

  it('is not thereby cleared of what it failed by before', () => {
    const suspicion = new Suspicion()
    suspicion.failed(1, 'a')
    suspicion.arrived(2, 'a', 9)
    suspicion.unanswered(1, 'a')
    expect(suspicion.failed(1, 'a')).toBe(true)
  })
})
