import type { ActorPicture, StopDeadline } from '../../../src/inspection-feed/actor-picture.ts'
import type { EventReceived, Stamp, StateEntered } from '../../../src/inspection-feed/record.ts'
import { deadlineAfter } from '../../../src/inspection-feed/stop-deadline.ts'
import type { Episode } from './episode.ts'
import { isEnding, unsettledKind, unsettledWords } from './stretch-words.ts'
import { stateWord, toneOf } from '../parts/tone.ts'

/** A state that a machine may stay in: nothing is being waited for, or it is over. */
const isSettled = (state: string): boolean => {
  const tone = toneOf(state)
  return tone === 'good' || tone === 'off'
}

interface Stretch {
  readonly states: string[]
  readonly from: number
  why: string | null
}

/** One actor: settled states stand alone, what lies between them is one episode. */
export class LaneTeller {
  #settledBefore = false
  #open: Stretch | undefined
  /** What it has been given to drain in. */
  #deadline: StopDeadline | undefined

  constructor(
    private readonly path: string,
    private readonly tellOver: (episode: Episode) => void,
  ) {}

  /** It was in this state already. What led there has been forgotten, and is taken for no start. */
  resume({ state, why, sinceMonotonic: from, deadline }: ActorPicture): void {
    this.#open = { states: [state], from, why }
    this.#deadline = deadline
    this.#settledBefore = true
  }

  enter({ to, why, from }: StateEntered, monotonic: number): void {
    // A life that begins where one has ended is part of the same story only if that one failed.
    if (from === null && !this.#isCrashed()) this.#close(monotonic)
    if (isSettled(to) || (this.#open !== undefined && isSettled(this.#open.states[0] ?? ''))) this.#close(monotonic)
    // What it did before it was told to end is another story.
    if (isEnding(to) && !this.#open?.states.some(isEnding)) this.#close(monotonic)
    this.#open ??= { states: [], from: monotonic, why: null }
    this.#open.states.push(to)
    if (toneOf(to) === 'warn' || toneOf(to) === 'bad' || this.#open.why === null) this.#open.why = why
  }

  /** It is in the same state, for another reason. */
  explain(why: string | null): void {
    if (this.#open !== undefined) this.#open.why = why
  }

  hear(record: EventReceived & Pick<Stamp, 'monotonic'>): void {
    this.#deadline = deadlineAfter(this.#deadline, record)
  }

  end(monotonic: number): void {
    // What crashed goes on until its next life has come to rest.
    if (!this.#isCrashed()) {
      this.#close(monotonic)
      this.#settledBefore = false
    }
    this.#endDeadline(monotonic)
  }

  /** Nobody is left who could begin another life. */
  abandon(monotonic: number): void {
    if (this.#open === undefined || !this.#isCrashed()) return
    this.tellOver({ ...this.#episode(this.#open, monotonic), label: 'crash' })
    this.#open = undefined
    this.#settledBefore = false
  }

  isOver(): boolean {
    return this.#open === undefined && this.#deadline === undefined
  }

  open(): Episode[] {
    const open: Episode[] = []
    if (this.#open !== undefined) open.push(this.#episode(this.#open, null))
    if (this.#deadline !== undefined) open.push(this.#deadlineEpisode(this.#deadline))
    return open
  }

  #isCrashed(): boolean {
    return this.#open?.states.at(-1) === 'crashed'
  }

  #endDeadline(monotonic: number): void {
    if (this.#deadline === undefined) return
    const { to } = this.#deadline
    this.tellOver({ ...this.#deadlineEpisode(this.#deadline), to: Math.min(to, monotonic) })
    this.#deadline = undefined
  }

  #deadlineEpisode({ from, to }: StopDeadline): Episode {
    const label = `${Math.round((to - from) / 100) / 10} s to drain`
    return { path: this.path, kind: 'deadline', label, tone: 'off', why: null, from, to }
  }

  #close(monotonic: number): void {
    if (this.#open === undefined) return
    this.tellOver(this.#episode(this.#open, monotonic))
    const [first = ''] = this.#open.states
    // A supervisor that is idle has not begun.
    this.#settledBefore = toneOf(first) === 'good' && first !== 'idle'
    this.#open = undefined
  }

  #episode({ states, from, why }: Stretch, to: number | null): Episode {
    const { path } = this
    const [first = ''] = states
    if (isSettled(first)) return { path, kind: 'state', label: stateWord(first), tone: toneOf(first), from, to, why }
    const kind = unsettledKind(states, this.#settledBefore)
    const isTroubled = states.some((state) => ['warn', 'bad'].includes(toneOf(state)))
    const tone = kind === 'crash' ? 'bad' : isTroubled ? 'warn' : 'busy'
    return { path, kind, label: unsettledWords(states, kind, to !== null), tone, from, to, why }
  }
}
