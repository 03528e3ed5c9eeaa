import { bytesPerPicture, type PictureSize } from '../../src/domain/frame.ts'
import type { EpochMs } from '../../src/domain/units.ts'
import type { FrameSink, FrameSlot } from '../../src/ports/frame-sink.ts'

/** What happened to a sink, oldest first. */
export type SinkEvent =
  | { readonly type: 'picture'; readonly at: EpochMs; readonly bytes: Uint8Array }
  | { readonly type: 'missed'; readonly at: EpochMs }
  | { readonly type: 'abandoned' }
  | { readonly type: 'decode-failed'; readonly detail: string }
  | { readonly type: 'damaged' }
  | { readonly type: 'lost' }
  | { readonly type: 'resized' }

export interface MemoryFrameSinkOptions {
  readonly lossless?: boolean
  readonly slots?: number
  /** Whether a picture's slot is free again as soon as the picture is copied; without it, `free` frees one. */
  readonly freesAtOnce?: boolean
}

/** A ring of slots in shared memory that keeps a copy of every picture. */
export class MemoryFrameSink implements FrameSink {
  readonly lossless: boolean
  readonly events: SinkEvent[] = []
  readonly #freesAtOnce: boolean
  readonly #free: FrameSlot[]
  readonly #taken = new Set<FrameSlot>()
  readonly #waiting = new Set<() => void>()

  constructor(
    readonly size: PictureSize,
    { lossless = false, slots = 3, freesAtOnce = true }: MemoryFrameSinkOptions = {},
  ) {
    this.lossless = lossless
    this.#freesAtOnce = freesAtOnce
    const bytes = bytesPerPicture(size)
    const memory = new SharedArrayBuffer(slots * bytes)
    this.#free = Array.from({ length: slots }, (_, index) => ({
      index,
      bytes: new Uint8Array(memory, index * bytes, bytes),
    }))
  }

  get pictures(): Uint8Array[] {
    return this.events.flatMap((event) => (event.type === 'picture' ? [event.bytes] : []))
  }
  count(type: SinkEvent['type']): number {
    return this.events.filter((event) => event.type === type).length
  }
  /** Slots that are reserved or hold a picture. */
  get taken(): number {
    return this.#taken.size
  }

  reserve(): FrameSlot | undefined {
    const slot = this.#free.shift()
    if (slot !== undefined) this.#taken.add(slot)
    return slot
  }

  async room(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    while (this.#free.length === 0) {
      await new Promise<void>((resolve, reject) => {
        const abort = () => reject(signal.reason as Error)
        signal.addEventListener('abort', abort, { once: true })
        this.#waiting.add(() => {
          signal.removeEventListener('abort', abort)
          resolve()
        })
      })
    }
  }

  commit(slot: FrameSlot, at: EpochMs): void {
    this.#own(slot)
    this.#say({ type: 'picture', at, bytes: slot.bytes.slice() })
    if (this.#freesAtOnce) this.#release(slot)
  }

  abandon(slot: FrameSlot): void {
    this.#own(slot)
    this.#release(slot)
    this.#say({ type: 'abandoned' })
  }

  missed(at: EpochMs): void {
    this.#say({ type: 'missed', at })
  }

  decodeFailed(detail: string): void {
    this.#say({ type: 'decode-failed', detail })
  }

  damaged(): void {
    this.#say({ type: 'damaged' })
  }

  lost(): void {
    this.#say({ type: 'lost' })
  }

  resized(): void {
    this.#say({ type: 'resized' })
  }

  /** Frees every slot that holds a picture. */
  free(): void {
    for (const slot of [...this.#taken]) this.#release(slot)
  }

  /** Resolves when `condition` holds; it is asked after each event. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#listeners.push(resolve))
  }
  #listeners: (() => void)[] = []

  #say(event: SinkEvent): void {
    this.events.push(event)
    for (const resolve of this.#listeners.splice(0)) resolve()
  }

  #own(slot: FrameSlot): void {
    if (!this.#taken.has(slot)) throw new Error(`Slot ${slot.index} is not reserved`)
  }

  #release(slot: FrameSlot): void {
    this.#taken.delete(slot)
    this.#free.push(slot)
    for (const resolve of [...this.#waiting]) resolve()
    this.#waiting.clear()
  }
}
