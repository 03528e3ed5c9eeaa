import { describe, expect, it } from 'vitest'
import { InOrder } from '../../src/frame-path/in-order.ts'
import { settle } from '../fakes/virtual-clock.ts'

describe('what is settled out of order', () => {
  it('takes effect in the order in which it was entered', async () => {
    const order = new InOrder()
    const done: string[] = []
    const [first, second, third] = [order.enter(), order.enter(), order.enter()]
    void third(() => void done.push('third'))
    void second()
    expect(done).toEqual([])
    void first(() => void done.push('first'))
    expect(done).toEqual(['first', 'third'])
  })

  it('waits for an action that takes time before it runs the next', async () => {
    const order = new InOrder()
    const done: string[] = []
    const [first, second] = [order.enter(), order.enter()]
    let finish: () => void = () => undefined
    void first(() => new Promise<void>((resolve) => (finish = resolve)))
    void second(() => void done.push('second'))
    await settle()
    expect(done).toEqual([])
    finish()
    await settle()
    expect(done).toEqual(['second'])
  })

  it.each([
    { kind: 'throws', action: () => { throw new Error('broken') } }, // prettier-ignore
    { kind: 'rejects', action: async () => Promise.reject(new Error('broken')) },
  ])('goes on after an action that $kind, and tells whoever settled it', async ({ action }) => {
    const order = new InOrder()
    const [first, second] = [order.enter(), order.enter()]
    const failed = expect(first(action)).rejects.toThrow('broken')
    await second()
    await failed
  })

  it('refuses to be settled twice', async () => {
    const order = new InOrder()
    order.enter()
    const second = order.enter()
    void second()
    await expect(second()).rejects.toThrow('An entry is settled once')
  })
})
