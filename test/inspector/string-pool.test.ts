import { describe, expect, it } from 'vitest'
import { Words } from '../../inspector/src/history/string-pool.ts'

describe('words that are kept once', () => {
  it('say what they said, in objects and lists too, and are counted once', () => {
    const words = new Words()
    const told = () => ({
      path: 'root/cameras/dock-1',
      nodes: ['streaming', 'open'],
      detail: { rows: 8, why: null, of: 'open' },
    })
    const [first, second] = [told(), told()]
    words.keepOnce(first)
    words.keepOnce(second)
    expect([first, second]).toEqual([told(), told()])
    expect(words.count).toBe(3)
  })

  it('are not held for ever: what is told once only does not add up', () => {
    const words = new Words()
    let most = 0
    for (let file = 0; file < 20_000; file++) {
      words.keepOnce({ path: 'root/uploader', detail: { path: `dock-1/${file}.csv` } })
      most = Math.max(most, words.count)
    }
    expect(most).toBeLessThanOrEqual(5_000)
  })
})
