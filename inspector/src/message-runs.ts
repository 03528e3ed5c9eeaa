import type { FeedRecord } from '../../src/inspection-feed/record.ts'
import { askedWords } from './asked-words.ts'

/** The same message from the same to the same, so many times with no other in between. */
export interface MessageRun {
  /** Of the first. */
  readonly sequence: number
  readonly at: number
  readonly lastAt: number
  readonly source: string | null
  readonly path: string
  readonly event: string
  readonly times: number
}

/** The messages that the chosen actors got between two moments, the earliest first. */
export function messagesTo(
  chosen: readonly string[],
  records: readonly FeedRecord[],
  from: number,
  to: number,
): MessageRun[] {
  const runs: MessageRun[] = []
  for (const record of records) {
    const heard = heardBy(record)
    if (heard === undefined || record.monotonic < from || record.monotonic > to) continue
    const { source, event } = heard
    const { sequence, at, path } = record
    if (!chosen.includes(path)) continue
    const last = runs.at(-1)
    if (last !== undefined && last.source === source && last.path === path && last.event === event)
      runs[runs.length - 1] = { ...last, lastAt: at, times: last.times + 1 }
    else runs.push({ sequence, at, lastAt: at, source, path, event, times: 1 })
  }
  return runs
}

/** An operator asks from outside. */
function heardBy(record: FeedRecord): { readonly source: string | null; readonly event: string } | undefined {
  if (record.type === 'event.received') return record
  if (record.type !== 'operator.asked') return undefined
  return { source: null, event: askedWords(record) }
}
