import { actorTones, type Tone } from '../../../src/domain/actor-states.ts'

export type { Tone }

/** What files and uploads are in, beside the states of actors. */
const ofFiles: Readonly<Record<Tone, readonly string[]>> = {
  good: ['delivered'],
  busy: ['held', 'pending', 'sending'],
  warn: [],
  bad: ['conflict', 'dead letter'],
  off: ['packed', 'removed', 'lost'],
}

/** `backingOff` → `backing off`. */
export function stateWord(state: string): string {
  return state
    .replaceAll('_', ' ')
    .replace(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
}

/** States have few names, and are asked for by the ten thousand. */
const known = new Map<string, Tone>()

/** The most telling of its regions; a state that nobody has listed is neither good nor bad. */
export function toneOf(state: string): Tone {
  const tone = known.get(state) ?? toneByWords(state)
  known.set(state, tone)
  return tone
}

function toneByWords(state: string): Tone {
  const found = stateWord(state)
    .split(' | ')
    .map((word) => tones.get(word))
  return order.find((tone) => found.includes(tone)) ?? 'busy'
}

const order: readonly Tone[] = ['bad', 'warn', 'busy', 'good', 'off']

const tones: ReadonlyMap<string, Tone> = new Map(
  order.flatMap((tone) => [...actorTones[tone], ...ofFiles[tone]].map((state) => [stateWord(state), tone] as const)),
)
