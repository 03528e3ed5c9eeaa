import type { Episode } from './episode.ts'
import { stateWord } from '../parts/tone.ts'

export const isEnding = (state: string): boolean => /draining|stopping|closing/i.test(state)

const isBackOff = (state: string): boolean => /backing/i.test(state)

const isConnecting = (state: string): boolean => isBackOff(state) || /connecting/i.test(state)

type Unsettled = 'start' | 'reconnect' | 'interruption' | 'stop' | 'crash'

const names = { start: 'start', reconnect: 'reconnect', stop: 'drain', crash: 'crash and restart' } as const

/** What it was that went through these states, none of which an actor stays in; `isAgain`: it was well before. */
export function unsettledKind(states: readonly string[], isAgain: boolean): Unsettled & Episode['kind'] {
  if (states.includes('crashed')) return 'crash'
  if (states.some(isEnding)) return 'stop'
  if (!isAgain) return 'start'
  return states.some(isConnecting) ? 'reconnect' : 'interruption'
}

/** `reconnect, 2 back-offs`; `stale`; where it goes on, in which state it is: `start (connecting)`. */
export function unsettledWords(states: readonly string[], kind: Unsettled, isOver: boolean): string {
  const backOffs = states.filter(isBackOff).length
  const times = backOffs === 0 ? '' : `, ${backOffs} ${backOffs === 1 ? 'back-off' : 'back-offs'}`
  const last = stateWord(states.at(-1) ?? '')
  // An interruption has no other name than what it was.
  const name = kind === 'interruption' ? [...new Set(states.map(stateWord))].join(', ') : names[kind]
  return `${name}${times}${isOver || name === last ? '' : ` (${last})`}`
}
