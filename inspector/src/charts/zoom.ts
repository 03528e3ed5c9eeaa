/** A stretch of time, in seconds. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** A shorter one shows nothing. */
const least = 10

/** `shown`, so many times as long around a moment within it, and never beyond `all`. */
export function zoomed(shown: Stretch, all: Stretch, factor: number, around = (shown.from + shown.to) / 2): Stretch {
  const length = Math.max(least, (shown.to - shown.from) * factor)
  const share = (around - shown.from) / (shown.to - shown.from)
  return within({ from: around - length * share, to: around + length * (1 - share) }, all)
}

/** `shown`, moved by so many of its own lengths. */
export function moved(shown: Stretch, all: Stretch, lengths: number): Stretch {
  const by = (shown.to - shown.from) * lengths
  return within({ from: shown.from + by, to: shown.to + by }, all)
}

function within({ from, to }: Stretch, all: Stretch): Stretch {
  const length = Math.min(to - from, all.to - all.from)
  const begin = Math.min(Math.max(from, all.from), all.to - length)
  return { from: begin, to: begin + length }
}
