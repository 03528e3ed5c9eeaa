import { durationWords } from '../../../src/domain/duration-words.ts'
import type { ActorView } from '../../../src/inspection-feed/protocol.ts'

/** Why an actor is in its state, and when it tries again: `the server is away · tries again in 12 s`. Empty where neither is known. */
export function whyWords({ why, nextTryAt }: Pick<ActorView, 'why' | 'nextTryAt'>, now: number): string {
  const next = nextTryAt === null || nextTryAt <= now ? '' : `tries again in ${durationWords(nextTryAt - now + 999)}`
  return [why ?? '', next].filter((words) => words !== '').join(' · ')
}
