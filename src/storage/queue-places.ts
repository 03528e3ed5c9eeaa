export interface Places {
  /** Of the share that stands ready for it. */
  readonly own: number
  /** Of those that are anybody's. */
  readonly common: number
}

/**
 * The places of a queue that one series has left. Half of the queue stands ready for the known series in equal shares, the
 * rest goes to whoever comes first: one whose requests cannot be written takes no other's last place.
 */
export function placesLeft(
  bound: number,
  known: ReadonlySet<string>,
  taken: ReadonlyMap<string, number>,
  series: string,
): Places {
  const share = known.size === 0 ? 0 : Math.floor(bound / 2 / known.size)
  const shareOf = (path: string): number => (known.has(path) ? share : 0)
  let all = bound
  let common = bound - share * known.size
  for (const [path, count] of taken) {
    all -= count
    common -= Math.max(0, count - shareOf(path))
  }
  const own = Math.max(0, shareOf(series) - (taken.get(series) ?? 0))
  // What was taken before others became known may be in places that are theirs now.
  return { own: Math.max(0, Math.min(own, all)), common: Math.max(0, common) }
}
