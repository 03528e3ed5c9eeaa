import { useRef } from 'preact/hooks'
import type { TrendAnswer, TrendQuestion } from '../../../src/inspection-feed/trend-protocol.ts'
import { trendKinds } from '../../../src/inspection-feed/trend-kinds.ts'
import { joined, lastBucket } from './trend-data.ts'
import { askTrend } from './trends-client.ts'
import { type Polled, usePolled } from '../daemon/use-polled.ts'

const everyMs = 5_000
/** The charts are drawn one after the other, and not all in one frame. */
const apartMs = 130

/** One kind of figure of the live daemon, kept up to now: after the first answer only what is new is sent. */
export function useTrend(kind: string, span: TrendQuestion['span']): Polled<TrendAnswer> {
  const known = useRef<TrendAnswer | undefined>(undefined)
  const order = trendKinds.findIndex(({ name }) => name === kind)
  return usePolled(`${kind} ${span}`, everyMs + apartMs * order, async (signal) => {
    const before = known.current?.span === span ? known.current : undefined
    const next = await askTrend({ kind, span, ...(before !== undefined && { from: lastBucket(before) }) }, signal)
    // Of another start: its buckets have other numbers, and all of them are wanted.
    const isOther = before !== undefined && before.startedAt !== next.startedAt
    known.current = isOther ? await askTrend({ kind, span }, signal) : joined(before, next)
    return known.current
  })
}
