import type { FeedRecord } from '../../../src/inspection-feed/record.ts'
import type { Gauges } from '../../../src/inspection-feed/trend-kinds.ts'
import { TrendSampler } from '../../../src/inspection-feed/trend-sampler.ts'
import type { Scene } from '../history/scene.ts'
import type { Told } from '../history/told.ts'
import type { TrendData } from './trend-data.ts'

type Trends = ReadonlyMap<string, TrendData>

/** Gauges are read every 2 s: of the present, what is so old need not be made anew. */
const freshMs = 5_000

/** The figures up to the moment that is shown: of the past exactly, of the present up to a few seconds ago. */
export class RecordedTrends {
  #made: (Pick<Scene, 'before' | 'monotonic'> & { readonly count: number; readonly trends: Trends }) | undefined

  of({ before, records, monotonic, isPast }: Pick<Scene, 'before' | 'records' | 'monotonic' | 'isPast'>): Trends {
    const made = this.#made
    if (made !== undefined && made.before === before) {
      const age = monotonic - made.monotonic
      if (made.count === records.length || (!isPast && age >= 0 && age < freshMs)) return made.trends
    }
    const trends = recordedTrends({ before, records })
    this.#made = { before, monotonic, count: records.length, trends }
    return trends
  }
}

interface Points {
  readonly name: string
  readonly values: Map<number, number>
}

/** The figures that records hold, kind by kind, each reading a moment of its own. */
export function recordedTrends({ before, records }: Told): Trends {
  const sampler = new TrendSampler()
  // What has not moved since before the first record is in none of them.
  const readings = new Map<string, Gauges>(
    before.filter(({ ended }) => ended === null).map(({ path, gauges }) => [path, gauges]),
  )
  const kinds = new Map<string, { readonly moments: number[]; readonly parts: Map<string, Points> }>()
  let last: FeedRecord | undefined
  const sample = (): void => {
    if (last === undefined) return
    const moment = last.at / 1000
    for (const { kind, name, value } of sampler.sample(readings, last.at, last.monotonic)) {
      const found = kinds.get(kind.name) ?? { moments: [], parts: new Map<string, Points>() }
      kinds.set(kind.name, found)
      if (found.moments.at(-1) !== moment) found.moments.push(moment)
      const part = found.parts.get(name) ?? { name, values: new Map<number, number>() }
      found.parts.set(name, part)
      part.values.set(moment, value)
    }
  }
  for (const record of records) {
    if (record.type === 'actor.ended') {
      sample()
      readings.delete(record.path)
    }
    if (record.type !== 'gauges.read') continue
    // All that was read at one time has come within a moment.
    if (last !== undefined && record.monotonic - last.monotonic > sameReadingMs) sample()
    readings.set(record.path, record.values)
    last = record
  }
  sample()
  return new Map([...kinds].map(([kind, { moments, parts }]) => [kind, inOrder(moments, [...parts.values()])]))
}

const sameReadingMs = 500

/** A wall clock that was set back makes moments come twice; a chart has to go forward. */
function inOrder(moments: readonly number[], parts: readonly Points[]): TrendData {
  const sorted = [...new Set(moments)].sort((a, b) => a - b)
  const series = parts.map(({ name, values }) => {
    const list = sorted.map((moment) => values.get(moment) ?? null)
    return { name, min: list, mean: list, max: list }
  })
  return { moments: sorted, series, leftOut: 0 }
}
