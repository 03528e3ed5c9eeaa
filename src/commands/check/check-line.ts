import { settledOrAborted } from '../../adapters/settled-or-aborted.ts'
import { OperatingError } from '../../domain/errors.ts'
import { type Milliseconds, milliseconds } from '../../domain/units.ts'
import type { Clock } from '../../ports/clock.ts'

/** What came of trying one part. */
export interface CheckLine {
  /** As the configuration calls it: a camera's id, a model's name, or the section. */
  readonly name: string
  /** Which kind of part: `camera`, `model`, … */
  readonly what: string
  /** `interrupted`: we were told to stop before it was known. */
  readonly outcome: 'ok' | 'failed' | 'interrupted'
  readonly took: Milliseconds
  /** For people: what was found, or what is wrong. */
  readonly detail: string
  /** What the part failed of, where that is our own mistake. */
  readonly bug?: unknown
}

/** What every check needs. Its checks end soon after `signal` aborts, and clean up first. */
export interface CheckRun {
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** The world answered, but not as it has to. */
export class CheckFailedError extends OperatingError {
  readonly code = 'check.failed'
}

/** Runs one check; `work` resolves with the detail. Whatever it fails of is its line's, and stops no other check. */
export async function checkLine(
  name: string,
  what: string,
  { clock, signal }: CheckRun,
  work: () => Promise<string>,
): Promise<CheckLine> {
  const begun = clock.monotonic()
  const line = (outcome: CheckLine['outcome'], detail: string) => ({
    name,
    what,
    outcome,
    took: milliseconds(clock.monotonic() - begun),
    detail,
  })
  try {
    signal.throwIfAborted()
    return line('ok', await work())
  } catch (error) {
    const told = error instanceof OperatingError ? error.message : undefined
    if (signal.aborted && error === signal.reason) return line('interrupted', 'interrupted')
    if (signal.aborted && told !== undefined) return line('interrupted', `interrupted: ${told}`)
    if (told !== undefined) return line('failed', told)
    return { ...line('failed', `a bug in Belay: ${String(error)}`), bug: error }
  }
}

/**
 * Runs `work` for at most `limit`; its signal aborts when that is over, when the run is interrupted, and when `work` is done,
 * so that nothing it opened stays open. `work` is left behind if it doesn't listen.
 *
 * @throws {CheckFailedError} the time is up; `late` says what is missing.
 * @throws {signal.reason}
 */
export async function within<T>(
  limit: Milliseconds,
  late: () => string,
  { clock, signal }: CheckRun,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const over = new AbortController()
  const interrupt = () => over.abort(signal.reason)
  const timer = clock.setTimeout(() => over.abort(new CheckFailedError(late())), limit)
  signal.addEventListener('abort', interrupt, { once: true })
  try {
    return await settledOrAborted(work(over.signal), over.signal)
  } finally {
    clock.clearTimeout(timer)
    signal.removeEventListener('abort', interrupt)
    over.abort()
  }
}
