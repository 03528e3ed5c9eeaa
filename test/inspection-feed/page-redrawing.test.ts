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
  it('are drawn again after 2 to 4 s, and not all of them at once', () => {
    const cards = Array.from({ length: 16 }, () => new Redrawing())
    for (const card of cards) {
      card.drawn(10_000)
      card.moved(false)
    }
    const due = (after: number) => cards.filter((card) => card.isDue(10_000 + after)).length
    expect([1_999, 2_000, 2_250, 3_749, 3_750].map(due)).toEqual([0, 2, 4, 14, 16])
    // The wall clock was set back.
    expect(due(-3_750)).toBe(16)
  })

  it('are drawn as soon as they come into sight, once', () => {
    const card = new Redrawing()
    card.drawn(0)
    expect([false, true, true].map((isInSight) => card.moved(isInSight))).toEqual([false, true, false])
    expect(card.isDue(1)).toBe(true)
  })
})
