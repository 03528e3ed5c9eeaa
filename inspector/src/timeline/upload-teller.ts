import type { Episode } from './episode.ts'

type UploadEnd = 'delivered' | 'packed' | 'conflict' | 'refused' | 'dead letter'

const uploadEnds: Readonly<Record<string, UploadEnd>> = {
  'file.delivered': 'delivered',
  'file.archived': 'packed',
  'file.conflict': 'conflict',
  'file.deadLetter': 'dead letter',
  'file.refused': 'refused',
}

/** What the writer says of files that were to be packed; of all else the uploader speaks. */
const byWriter: ReadonlySet<string> = new Set(['file.archived', 'file.refused'])

interface Upload {
  readonly from: number
  failures: number
  why: string | null
}

const begun = (from: number): Upload => ({ from, failures: 0, why: null })

/** By these a file is there, or is taken in hand again. */
const uploadBeginnings: ReadonlySet<string> = new Set(['file.sealed', 'file.adopted', 'file.packed', 'file.claimed'])

/** Of these it had not been there before. */
const isNew: ReadonlySet<string> = new Set(['file.sealed', 'file.adopted', 'file.packed'])

/** Files that are neither delivered nor set aside, by the uploader's gauges. */
export const undelivered = (gauges: Readonly<Record<string, number>>): number =>
  ['pending', 'sending', 'held'].reduce((sum, state) => sum + (gauges[`files.${state}`] ?? 0), 0)

/** Files under way that are named, once what led there is forgotten: while a server is away for long there may be any number. */
const mostNamed = 1_000

/** A file from its seal to its delivery, or to the archive that it went into. */
export class UploadTeller {
  readonly #open = new Map<string, Upload>()
  #uploader = 'root/uploader'
  /** When what is held begins. */
  #heldFrom: number | undefined

  /** `unnamed`: so many were under way before the first record, by a count, which names none. */
  constructor(
    private readonly tellOver: (episode: Episode) => void,
    private unnamed = 0,
  ) {}

  /** Every record's moment, in order. */
  at(monotonic: number): void {
    this.#heldFrom ??= monotonic
  }

  /** The count as it is now. That of before may have been read a moment too early. */
  count(undelivered: number): void {
    this.unnamed = Math.min(this.unnamed, undelivered)
  }

  hear(path: string, event: string, detail: Readonly<Record<string, unknown>>, monotonic: number): void {
    const file = detail['path']
    if (typeof file !== 'string') return
    const why = typeof detail['why'] === 'string' ? detail['why'] : null
    const taken = (): Upload => this.#open.get(file) ?? (isNew.has(event) ? begun(monotonic) : this.#named(monotonic))
    if (uploadBeginnings.has(event)) this.#open.set(file, taken())
    if (event === 'file.failed') {
      this.#uploader = path
      const upload = taken()
      this.#open.set(file, upload)
      upload.failures++
      upload.why = why
    }
    const end = event === 'file.failed' && detail['again'] === false ? 'refused' : uploadEnds[event]
    if (end !== undefined) {
      if (!byWriter.has(event)) this.#uploader = path
      const upload = taken()
      this.#open.delete(file)
      this.tellOver(this.#episode(file, { ...upload, why: why ?? upload.why }, monotonic, end))
    }
  }

  /** An operator has it sent again. */
  again(file: string, monotonic: number): void {
    this.#open.set(file, begun(monotonic))
  }

  /** The records before `from` are held no more: where too many files are under way, those that have been for longest lose their names. */
  forget(from: number): void {
    this.#heldFrom = from
    for (const [file, upload] of this.#open) {
      if (this.#open.size <= mostNamed) return
      if (upload.from >= from) continue
      this.#open.delete(file)
      this.unnamed++
    }
  }

  open(): Episode[] {
    const open = [...this.#open].map(([file, upload]) => this.#episode(file, upload, null, 'waits'))
    if (this.unnamed === 0 || this.#heldFrom === undefined) return open
    const label = `${this.unnamed} sealed before (${this.unnamed === 1 ? 'waits' : 'wait'})`
    return [
      { path: this.#uploader, kind: 'upload', label, tone: 'busy', from: this.#heldFrom, to: null, why: null },
      ...open,
    ]
  }

  /** A file of which nothing was told so far is one of those from before, as long as there are any. */
  #named(monotonic: number): Upload {
    if (this.unnamed === 0) return begun(monotonic)
    this.unnamed--
    return begun(this.#heldFrom ?? monotonic)
  }

  #episode(file: string, { from, failures, why }: Upload, to: number | null, end: UploadEnd | 'waits'): Episode {
    // A refused one was counted as a failure already.
    const count = failures + (end === 'waits' || end === 'refused' ? 0 : 1)
    const tries = failures === 0 ? '' : `, ${count} ${count === 1 ? 'try' : 'tries'}`
    const name = file.slice(file.lastIndexOf('/') + 1)
    const isAside = end !== 'delivered' && end !== 'packed' && end !== 'waits'
    const tone = isAside ? 'bad' : failures > 0 ? 'warn' : to === null ? 'busy' : 'good'
    const label = `${isAside || end === 'packed' ? `${end}: ` : ''}${name}${tries}${to === null ? ' (waits)' : ''}`
    return { path: this.#uploader, kind: 'upload', label, file, tone, from, to, why }
  }
}
