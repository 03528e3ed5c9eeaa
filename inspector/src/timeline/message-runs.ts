import type { FeedRecord } from '../../../src/inspection-feed/record.ts'
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

interface Chosen {
  /** Paths. */
  readonly chosen: readonly string[]
  /** All that could be chosen. What a machine invokes is not among them, `uploader/delivery`, and counts as part of that machine. */
  readonly actors: ReadonlySet<string>
}

/**
 * The messages among the chosen actors between two moments, the earliest first: where only one is chosen, all that it got and all that it said.
 * One that the records know no sender of came from outside.
 */
export function messagesAmong(
  { chosen, actors }: Chosen,
  records: readonly FeedRecord[],
  from: number,
  to: number,
): MessageRun[] {
  const known = new Map<string | null, boolean>([[null, false]])
  const isChosen = (path: string | null): boolean => {
    const isIt = known.get(path) ?? chosen.includes(ownerOf(path ?? '', actors))
    known.set(path, isIt)
    return isIt
  }
  const runs: MessageRun[] = []
  for (const record of records) {
    const heard = heardBy(record)
    if (heard === undefined || record.monotonic < from || record.monotonic > to) continue
    const { source, event } = heard
    const { sequence, at, path } = record
    const isAmong = chosen.length === 1 ? isChosen(path) || isChosen(source) : isChosen(path) && isChosen(source)
    if (!isAmong) continue
    const last = runs.at(-1)
    if (last !== undefined && last.source === source && last.path === path && last.event === event)
      runs[runs.length - 1] = { ...last, lastAt: at, times: last.times + 1 }
    else runs.push({ sequence, at, lastAt: at, source, path, event, times: 1 })
  }
  return runs
}

/** The nearest actor at or above a path. */
function ownerOf(path: string, actors: ReadonlySet<string>): string {
  let owner = path
  while (owner !== '' && !actors.has(owner)) owner = owner.slice(0, Math.max(0, owner.lastIndexOf('/')))
  return owner
}

/** An operator asks from outside. */
function heardBy(record: FeedRecord): { readonly source: string | null; readonly event: string } | undefined {
  if (record.type === 'event.received') return record
  if (record.type !== 'operator.asked') return undefined
  return { source: null, event: askedWords(record) }
}
