import { describe, expect, it } from 'vitest'
import { Redrawing } from '../../inspector/src/redrawing.ts'

describe('a card that is in sight', () => {
  it('is drawn whenever there is something new', () => {
    const card = new Redrawing()
    card.drawn(0)
    expect({ isDue: card.isDue(1), hasCome: card.moved(true) }).toEqual({ isDue: true, hasCome: false })
  })
})

describe('cards that are out of sight', () => {
  it('are drawn again every 4 s, a few at a time, however many there are', () => {
    const began = 1_764_460_800_000
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

  it('are drawn again where the wall clock was set back', () => {
    const cards = Array.from({ length: 16 }, () => new Redrawing())
    for (const card of cards) {
      card.drawn(10_000)
      card.moved(false)
    }
    expect(cards.every((card) => card.isDue(6_000))).toBe(true)
  })

  it('are drawn as soon as they come into sight, once', () => {
    const card = new Redrawing()
    card.drawn(0)
    expect([false, true, true].map((isInSight) => card.moved(isInSight))).toEqual([false, true, false])
    expect(card.isDue(1)).toBe(true)
  })
})
