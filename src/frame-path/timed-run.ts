import { InferenceError } from '../domain/inference-errors.ts'
import { type Milliseconds, seconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { InferenceAnswer } from '../ports/model-runner.ts'

/** How one run ended. */
export type Outcome =
  | { readonly type: 'answered'; readonly answer: InferenceAnswer }
  /** The model failed on this frame; its worker is fit for another. */
  | { readonly type: 'failed' }
  | { readonly type: 'timeout' }
  /** Nobody wants to know any more. */
  | { readonly type: 'cut-off' }
  /** Its worker is not there any more, or should not be. */
  | { readonly type: 'died'; readonly error: unknown }

export interface RunOptions {
  readonly clock: Clock
  /** From now on. */
  readonly deadline: Milliseconds
  /** Those who wait, each by what makes it stop; this one is among them for as long as it does. */
  readonly giveUp: Set<() => void>
}

/** A deadline that comes later than this finds a process that was held up. */
const overslept = seconds(1)

/** Waits for the end of a run, but not for ever: the run itself goes on, and its answer is nobody's. */
export function outcomeOf(
  run: Promise<InferenceAnswer>,
  { clock, deadline, giveUp: givingUp }: RunOptions,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const settle = (outcome: Outcome): void => {
      clock.clearTimeout(timer)
      givingUp.delete(giveUp)
      resolve(outcome)
    }
    const giveUp = (): void => settle({ type: 'cut-off' })
    const began = clock.monotonic()
    let isLate = false
    const expire = (): void => {
      // The process itself was held up: the answer may be there, and has not been heard. One more wait, and no other.
      if (isLate || clock.monotonic() - began <= deadline + overslept) return settle({ type: 'timeout' })
      isLate = true
      timer = clock.setTimeout(expire, deadline)
    }
    let timer = clock.setTimeout(expire, deadline)
    givingUp.add(giveUp)
    run.then(
      (answer) => settle({ type: 'answered', answer }),
      (error: unknown) => settle(error instanceof InferenceError ? { type: 'failed' } : { type: 'died', error }),
    )
  })
}
