/**
 * A failure that we expect of the world: a camera away, a disk full, a server that refuses.
 *
 * It is handled by a state. Every other error is a bug: it fails its actor, and the supervisor decides.
 * Each subclass has a stable dotted `code` (`stream.lost`), typed fields, and a message made for the engineer at 3 a.m.
 */
export abstract class OperatingError extends Error {
  abstract readonly code: string

  override get name(): string {
    return this.constructor.name
  }
}
