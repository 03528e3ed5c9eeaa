/** What may become of a call instead of its answer. */
export interface Fault {
  readonly name: string
  /** Does to the call what the fault says; a call that is neither resolved nor rejected by it hangs. */
  readonly strike: (call: HeldCall) => void
}

/** A call on a port that waits for its answer. */
export interface HeldCall {
  /** `disk.write` */
  readonly name: string
  /** What it is about: a path, a camera. */
  readonly detail: string
  readonly faults: readonly Fault[]
  /** Lets it take effect, and answers nobody. */
  readonly carryOut: () => Promise<unknown>
  /** Told before a fault strikes it. */
  readonly onStruck: () => void
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

export interface Asked<Answer> {
  readonly name: string
  readonly detail: string
  readonly faults: readonly Fault[]
  readonly work: () => Promise<Answer> | Answer
  readonly onStruck?: () => void
  /** Aborted, the call is answered with its reason and has no effect. */
  readonly signal?: AbortSignal | undefined
}

/** The calls of one process that have not been answered: somebody else decides when each is, and how. */
export class HeldCalls {
  /** In the order in which they came. */
  readonly waiting: HeldCall[] = []
  /** Struck by a hang. */
  readonly hanging: HeldCall[] = []
  /** Whether any call has hung, since the end began where it has: what it held up was cut off, and may be left. */
  hasHung = false

  hold<Answer>({ name, detail, faults, work, onStruck = () => undefined, signal }: Asked<Answer>): Promise<Answer> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error)
    return new Promise<Answer>((resolve, reject) => {
      const leave = (): void => {
        signal?.removeEventListener('abort', abort)
        remove(this.hanging, call)
      }
      const call: HeldCall = {
        name,
        detail,
        faults,
        carryOut: async () => work(),
        onStruck,
        resolve: (value) => {
          leave()
          resolve(value as Answer)
        },
        reject: (error) => {
          leave()
          reject(error as Error)
        },
      }
      const abort = (): void => {
        remove(this.waiting, call)
        call.reject(signal?.reason)
      }
      signal?.addEventListener('abort', abort)
      this.waiting.push(call)
    })
  }

  /** What hung and was released is over with, and excuses nothing any more. */
  endBegins(): void {
    this.hasHung = this.hanging.length > 0
  }

  /** Answers the call at `position` well, or as `fault` says. */
  settle(position: number, fault?: Fault): void {
    const [call] = this.waiting.splice(position, 1)
    if (call === undefined) throw new RangeError(`No call waits at ${position}`)
    if (fault === undefined) return answer(call)
    this.hanging.push(call)
    if (fault === hangs) this.hasHung = true
    call.onStruck()
    fault.strike(call)
  }

  /** What hung goes on: all of it, or one call. */
  release(call?: HeldCall): void {
    for (const each of call ? [call] : [...this.hanging]) answer(each)
  }
}

function answer(call: HeldCall): void {
  call.carryOut().then(call.resolve, call.reject)
}

function remove<Item>(from: Item[], item: Item): void {
  const position = from.indexOf(item)
  if (position >= 0) from.splice(position, 1)
}

/** No answer until the faults end. */
export const hangs: Fault = { name: 'hangs', strike: () => undefined }

/** An error that nobody expects of the world. */
export class SimulatedBug extends Error {
  override readonly name = 'SimulatedBug'
}

/** The adapter throws what it should not. */
export const breaks: Fault = {
  name: 'breaks',
  strike: ({ name, reject }) => reject(new SimulatedBug(`a bug in ${name}`)),
}

/** It fails and has done nothing. */
export const fails = (name: string, error: (call: HeldCall) => Error): Fault => ({
  name,
  strike: (call) => call.reject(error(call)),
})

/** It is reported as failed, and was done. */
export const failsThoughDone = (name: string, error: (call: HeldCall) => Error): Fault => ({
  name,
  strike: (call) => {
    const report = (): void => call.reject(error(call))
    call.carryOut().then(report, call.reject)
  },
})
