import type { ActorPicture } from '../../../src/inspection-feed/actor-picture.ts'
import { type FeedRecord, missingBefore } from '../../../src/inspection-feed/record.ts'
import { askedWords } from './asked-words.ts'
import type { Episode } from './episode.ts'
import { count } from '../parts/format.ts'
import { LaneTeller } from './lane-teller.ts'
import { undelivered, UploadTeller } from './upload-teller.ts'

/** Groups what happens into episodes as it happens. */
export class EpisodeTeller {
  /** What will not change any more: by far the most. */
  #over: Episode[] = []
  readonly #tellOver = (episode: Episode): void => void this.#over.push(episode)
  readonly #lanes = new Map<string, LaneTeller>()
  readonly #uploads: UploadTeller
  #latest: FeedRecord | undefined

  /** `before`: how the actors stood where the records begin. */
  constructor(before: readonly ActorPicture[] = []) {
    this.#uploads = new UploadTeller(
      this.#tellOver,
      before.reduce((sum, { gauges }) => sum + undelivered(gauges), 0),
    )
    const over = before.filter(({ ended }) => ended !== null).map(({ path }) => `${path}/`)
    for (const picture of before) {
      const { path, state, ended } = picture
      // What crashed goes on until its next life has come to rest, if anybody is left to begin one.
      const isCrashed = state === 'crashed' && !over.some((above) => path.startsWith(above))
      if (state !== '' && (ended === null || isCrashed)) this.#lane(path).resume(picture)
    }
  }

  take(record: FeedRecord): void {
    const { path, monotonic } = record
    const missing = missingBefore(record, this.#latest)
    if (missing > 0) this.#tellOver(gapOf(missing, this.#latest?.monotonic ?? monotonic, monotonic))
    this.#latest = record
    this.#uploads.at(monotonic)
    switch (record.type) {
      case 'state.entered':
        return this.#lane(path).enter(record, monotonic)
      case 'why.changed':
        return this.#lanes.get(path)?.explain(record.why)
      case 'actor.ended':
        for (const [each, lane] of this.#lanes) if (each.startsWith(`${path}/`)) lane.abandon(monotonic)
        return this.#lanes.get(path)?.end(monotonic)
      case 'event.received': {
        if ('within' in record.detail) this.#lane(path).hear(record)
        return this.#uploads.hear(path, record.event, record.detail, monotonic)
      }
      case 'operator.asked': {
        const tone = record.outcome === 'done' ? 'busy' : 'warn'
        if (tone === 'busy' && record.file !== undefined) this.#uploads.again(record.file, monotonic)
        const [label, why] = [askedWords(record), record.words]
        this.#tellOver({ path, kind: 'operator', label, tone, why, from: monotonic, to: monotonic })
        return
      }
      case 'simulation.step': {
        const { what, about, outcome } = record
        if (outcome === 'ok') return
        const label = outcome === null ? what : `${what}: ${outcome}`
        this.#tellOver({ path, kind: 'fault', label, tone: 'warn', why: about, from: monotonic, to: monotonic })
        return
      }
      case 'invariant.violated': {
        const { invariant: label, detail: why } = record
        this.#tellOver({ path, kind: 'violation', label, tone: 'bad', why, from: monotonic, to: monotonic })
        return
      }
      case 'gauges.read':
        // Only the uploader has sent any.
        if ('uploaded' in record.values) this.#uploads.count(undelivered(record.values))
        return
      case 'actor.started':
      case 'supervisor.decided':
        return
    }
  }

  /** The records before `from` are held no more: what was over by then is forgotten, and so is who had ended. */
  forget(from: number): void {
    this.#over = this.#over.filter(({ to }) => to !== null && to >= from)
    for (const [path, lane] of this.#lanes) if (lane.isOver()) this.#lanes.delete(path)
    this.#uploads.forget(from)
  }

  /** All that is not forgotten, in the order in which they began. */
  told(): Episode[] {
    // All but the newest are in order already, which makes it quick.
    this.#over.sort(byBeginning)
    const lanes = [...this.#lanes.values()].flatMap((lane) => lane.open())
    return [...this.#over, ...lanes, ...this.#uploads.open()].sort(byBeginning)
  }

  #lane(path: string): LaneTeller {
    const known = this.#lanes.get(path)
    if (known !== undefined) return known
    const lane = new LaneTeller(path, this.#tellOver)
    this.#lanes.set(path, lane)
    return lane
  }
}

const gapOf = (missing: number, from: number, to: number): Episode => {
  const label = `${count(missing)} ${missing === 1 ? 'record' : 'records'} missing`
  const why = 'the recording lacks them: what went on meanwhile is not known'
  return { path: '', kind: 'gap', label, tone: 'warn', why, from, to }
}

/** Whole numbers: of ten thousand episodes each difference of two moments would be one object more to collect. */
const byBeginning = (a: Episode, b: Episode): number => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0)
