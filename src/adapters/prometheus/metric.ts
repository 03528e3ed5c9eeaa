import type { ActorTally } from '../../inspection-feed/actor-tally.ts'
import type { DaemonState, Readiness } from '../../inspection-feed/protocol.ts'
import type { HeartFigures } from '../../inspection-feed/heart-figures.ts'
import type { HttpFigures } from '../http/http-figures.ts'

/** Everything that metrics are made of, as it is at one moment. */
export interface Seen {
  readonly state: DaemonState
  readonly readiness: Readiness
  readonly tally: Pick<ActorTally, 'of'>
  readonly http: HttpFigures
  /** Lines of the log that could not be written. */
  readonly logLinesDropped: number
  readonly heart: HeartFigures
}

/** One metric by Prometheus' conventions: seconds and bytes, and `_total` for what only goes up. */
export interface Metric {
  readonly name: `belay_${string}`
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly labels: readonly string[]
  readonly samples: (seen: Seen) => Iterable<Sample>
}

/** A value, and the values of the metric's labels in their order. */
export type Sample = readonly [value: number, ...labels: string[]]

type Samples = (seen: Seen) => Iterable<Sample>

export const counter = (
  name: `belay_${string}_total`,
  labels: readonly string[],
  help: string,
  samples: Samples,
): Metric => ({ type: 'counter', name, labels, help, samples })

export const gauge = (name: `belay_${string}`, labels: readonly string[], help: string, samples: Samples): Metric => ({
  type: 'gauge',
  name,
  labels,
  help,
  samples,
})

/** A value that may not be known: then the metric has no sample, which Prometheus tells from 0. */
export const known = (value: number | null | undefined, ...labels: string[]): Sample[] =>
  value === null || value === undefined ? [] : [[value, ...labels]]

/** One sample for each entry of a record of counts, labelled with its key. */
export const each = (counts: Readonly<Record<string, number>>, ...before: string[]): Sample[] =>
  Object.entries(counts).map(([key, count]) => [count, ...before, key])
