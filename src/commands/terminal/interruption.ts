import { OperatingError } from '../../domain/errors.ts'
import type { Signal, Terminal } from './terminal.ts'

/** Somebody has ended a command by a signal, before it was done. */
class InterruptedError extends OperatingError {
  readonly code = 'command.interrupted'
  constructor(
    readonly signal: Signal,
    /** What had not been done by then. */
    left: string,
    options?: ErrorOptions,
  ) {
    super(`Interrupted by ${signal}, before ${left}`, options)
  }
}

/** Aborts with an `InterruptedError` when the terminal hears a signal, or has heard one. */
export function interruptionOf(terminal: Terminal, left = 'all was looked at'): AbortSignal {
  const interruption = new AbortController()
  terminal.onSignal((signal) => interruption.abort(new InterruptedError(signal, left)))
  return interruption.signal
}
