/** How a state is to be taken; shown as a shape, a colour and always a word. */
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'off'

const tones: Readonly<Record<Tone, readonly string[]>> = {
  good: [
    'streaming',
    'serving',
    'delivering',
    'listening',
    'writing',
    'running',
    'open',
    'ready',
    'active',
    'idle',
    'delivered',
  ],
  busy: [
    'starting',
    'connecting',
    'loading',
    'binding',
    'opening',
    'scanning',
    'restarting',
    'draining',
    'drainingUnconnected',
    'stopping',
    'closing',
    'held',
    'pending',
    'sending',
  ],
  warn: ['backing off', 'blocked', 'stale', 'frozen', 'degraded', 'retrying', 'cut off'],
  bad: ['crashed', 'refused', 'full', 'wedged', 'failing', 'failed', 'conflict', 'dead letter'],
  off: ['stopped', 'terminated', 'ended', 'finished', 'waiting', 'paused', 'packed', 'removed', 'lost'],
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
    .map((word) => order.find((tone) => tones[tone].includes(word)))
  return order.find((tone) => found.includes(tone)) ?? 'busy'
}

const order: readonly Tone[] = ['bad', 'warn', 'busy', 'good', 'off']
