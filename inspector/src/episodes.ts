import type { ActorPicture, FeedRecord, StateEntered } from '../../src/inspection-feed/record.ts'
import { askedWords } from './asked-words.ts'
import { type Tone, stateWord, toneOf } from './tone.ts'

/** Something that went on for a while in one actor: what a person would tell of it, not each event. */
export interface Episode {
  readonly path: string
  readonly kind:
    'state' | 'start' | 'reconnect' | 'stop' | 'crash' | 'upload' | 'deadline' | 'operator' | 'fault' | 'violation'
  readonly label: string
  readonly tone: Tone
  /** Monotonic; `to` is `null` while it goes on. */
  readonly from: number
  readonly to: number | null
  /** One sentence on why, where there is one. */
  readonly why: string | null
}

/** It happened at one moment. */
export const isMark = (kind: Episode['kind']): boolean =>
  kind === 'operator' || kind === 'fault' || kind === 'violation'

/** A state that a machine may stay in: nothing is being waited for, or it is over. */
const isSettled = (state: string): boolean => {
  const tone = toneOf(state)
  return tone === 'good' || tone === 'off'
}

const isEnding = (state: string): boolean => /draining|stopping|closing/i.test(state)

/** Groups what happens into episodes as it happens. */
export class EpisodeTeller {
  readonly #lanes = new Map<string, Lane>()
  readonly #uploads = new Uploads()
  /** Moments, not stretches. */
  readonly #marks: Episode[] = []

  /** `before`: how the actors stood where the records begin. */
  constructor(before: readonly ActorPicture[] = []) {
    for (const picture of before) {
      const { path, state, ended } = picture
      // What crashed goes on until its next life has come to rest.
      if (state !== '' && (ended === null || state === 'crashed')) this.#lane(path).resume(picture)
    }
  }

  take(record: FeedRecord): void {
    const { path, monotonic } = record
    switch (record.type) {
      case 'state.entered':
        return this.#lane(path).enter(record, monotonic)
      case 'actor.ended':
        return this.#lanes.get(path)?.end(monotonic)
      case 'event.received': {
        const { within } = record.detail
        if (record.event === 'drain' && typeof within === 'number') this.#lane(path).drain(monotonic, within)
        return this.#uploads.hear(path, record.event, record.detail, monotonic)
      }
      case 'operator.asked': {
        const tone = record.outcome === 'done' ? 'busy' : 'warn'
        if (tone === 'busy' && record.file !== undefined) this.#uploads.again(record.file, monotonic)
        const [label, why] = [askedWords(record), record.words]
        this.#marks.push({ path, kind: 'operator', label, tone, why, from: monotonic, to: monotonic })
        return
      }
      case 'simulation.step': {
        const { what, about, outcome } = record
        if (outcome === 'ok') return
        const label = outcome === null ? what : `${what}: ${outcome}`
        this.#marks.push({ path, kind: 'fault', label, tone: 'warn', why: about, from: monotonic, to: monotonic })
        return
      }
      case 'invariant.violated': {
        const { invariant: label, detail: why } = record
        this.#marks.push({ path, kind: 'violation', label, tone: 'bad', why, from: monotonic, to: monotonic })
        return
      }
      case 'actor.started':
      case 'supervisor.decided':
      case 'gauges.read':
        return
    }
  }

  /** All so far, in the order in which they began. */
  told(): Episode[] {
    const lanes = [...this.#lanes.values()].flatMap((lane) => lane.told())
    return [...lanes, ...this.#uploads.told(), ...this.#marks].sort((a, b) => a.from - b.from)
  }

  #lane(path: string): Lane {
    const known = this.#lanes.get(path)
    if (known !== undefined) return known
    const lane = new Lane(path)
    this.#lanes.set(path, lane)
    return lane
  }
}

interface Stretch {
  readonly states: string[]
  readonly from: number
  why: string | null
}

/** One actor: settled states stand alone, what lies between them is one episode. */
class Lane {
  readonly #told: Episode[] = []
  #settledBefore = false
  #open: Stretch | undefined
  /** What it has been given to drain in. */
  #deadline: Episode | undefined

  constructor(private readonly path: string) {}

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

  told(): Episode[] {
    const told = [...this.#told]
    if (this.#open !== undefined) told.push(this.#episode(this.#open, null))
    if (this.#deadline !== undefined) told.push(this.#deadline)
    return told
  }

  #close(monotonic: number): void {
    if (this.#open === undefined) return
    this.#told.push(this.#episode(this.#open, monotonic))
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

type UploadEnd = 'delivered' | 'packed' | 'conflict' | 'refused' | 'dead letter'

const uploadEnds: Readonly<Record<string, UploadEnd>> = {
  'file.delivered': 'delivered',
  'file.archived': 'packed',
  'file.conflict': 'conflict',
  'file.deadLetter': 'dead letter',
}

interface Upload {
  readonly from: number
  failures: number
  why: string | null
}

const begun = (from: number): Upload => ({ from, failures: 0, why: null })

/** By these a file is there, or is taken in hand again. */
const uploadBeginnings: ReadonlySet<string> = new Set(['file.sealed', 'file.adopted', 'file.packed', 'file.claimed'])

/** A file from its seal to its delivery, or to the archive that it went into. */
class Uploads {
  readonly #open = new Map<string, Upload>()
  readonly #told: Episode[] = []
  #uploader = 'root/uploader'

  hear(path: string, event: string, detail: Readonly<Record<string, unknown>>, monotonic: number): void {
    const file = detail['path']
    if (typeof file !== 'string') return
    const why = typeof detail['why'] === 'string' ? detail['why'] : null
    if (uploadBeginnings.has(event) && !this.#open.has(file)) this.#open.set(file, begun(monotonic))
    if (event === 'file.failed') {
      this.#uploader = path
      const upload = this.#open.get(file) ?? begun(monotonic)
      this.#open.set(file, upload)
      upload.failures++
      upload.why = why
    }
    const end = event === 'file.failed' && detail['again'] === false ? 'refused' : uploadEnds[event]
    if (end !== undefined) {
      if (end !== 'packed') this.#uploader = path
      const upload = this.#open.get(file) ?? begun(monotonic)
      this.#open.delete(file)
      this.#told.push(this.#episode(file, { ...upload, why: why ?? upload.why }, monotonic, end))
    }
  }

  /** An operator has it sent again. */
  again(file: string, monotonic: number): void {
    this.#open.set(file, begun(monotonic))
  }

  told(): Episode[] {
    return [...this.#told, ...[...this.#open].map(([file, upload]) => this.#episode(file, upload, null, 'waits'))]
  }

  #episode(file: string, { from, failures, why }: Upload, to: number | null, end: UploadEnd | 'waits'): Episode {
    // A refused one was counted as a failure already.
    const count = failures + (end === 'waits' || end === 'refused' ? 0 : 1)
    const tries = failures === 0 ? '' : `, ${count} ${count === 1 ? 'try' : 'tries'}`
    const name = file.slice(file.lastIndexOf('/') + 1)
    const isAside = end !== 'delivered' && end !== 'packed' && end !== 'waits'
    const tone = isAside ? 'bad' : failures > 0 ? 'warn' : to === null ? 'busy' : 'good'
    const label = `${isAside || end === 'packed' ? `${end}: ` : ''}${name}${tries}${to === null ? ' (waits)' : ''}`
    return { path: this.#uploader, kind: 'upload', label, tone, from, to, why }
  }
}
