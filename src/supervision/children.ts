import type { Below, ChildActor } from './child-actor.ts'
import type { Ms } from './spec.ts'

/** Where a supervisor is: the next one above, and which of its children this one is, or is somewhere below. */
export interface Place {
  readonly above: Children
  readonly id: string
}

/** The children of one supervisor: those that live, and, once it is gone, those whose disposers still run. */
export class Children {
  readonly #living = new Map<string, ChildActor>()
  readonly #deserted = new Set<ChildActor>()
  /** The child of the supervisor above that doesn't end before all of these have. */
  #shelter: ChildActor | undefined
  /** Until when disposers are waited for, monotonic. */
  disposersEnd: Ms = Infinity

  constructor(
    private readonly owner: Below,
    private readonly place: Place | undefined,
  ) {}

  get(id: string): ChildActor | undefined {
    return this.#living.get(id)
  }

  add(child: ChildActor): void {
    if (this.#shelter === undefined) this.#takeShelter()
    this.#living.set(child.id, child)
  }

  remove(id: string): void {
    this.#living.delete(id)
  }

  /** No disposer of theirs, nor of any below them, is waited for beyond `by`, monotonic. */
  hurryDisposers(by: Ms): void {
    if (by >= this.disposersEnd) return
    this.disposersEnd = by
    for (const child of [...this.#living.values(), ...this.#deserted]) child.hurryDisposers(by)
  }

  /** Ends them all at once; only disposers may still run. */
  desert(): void {
    for (const child of this.#living.values()) this.#deserted.add(child)
    this.#living.clear()
    for (const child of [...this.#deserted])
      child.abandon(() => {
        this.#deserted.delete(child)
        this.#releaseIfGone()
      })
    this.#releaseIfGone()
  }

  /** All have ended, and so does their supervisor. */
  ended(): void {
    this.#releaseIfGone()
  }

  #takeShelter(): void {
    if (this.place === undefined) return
    const { above, id } = this.place
    this.#shelter = above.get(id)
    this.#shelter?.shelter(this.owner)
    this.disposersEnd = above.disposersEnd
  }

  #releaseIfGone(): void {
    if (this.#living.size === 0 && this.#deserted.size === 0) this.#shelter?.release(this.owner)
  }
}
