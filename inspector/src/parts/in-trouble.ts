import { tellingState } from '../../../src/domain/actor-states.ts'
import type { ActorView } from '../../../src/inspection-feed/protocol.ts'
import { toneOf } from './tone.ts'

/** Those that are not as they should be, the worst and then the oldest first. */
export const inTrouble = <Trouble extends Pick<ActorView, 'state' | 'since' | 'before'>>(
  all: readonly Trouble[],
): readonly Trouble[] =>
  all.filter((trouble) => severity(trouble) < 2).sort((a, b) => severity(a) - severity(b) || a.since - b.since)

/** 0: it has failed. */
export function severity(trouble: Pick<ActorView, 'state' | 'before'>): number {
  const tone = toneOf(tellingState(trouble))
  return tone === 'bad' ? 0 : tone === 'warn' ? 1 : 2
}
