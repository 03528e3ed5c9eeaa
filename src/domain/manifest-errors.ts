import { OperatingError } from './errors.ts'
import { diskAdvice } from './disk-advice.ts'

/**
 * The manifest could not be read or written. What was acknowledged before is durable; the call that failed did nothing that this
 * process would see. Where its COMMIT failed only once all of it was in the log, the next process finds it done.
 */
export class ManifestFailedError extends OperatingError {
  readonly code = 'manifest.failed'
  constructor(
    readonly file: string,
    /** What was being done: `open`, `commit`, … */
    readonly call: string,
    /** SQLite's code: `SQLITE_FULL`, `SQLITE_IOERR`, `SQLITE_NOTADB`, … */
    readonly sqliteCode: string,
    options?: ErrorOptions,
  ) {
    const folder = `the data folder ${file.replace(/\/[^/]*$/, '')}`
    super(`Manifest ${file}: ${call} failed with ${sqliteCode}${diskAdvice(call, sqliteCode, folder)}`, options)
  }
}

/** As `ManifestFailedError`, where the data folder is another user's and all may be well with it. */
export class ManifestNotOursError extends OperatingError {
  readonly code = 'manifest.not-ours'
  constructor(
    readonly file: string,
    readonly call: string,
    readonly systemCode: string,
    /** Who owns the data folder, as `sudo -u` takes it. */
    readonly owner: string,
    options?: ErrorOptions,
  ) {
    super(
      `Manifest ${file}: ${call} failed with ${systemCode}. The data folder belongs to ${owner}: ` +
        `run this as root, or as that user: sudo -u ${owner} …`,
      options,
    )
  }
}

/** Another process holds the data folder: a daemon, or a command that works on a folder at rest. */
export class ManifestInUseError extends OperatingError {
  readonly code = 'manifest.in-use'
  constructor(
    readonly folder: string,
    /** The holder's process id, where the system tells. */
    readonly pid: number | undefined,
    options?: ErrorOptions,
  ) {
    const holder = pid === undefined ? 'another process' : `process ${pid}`
    super(
      `Data folder ${folder} is in use by ${holder}: a daemon, or belay verify, and either needs it to itself. ` +
        'Stop that one first; a second daemon needs a data folder of its own',
      options,
    )
  }
}

/** The manifest was written by a newer Belay. */
export class ManifestTooNewError extends OperatingError {
  readonly code = 'manifest.too-new'
  constructor(
    readonly file: string,
    readonly foundVersion: number,
    readonly knownVersion: number,
    options?: ErrorOptions,
  ) {
    super(
      `Manifest ${file} has schema version ${foundVersion}; this Belay knows versions up to ${knownVersion}. ` +
        `It was left as it is: run the newer Belay again, or go back to the copy that was kept before it migrated ` +
        '(docs/operations.md, “Upgrade and roll back”, says how)',
      options,
    )
  }
}

/** There is no manifest: no daemon has run on this data folder. */
export class ManifestMissingError extends OperatingError {
  readonly code = 'manifest.missing'
  constructor(
    readonly file: string,
    options?: ErrorOptions,
  ) {
    super(`There is no manifest ${file}: no daemon has run on this data folder. Is \`data\` the right one?`, options)
  }
}

/** The manifest was written by an older Belay and nobody has migrated it yet. */
export class ManifestTooOldError extends OperatingError {
  readonly code = 'manifest.too-old'
  constructor(
    readonly file: string,
    readonly foundVersion: number,
    readonly neededVersion: number,
    options?: ErrorOptions,
  ) {
    super(
      `Manifest ${file} has schema version ${foundVersion}, this command needs ${neededVersion}. ` +
        'Start this Belay on it once: it migrates it and keeps a copy',
      options,
    )
  }
}

/** It is not open now: its slot has not come to it yet, starts again, or has ended. */
export class ManifestClosedError extends OperatingError {
  readonly code = 'manifest.closed'
  constructor(options?: ErrorOptions) {
    super('The manifest is not open at the moment: it starts, or Belay ends. Ask again in a few seconds', options)
  }
}
