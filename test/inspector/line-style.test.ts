import { describe, expect, it } from 'vitest'
import { lineStyle } from '../../inspector/src/charts/line-style.ts'

describe('the lines of a chart', () => {
  const styles = Array.from({ length: 24 }, (_, index) => lineStyle(index))

  it('are told apart without colours where there are four, and with them where there are 24', () => {
    expect(new Set(styles.slice(0, 4).map(({ dash }) => dash.join(' '))).size).toBe(4)
    expect(new Set(styles.map(({ colour, dash }) => `${colour} ${dash.join(' ')}`)).size).toBe(24)
  })

  it('lie beside none with the same dash', () => {
    for (const [index, { dash }] of styles.slice(1).entries())
      expect(dash, `line ${index + 1}`).not.toBe(styles[index]?.dash)
  })
})
