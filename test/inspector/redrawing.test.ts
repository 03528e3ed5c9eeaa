import { describe, expect, it } from 'vitest'
import { Redrawing } from '../../inspector/src/parts/redrawing.ts'

describe('a card that is in sight', () => {
  it('is drawn twice a second', () => {
    const card = new Redrawing()
    card.drawn(0)
    const drawn: number[] = []
    for (let now = 0; now < 10_000; now += 50) {
      if (!card.isDue(now)) continue
      card.drawn(now)
      drawn.push(now)
    }
    const gaps = drawn.slice(1).map((at, index) => at - drawn[index]!)
    expect(drawn[0]).toBeLessThanOrEqual(500)
    expect(new Set(gaps)).toEqual(new Set([500]))
  })
})

describe('cards that are out of sight', () => {
  it('are drawn again every 4 s, a few at a time, however many there are', () => {
    const began = 7_654_321
    for (const count of [1, 16, 97]) {
      const cards = Array.from({ length: count }, () => new Redrawing())
      for (const card of cards) {
        card.drawn(began)
        card.moved(false)
      }
      const drawn: number[] = []
      for (let now = began + 250; now <= began + 40_000; now += 250) {
        const due = cards.filter((card) => card.isDue(now))
        for (const card of due) card.drawn(now)
        drawn.push(due.length)
      }
      expect(drawn.reduce((sum, value) => sum + value)).toBe(10 * count)
      expect(Math.max(...drawn)).toBeLessThanOrEqual(Math.ceil((count * 250) / 4_000) + 2)
    }
  })

  it('are drawn as soon as they come into sight, once', () => {
    const card = new Redrawing()
    expect([false, true, true].map((isInSight) => card.moved(isInSight))).toEqual([false, true, false])
  })
})
