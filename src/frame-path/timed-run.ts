import { InferenceError } from '../domain/inference-errors.ts'
import type { InferenceAnswer } from '../domain/inference-task.ts'
import type { Milliseconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { CutOff } from './cut-off.ts'
import { setDeadline } from './deadline.ts'

/** How one run ended. */
export type Outcome =
  | { readonly type: 'answered'; readonly answer: InferenceAnswer }
  /** The model failed on this frame; its worker is fit for another. */
  | { readonly type: 'failed'; readonly error: InferenceError }
  | { readonly type: 'timeout' }
  /** Nobody wants to know any more. */
  | { readonly type: 'cut-off' }
  /** Its worker is not there any more, or should not be. */
  | { readonly type: 'died'; readonly error: unknown }

export interface RunOptions {
  readonly clock: Clock
  /** From now on. */
  readonly deadline: Milliseconds
  readonly cutOff: CutOff
}

/** Waits for the end of a run, but not for ever: the run itself goes on, and its answer is nobody's. */
export function outcomeOf(run: Promise<InferenceAnswer>, { clock, deadline, cutOff }: RunOptions): Promise<Outcome> {
  if (cutOff.isMade) return Promise.resolve({ type: 'cut-off' })
  return new Promise((resolve) => {
    const settle = (outcome: Outcome): void => {
      callOff()
      cutOff.delete(cut)
      resolve(outcome)
    }
    const cut = (): void => settle({ type: 'cut-off' })
    const callOff = setDeadline(clock, deadline, () => settle({ type: 'timeout' }))
    cutOff.add(cut)
    run.then(
      (answer) => settle({ type: 'answered', answer }),
      (error: unknown) => settle(error instanceof InferenceError ? { type: 'failed', error } : { type: 'died', error }),
    )
  })
}
