import type { FeedRecord } from '../../src/inspection-feed/record.ts'

export interface SeriesSet {
  readonly title: string
  readonly series: readonly { readonly name: string; readonly latest: string }[]
  /** Seconds since 1970, then one list of values for each series; `null` where there is none. */
  readonly data: readonly (readonly (number | null)[])[]
}

interface Wanted {
  readonly title: string
  readonly paths: RegExp
  readonly key: string
  /** A counter is shown as what it grows by a second. */
  readonly isCounter?: boolean
}

const wanted: readonly Wanted[] = [
  { title: 'Frames a second', paths: /^root\/cameras\//, key: 'fps' },
  { title: 'Inspected a second', paths: /^root\/cameras\//, key: 'inspected', isCounter: true },
  { title: 'Latency p95, ms', paths: /^root\/cameras\//, key: 'latencyP95Ms' },
  { title: 'Waiting: requests, files', paths: /^root\/(csv-writer|uploader)$/, key: 'queueSize' },
  { title: 'Files delivered a second', paths: /^root\/uploader$/, key: 'uploaded', isCounter: true },
]

/** The gauges that are drawn, each set on one time axis. */
export function gaugeSeries(records: readonly FeedRecord[]): SeriesSet[] {
  return wanted.map(({ title, paths, key, isCounter = false }) => {
    const byName = new Map<string, Map<number, number>>()
    const before = new Map<string, { at: number; value: number }>()
    for (const record of records) {
      if (record.type !== 'gauges.read' || !paths.test(record.path)) continue
      const value = record.values[key]
      if (value === undefined) continue
      const name = record.path.slice(record.path.lastIndexOf('/') + 1)
      const points = byName.get(name) ?? new Map<number, number>()
      byName.set(name, points)
      const second = Math.round(record.at / 1000)
      const last = before.get(name)
      before.set(name, { at: record.monotonic, value })
      if (!isCounter) points.set(second, value)
      // A counter that has gone down belongs to another start.
      else if (last !== undefined && record.monotonic > last.at && value >= last.value)
        points.set(second, ((value - last.value) / (record.monotonic - last.at)) * 1000)
    }
    const drawn = [...byName].filter(([, points]) => points.size > 0)
    const seconds = [...new Set(drawn.flatMap(([, points]) => [...points.keys()]))].sort((a, b) => a - b)
    return {
      title,
      series: drawn.map(([name, points]) => ({ name, latest: short([...points.values()].at(-1)) })),
      data: [seconds, ...drawn.map(([, points]) => seconds.map((second) => points.get(second) ?? null))],
    }
  })
}

const short = (value: number | undefined): string =>
  value === undefined ? '–' : Number.isInteger(value) ? String(value) : value.toFixed(1)
