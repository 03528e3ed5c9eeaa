import { recordVersion } from '../../src/inspection-feed/record.ts'
import type { RecordingHeader } from '../../src/inspection-feed/recording-header.ts'
import { trendKinds, trendSpans } from '../../src/inspection-feed/trend-kinds.ts'
import type { TrendAnswer, TrendSpan } from '../../src/inspection-feed/trend-protocol.ts'
import type { History } from './history/history.ts'
import { askTrend } from './charts/trends-client.ts'

/** What the page shows, as a recording: the one that it has opened, or what it knows of a daemon. */
export async function exportLines(history: History, opened: RecordingHeader | undefined): Promise<string[]> {
  const made: Omit<RecordingHeader, 'actors'> = opened ?? {
    ...{ type: 'recording', version: recordVersion, source: 'daemon', madeBy: 'the inspector' },
    trends: await allTrends(),
  }
  // At one moment with the records: the history goes on.
  const header: RecordingHeader = { ...made, actors: history.before }
  return [header, ...history.records].map((entry) => `${JSON.stringify(entry)}\n`)
}

/** One after the other, so that no frame waits for them; a daemon that doesn't answer leaves what the records hold. */
async function allTrends(): Promise<TrendAnswer[]> {
  const found: TrendAnswer[] = []
  try {
    for (const { name: kind } of trendKinds)
      for (const span of Object.keys(trendSpans) as TrendSpan[]) found.push(await askTrend({ kind, span }))
  } catch {
    // The records are worth saving without them, and a page that has lost its daemon says so.
  }
  return found
}
