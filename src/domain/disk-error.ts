import { diskAdvice } from './disk-advice.ts'
import { OperatingError } from './errors.ts'

/** A system call on the data folder failed. */
export class DiskError extends OperatingError {
  readonly code = 'disk.failed'
  constructor(
    /** The call: `write`, `rename`, … */
    readonly call: string,
    readonly path: string,
    /** The system's code: `ENOSPC`, `EIO`, `EROFS`, … */
    readonly systemCode: string,
    options?: ErrorOptions,
  ) {
    super(`${call} of ${path} failed: ${systemCode}${diskAdvice(call, systemCode)}`, options)
  }
}
