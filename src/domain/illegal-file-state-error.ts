/** A change of state that the manifest does not allow. A bug in our own code, and therefore no `OperatingError`. */
export class IllegalFileStateError extends Error {
  override readonly name = 'IllegalFileStateError'
  constructor(
    /** The file's path, or its id in the manifest where no such file is known. */
    readonly file: string,
    /** What was asked: `sending → delivered`. */
    readonly change: string,
    /** What the manifest holds instead: a state, `nothing`, or another digest. */
    readonly found: string,
  ) {
    super(`Manifest: "${change}" of ${file} is not allowed: found ${found}`)
  }
}
