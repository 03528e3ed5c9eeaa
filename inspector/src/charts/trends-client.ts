import type { TrendAnswer, TrendQuestion } from '../../../src/inspection-feed/trend-protocol.ts'
import { ask } from '../daemon/ask.ts'

/** @throws {Error} with the daemon's words; {signal.reason} */
export async function askTrend({ kind, span, from }: TrendQuestion, signal?: AbortSignal): Promise<TrendAnswer> {
  const query = `kind=${kind}&span=${span}${from === undefined ? '' : `&from=${from}`}`
  const answer = await ask(`/api/trends?${query}`, signal)
  if (!answer.ok) throw new Error(`the daemon answers ${answer.status}`)
  return (await answer.json()) as TrendAnswer
}
