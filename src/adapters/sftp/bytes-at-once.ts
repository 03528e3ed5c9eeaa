import type { Milliseconds } from '../../domain/units.ts'
import type { Clock } from '../../ports/clock.ts'

/** What one large file has under way by itself, so that a line on which answers are quick waits for nothing. */
const atFirst = 1_048_576
/** About the longest request. */
const least = 131_072

/**
 * Bounds the bytes that are under way one way, so that a slow line carries each of them within the deadline of its request: what is
 * handed over at once leaves one after the other, and its time runs from then.
 *
 * It grows by what was answered within an eighth of the deadline, while others wait. It is halved where something took longer than a
 * quarter, or was not answered by then when its session was lost; but once for all that had been under way together. What is learnt of
 * a line outlives its sessions.
 */
export class BytesAtOnce {
  #most = atFirst
  #underway = 0
  #halvedAt = -Infinity
  /** In the order of their asking. */
  readonly #waiting: { readonly bytes: number; readonly begin: () => void }[] = []

  constructor(
    private readonly clock: Clock,
    /** Of each request. */
    private readonly deadline: Milliseconds,
  ) {}

  /** Calls `send` as soon as `bytes` more may be under way: at once, if they may now. They are until it settles. */
  async pass<Result>(bytes: number, send: () => Promise<Result>): Promise<Result> {
    if (this.#waiting.length === 0 && this.#mayGo(bytes)) this.#underway += bytes
    else await new Promise<void>((begin) => this.#waiting.push({ bytes, begin }))
    const begun = this.clock.monotonic()
    try {
      return await send()
    } finally {
      this.#underway -= bytes
      this.#learn(bytes, begun)
      this.#beginWaiting()
    }
  }

  #learn(bytes: number, begun: number): void {
    const now = this.clock.monotonic()
    const took = now - begun
    if (took > this.deadline / 4 && begun >= this.#halvedAt) {
      this.#most = Math.max(least, this.#most / 2)
      this.#halvedAt = now
    } else if (took < this.deadline / 8 && this.#waiting.length > 0) this.#most += bytes
  }

  #beginWaiting(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#mayGo(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#underway += next.bytes
      next.begin()
    }
  }

  /** One goes by itself, however long it is. */
  #mayGo(bytes: number): boolean {
    return this.#underway === 0 || this.#underway + bytes <= this.#most
  }
}
