import type { Child, Wants } from './core-state.ts'
import type { Ms } from './spec.ts'

/** The least that a child without a time of its own counts for when time is short; OTP's default for a worker. */
const leastForEndless: Ms = 5_000

/** What the children of a stop ask for, summed from each place to the end. */
export function wantsOf(order: readonly Child[]): Wants {
  const time = new Array<Ms>(order.length + 1).fill(0)
  const endless = new Array<number>(order.length + 1).fill(0)
  for (let place = order.length - 1; place >= 0; place--) {
    const shutdown = order[place]?.rules.shutdown
    time[place] = (time[place + 1] ?? 0) + (typeof shutdown === 'number' ? shutdown : 0)
    endless[place] = (endless[place + 1] ?? 0) + (shutdown === 'infinity' ? 1 : 0)
  }
  return { time, endless }
}

/** What the children from `place` on are sure of, whatever more time those before them are given. */
export const keptFrom = ({ time, endless }: Wants, place: number): Ms =>
  (time[place] ?? 0) + (endless[place] ?? 0) * leastForEndless

/**
 * What the child at `place` may take of the `left` that it shares with those after it.
 *
 * It gets what it asks for while that leaves the others theirs; where it doesn't, all get the same part of what they ask
 * for. Children that ask for no limit share what the others leave.
 */
export function shareOf(child: Child, place: number, wants: Wants, left: Ms): Ms {
  const { shutdown } = child.rules
  if (shutdown === 'brutal_kill') return 0
  if (left === Infinity) return shutdown === 'infinity' ? Infinity : shutdown
  const time = wants.time[place] ?? 0
  const endless = wants.endless[place] ?? 0
  const each = Math.max(leastForEndless, (left - time) / endless)
  const asked = time + (endless === 0 ? 0 : endless * each)
  const want = shutdown === 'infinity' ? each : shutdown
  return Math.max(0, asked <= left ? want : (want * left) / asked)
}
