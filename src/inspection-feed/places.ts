import type { Epoch } from '../domain/ids.ts'
import type { EpochMs, Milliseconds } from '../domain/units.ts'

/** When a wait ends: in monotonic time, and as the wall clock had it when it began. */
export interface NextTry {
  readonly at: Milliseconds
  readonly wall: EpochMs
}

/** One life of one actor, and where it stands in the tree. */
export interface Place {
  readonly path: string
  readonly parentPath: string | undefined
  /** Counts the actors of the whole system as they are made: of two with the same path, the later one is the next life. */
  readonly birth: number
  /** As its supervisor counts; below it, that of the nearest supervised actor above. */
  readonly epoch: Epoch | null
  /** Unknown before its first snapshot. */
  kind: 'supervisor' | 'machine' | 'other' | undefined
  ended: boolean
  /** Events that it has got and not yet handled, the one in hand included; and the most at once. */
  waiting: number
  mostWaiting: number
  /** Of the transition under way: when the wait before the next try ends that it begins. */
  nextTry: NextTry | undefined
}

/** Names actors by their ids from the root down; session ids count over the whole process and mean nothing to people. */
export class Places {
  readonly #byRef = new WeakMap<object, Place>()
  #births = 0

  /** `epochOf`: what the supervisor of a path has counted, when an actor there is met first. */
  constructor(private readonly epochOf: (path: string) => Epoch | undefined) {}

  known(ref: object): Place | undefined {
    return this.#byRef.get(ref)
  }

  of(ref: object): Place {
    const known = this.#byRef.get(ref)
    if (known !== undefined) return known
    const { id, _parent } = ref as { readonly id: string; readonly _parent?: object }
    const parent = _parent && this.of(_parent)
    // The root is the one actor that may be left unnamed.
    const path = parent === undefined ? (id.startsWith('x:') ? 'root' : id) : `${parent.path}/${id}`
    const place: Place = {
      path,
      parentPath: parent?.path,
      birth: ++this.#births,
      epoch: this.epochOf(path) ?? parent?.epoch ?? null,
      kind: undefined,
      ended: false,
      waiting: 0,
      mostWaiting: 0,
      nextTry: undefined,
    }
    this.#byRef.set(ref, place)
    return place
  }
}
