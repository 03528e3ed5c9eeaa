import type { ActorPictures } from '../../../src/inspection-feed/actor-pictures.ts'
import type { ActorView, PastState } from '../../../src/inspection-feed/protocol.ts'
import type { FeedRecord } from '../../../src/inspection-feed/record.ts'
import { isTrying } from '../../../src/domain/actor-states.ts'
import { mostPastStates, statesBefore } from './machine-history.ts'
import type { ToldUntil } from './told.ts'

/** The actors of a moment; those that try something have what they were before, which tells whether they are well. */
export function withStatesBefore(
  actors: readonly ActorView[],
  { before, records, wallOffset }: ToldUntil,
  pictures: ActorPictures,
): readonly ActorView[] {
  const trying = actors.filter(({ state }) => isTrying(state)).map(({ path }) => path)
  if (trying.length === 0) return actors
  const transitions = transitionsOf(trying, records)
  const known = new Map(before.map((picture) => [picture.path, picture]))
  return actors.map((actor) => {
    const own = transitions.get(actor.path)
    if (own === undefined) return actor
    const picture = known.get(actor.path)
    const before = picture === undefined ? [] : [picture]
    const told = statesBefore({ before, records: own, wallOffset }, actor.path)
    return { ...actor, before: told.length > 0 ? told : stateBefore(actor, pictures) }
  })
}

/** The latest of each actor and why it was in them, in one go from the end: there may be 50,000 records, and a hundred cameras that try again. */
function transitionsOf(paths: readonly string[], records: readonly FeedRecord[]): Map<string, FeedRecord[]> {
  const found = new Map<string, FeedRecord[]>(paths.map((path) => [path, []]))
  const counts = new Map<string, number>()
  let missing = paths.length
  for (let index = records.length - 1; index >= 0 && missing > 0; index--) {
    const record = records[index]!
    if (record.type !== 'state.entered' && record.type !== 'why.changed') continue
    const own = found.get(record.path)
    const count = counts.get(record.path) ?? 0
    if (own === undefined || count > mostPastStates) continue
    own.push(record)
    if (record.type === 'why.changed') continue
    counts.set(record.path, count + 1)
    if (count === mostPastStates) missing--
  }
  for (const own of found.values()) own.reverse()
  return found
}

/** Where no record tells it any more, the picture does, but not since when or why: `since` is the end of it. */
function stateBefore({ path, since }: ActorView, pictures: ActorPictures): PastState[] {
  const state = pictures.get(path)?.way?.from ?? null
  return state === null ? [] : [{ state, since, until: since, why: null }]
}
