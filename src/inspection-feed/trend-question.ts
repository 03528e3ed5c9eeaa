import { trendKinds, trendSpans } from './trend-kinds.ts'
import type { TrendQuestion, TrendSpan } from './trend-protocol.ts'

/** What is asked for in an address, `?kind=latency&span=6h&from=1234`, or what is wrong with it. */
export function trendQuestion({
  kind,
  span = '1h',
  from,
  ...others
}: Readonly<Record<string, unknown>>): TrendQuestion | string {
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) return 'Only kind, span and from can be asked for.'
  if (!trendKinds.some(({ name }) => name === kind))
    return `kind: expected one of ${trendKinds.map(({ name }) => name).join(', ')}.`
  if (typeof span !== 'string' || !Object.hasOwn(trendSpans, span))
    return `span: expected one of ${Object.keys(trendSpans).join(', ')}.`
  if (from !== undefined && !(typeof from === 'string' && /^\d{1,12}$/.test(from)))
    return 'from: expected the number of a bucket.'
  return { kind: kind as string, span: span as TrendSpan, ...(from !== undefined && { from: Number(from) }) }
}
