import { openFolder } from './data-folder.ts'
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

/** The whole data folder is not where it was: its disk is not mounted any more, or somebody has moved it. That speaks of no file in it. */
export class DataFolderAwayError extends OperatingError {
  readonly code = 'disk.away'
  constructor(
    /** The file that was looked for. */
    readonly path: string,
    options?: ErrorOptions,
  ) {
    super(
      `The data folder is not there: its folder ${openFolder}/ is gone, and ${path} with it. ` +
        'Mount its disk again, or move it back; files wait, and go on by themselves',
      options,
    )
  }
}
