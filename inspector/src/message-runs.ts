import type { FeedRecord } from '../../src/inspection-feed/record.ts'

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
    if (record.type !== 'event.received' || record.monotonic < from || record.monotonic > to) continue
    const { sequence, at, source, path, event } = record
    if (!chosen.includes(path)) continue
    const last = runs.at(-1)
    if (last !== undefined && last.source === source && last.path === path && last.event === event)
      runs[runs.length - 1] = { ...last, lastAt: at, times: last.times + 1 }
    else runs.push({ sequence, at, lastAt: at, source, path, event, times: 1 })
  }
  return runs
}
