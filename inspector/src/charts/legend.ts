/** As many as are told apart at a glance. */
const mostNames = 12

/**
 * Which of the series are named beside a chart, given their values, in their own order: all, or where they are many the least and the
 * greatest, which is where one looks for what is amiss.
 */
export function namedOf(values: readonly (number | null | undefined)[]): number[] {
  const all = [...values.keys()]
  if (values.length <= mostNames) return all
  const half = mostNames / 2
  const known = all.flatMap((index) => {
    const value = values[index]
    return value === null || value === undefined ? [] : [{ index, value }]
  })
  const byValue = known.sort((a, b) => a.value - b.value || a.index - b.index).map(({ index }) => index)
  const named = byValue.length <= mostNames ? byValue : [...byValue.slice(0, half), ...byValue.slice(-half)]
  return named.sort((a, b) => a - b)
}

/** Where the present value stands: the last bucket may have begun just now, and until it has a value the one before it holds. */
export const presentPlace = (values: readonly (number | null)[]): number | undefined =>
  [values.length - 1, values.length - 2].find((place) => typeof values[place] === 'number')
