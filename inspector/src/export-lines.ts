import { type RecordingHeader, recordVersion } from '../../src/inspection-feed/record.ts'
import type { History } from './history.ts'

/** What the page holds, as a recording. */
export function lines(history: History): string[] {
  const header: RecordingHeader = {
    type: 'recording',
    version: recordVersion,
    source: 'daemon',
    madeBy: 'the inspector',
    actors: history.before,
  }
  return [header, ...history.records].map((entry) => `${JSON.stringify(entry)}\n`)
}
