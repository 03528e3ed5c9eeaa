import { type Happening, happenings } from './happenings.ts'

/**
 * How one run's tape is drawn. Runs that differ in what can go wrong at all find more than runs in which everything may
 * (Groce et al., Swarm Testing, ISSTA 2012). A tape that is recorded asks for none of it.
 */
export interface Swarm {
  /** Steps with faults beyond the fewest. */
  readonly moreSteps: number
  /** Of these, so many at the beginning in which nothing goes wrong yet: a start takes about 40. */
  readonly calm: number
  /** What may happen at all, counted from 1. */
  readonly enabled: readonly number[]
  /** How likely it is, at each step, that something happens. */
  readonly happenings: number
  /** How likely it is that calls are answered in another order, or that a timer is first. */
  readonly disorder: number
  /** How likely it is that a camera does not just send its next picture. */
  readonly cameras: number
  /** How likely a fault of a call is. */
  faultsOf(call: string): number
  /** In [0, 1): which of a call's faults is likelier than the others in this run. */
  readonly favourite: number
}

/** Steps with faults: of any run, and beyond these. */
export const fewestSteps = 25
export const mostMoreSteps = 80 + 110

/** What seldom may happen at all, since it takes files out of the way that others are found on. */
const seldom: ReadonlySet<string> = new Set<Happening>(['stranger', 'file refused', 'models hang'])

const ports = ['disk', 'manifest', 'sftp', 'video', 'models', 'http', 'log'] as const

export function swarmFrom(random: () => number): Swarm {
  const pick = <Item>(...items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item
  const calm = pick(0, 45, 60, 80)
  const moreSteps = calm + Math.floor(random() * 110)
  const enabled = happenings.flatMap((name, index) => (random() < (seldom.has(name) ? 0.25 : 0.5) ? [index + 1] : []))
  const rates = new Map<string, number>(ports.map((port) => [port, pick(0, 0.02, 0.1, 0.3)]))
  return {
    moreSteps,
    calm,
    enabled,
    happenings: pick(0, 0.02, 0.08),
    disorder: pick(0, 0.1, 0.4),
    cameras: pick(0, 0.2, 0.5),
    favourite: random(),
    faultsOf: (call) => rates.get(call.slice(0, call.indexOf('.'))) ?? 0,
  }
}
