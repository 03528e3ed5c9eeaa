/** A name of the page's colours, and a pattern of dashes and gaps in pixels. */
export interface LineStyle {
  readonly colour: (typeof colours)[number]
  readonly dash: readonly number[]
}

const colours = ['busy', 'good', 'warn', 'bad', 'off', 'text'] as const
const dashes = [[], [8, 4], [2, 3], [12, 3, 3, 3]] as const

/** How the lines of a chart are told apart, also by who sees no colours: four in a row have other dashes, and no two of the first 24 are the same. */
export function lineStyle(index: number): LineStyle {
  // Both come round together after 12, and then go on one dash further.
  const round = Math.floor(index / 12)
  return {
    colour: colours[index % colours.length] ?? 'text',
    dash: dashes[(index + round) % dashes.length] ?? [],
  }
}

/** As the style sheet counts them. */
export const colourPlace = (index: number): number => index % colours.length
