/** The middle one; of an even number, the lower of the two in the middle. */
export function median(values: readonly number[]): number {
  const middle = values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1]
  if (middle === undefined) throw new RangeError('Nothing has no median')
  return middle
}

/** The median of one figure over several runs. */
export const medianOf = <T>(runs: readonly T[], figure: (run: T) => number): number => median(runs.map(figure))

/** The median of every number of several runs that are alike, wherever in them it stands. */
export function medians<T extends object>(runs: readonly T[]): T {
  const parts = Object.keys(runs[0] ?? {}) as (keyof T)[]
  const of = (part: keyof T): unknown => {
    const values = runs.map((run) => run[part])
    return values.every((value) => typeof value === 'number') ? median(values) : medians(values as object[])
  }
  return Object.fromEntries(parts.map((part) => [part, of(part)])) as T
}

/** Four significant digits: what more there is says nothing. Numbers anywhere inside are rounded, integers are left. */
export const rounded = (value: unknown): unknown => JSON.parse(JSON.stringify(value, roundedNumber)) as unknown

const roundedNumber = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value

/** What a part does alone. */
export interface Cost {
  readonly framesPerSecond: number
  /** Of all its threads. */
  readonly cpuSecondsPerFrame: number
}

export const medianCost = (costs: readonly Cost[]): Cost => ({
  framesPerSecond: medianOf(costs, (cost) => cost.framesPerSecond),
  cpuSecondsPerFrame: medianOf(costs, (cost) => cost.cpuSecondsPerFrame),
})
