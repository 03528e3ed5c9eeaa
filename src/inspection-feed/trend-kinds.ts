import type { TrendSpan } from './trend-protocol.ts'

export type Gauges = Readonly<Record<string, number>>

/** One figure of parts of one kind, as it is followed over time. */
export interface TrendKind {
  /** In addresses: `?kind=latency`. */
  readonly name: string
  /** For people. */
  readonly title: string
  readonly unit: 'a second' | 'ms' | 's' | 'bytes' | 'count'
  /** Of which actors. */
  readonly of: RegExp
  /** Out of a part's gauges as they were read at `at`; `undefined` where they don't say. */
  readonly value: (gauges: Gauges, at: number) => number | undefined
  /** The value counts up: what is followed is how much it grows by a second. */
  readonly isCounter?: boolean
}

const camera = /^root\/cameras\/[^/]+$/

export const trendKinds: readonly TrendKind[] = [
  {
    name: 'inspected',
    title: 'Inspected',
    unit: 'a second',
    of: camera,
    value: ({ inspectedPerSecond }) => inspectedPerSecond,
  },
  { name: 'arrived', title: 'Arrived', unit: 'a second', of: camera, value: ({ fps }) => fps },
  { name: 'lost', title: 'Dropped and failed', unit: 'a second', of: camera, value: lost, isCounter: true },
  { name: 'latency', title: 'Latency, p95', unit: 'ms', of: camera, value: ({ latencyP95Ms }) => latencyP95Ms },
  {
    name: 'frames',
    title: 'Frames that wait for a worker',
    unit: 'count',
    of: /^root\/inference$/,
    value: ({ waiting }) => waiting,
  },
  {
    name: 'requests',
    title: 'Requests that wait for the writer',
    unit: 'count',
    of: /^root\/csv-writer$/,
    value: ({ queueSize }) => queueSize,
  },
  {
    name: 'files',
    title: 'Files not delivered',
    unit: 'count',
    of: /^root\/uploader$/,
    value: ({ queueSize }) => queueSize,
  },
  {
    name: 'delivered',
    title: 'Files delivered',
    unit: 'a second',
    of: /^root\/uploader$/,
    value: ({ uploaded }) => uploaded,
    isCounter: true,
  },
  {
    name: 'lag',
    title: 'Upload lag: age of the oldest file not delivered',
    unit: 's',
    of: /^root\/uploader$/,
    value: lag,
  },
  {
    name: 'disk',
    title: 'Free room on the data folder’s disk',
    unit: 'bytes',
    of: /^root\/csv-writer$/,
    value: ({ diskFreeBytes }) => diskFreeBytes,
  },
]

function lost(gauges: Gauges): number | undefined {
  if (gauges['captured'] === undefined) return undefined
  let sum = 0
  for (const key in gauges) if (key.startsWith('dropped.') || key.startsWith('failed.')) sum += gauges[key] ?? 0
  return sum
}

/** Nothing waits: 0. */
function lag({ uploaded, oldestUndeliveredAt }: Gauges, at: number): number | undefined {
  if (uploaded === undefined) return undefined
  return oldestUndeliveredAt === undefined ? 0 : Math.max(0, (at - oldestUndeliveredAt) / 1000)
}

/** How far back, and in what steps: each has a ring of its own. */
export const trendSpans: Readonly<Record<TrendSpan, { readonly bucketMs: number; readonly buckets: number }>> = {
  '1h': { bucketMs: 10_000, buckets: 360 },
  '6h': { bucketMs: 60_000, buckets: 360 },
  '3d': { bucketMs: 600_000, buckets: 432 },
}
