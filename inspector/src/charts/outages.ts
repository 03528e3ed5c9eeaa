type Known = number | null | undefined

/** A latency is told for a minute after the last frame, and the slowest camera has a frame every 100 s. */
const bridgedSeconds = 60

/**
 * For uPlot, which draws a line over `undefined` and none over `null`: `null` stays where nothing was known for longer than what is bridged.
 *
 * Nothing is drawn over an outage: what has not been measured is not known.
 */
export function withOutages(moments: readonly number[], values: readonly (number | null)[]): Known[] {
  const drawn: Known[] = [...values]
  let before: number | undefined
  values.forEach((value, index) => {
    if (value === null) return
    const apart = (moments[index] ?? 0) - (moments[before ?? 0] ?? 0)
    if (before !== undefined && apart <= bridgedSeconds) drawn.fill(undefined, before + 1, index)
    before = index
  })
  return drawn
}

/** Where a value stands between two outages, and so is on no line: a point has to show it. */
export function alone(drawn: ArrayLike<Known>): number[] {
  const known = Array.from(drawn).flatMap((value, index) => (value === undefined ? [] : [{ value, index }]))
  return known.flatMap(({ value, index }, place) =>
    value === null || known[place - 1]?.value != null || known[place + 1]?.value != null ? [] : [index],
  )
}
