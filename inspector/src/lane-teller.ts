import type { ActorPicture, StateEntered } from '../../src/inspection-feed/record.ts'
import type { Episode } from './episodes.ts'
import { stateWord, toneOf } from './tone.ts'

/** A state that a machine may stay in: nothing is being waited for, or it is over. */
const isSettled = (state: string): boolean => {
  const tone = toneOf(state)
  return tone === 'good' || tone === 'off'
}

const isEnding = (state: string): boolean => /draining|stopping|closing/i.test(state)

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
  #deadline: Episode | undefined

  constructor(
    private readonly path: string,
    private readonly tellOver: (episode: Episode) => void,
  ) {}

  /** It was in this state already. What led there has been forgotten, and is taken for no start. */
  resume({ state, why, sinceMonotonic: from }: ActorPicture): void {
    this.#open = { states: [state], from, why }
    this.#settledBefore = true
  }

  enter({ to, why, from }: StateEntered, monotonic: number): void {
    // A life that begins where one has ended is part of the same story only if that one failed.
    if (from === null && this.#open?.states.at(-1) !== 'crashed') this.#close(monotonic)
    if (isSettled(to) || (this.#open !== undefined && isSettled(this.#open.states[0] ?? ''))) this.#close(monotonic)
    // What it did before it was told to end is another story.
    if (isEnding(to) && !this.#open?.states.some(isEnding)) this.#close(monotonic)
    this.#open ??= { states: [], from: monotonic, why: null }
    this.#open.states.push(to)
    if (toneOf(to) === 'warn' || toneOf(to) === 'bad' || this.#open.why === null) this.#open.why = why
  }

  drain(from: number, within: number): void {
    const label = `${within / 1000} s to drain`
    this.#deadline = { path: this.path, kind: 'deadline', label, tone: 'off', why: null, from, to: from + within }
  }

  end(monotonic: number): void {
    if (this.#deadline !== undefined && (this.#deadline.to ?? 0) > monotonic)
      this.#deadline = { ...this.#deadline, to: monotonic }
    // What crashed goes on until its next life has come to rest.
    if (this.#open?.states.at(-1) !== 'crashed') this.#close(monotonic)
    if (this.#open === undefined) this.#settledBefore = false
  }

  isOver(by: number): boolean {
    return this.#open === undefined && (this.#deadline?.to ?? 0) < by
  }

  open(): Episode[] {
    const open: Episode[] = []
    if (this.#open !== undefined) open.push(this.#episode(this.#open, null))
    if (this.#deadline !== undefined) open.push(this.#deadline)
    return open
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
    const backOffs = states.filter((state) => /backing/i.test(state)).length
    const times = backOffs === 0 ? '' : `, ${backOffs} ${backOffs === 1 ? 'back-off' : 'back-offs'}`
    const isCrash = states.includes('crashed')
    const kind = isCrash ? 'crash' : states.some(isEnding) ? 'stop' : this.#settledBefore ? 'reconnect' : 'start'
    const name = { crash: 'crash and restart', stop: 'drain', reconnect: 'reconnect', start: 'start' }[kind]
    const isTroubled = states.some((state) => ['warn', 'bad'].includes(toneOf(state)))
    const now = to === null ? ` (${stateWord(states.at(-1) ?? '')})` : ''
    return {
      path,
      kind,
      label: `${name}${times}${now}`,
      tone: isCrash ? 'bad' : isTroubled ? 'warn' : 'busy',
      from,
      to,
      why,
    }
  }
}
