/**
 * The longest write; a server may take less. With its header it fills four packets of an SSH channel, which OpenSSH takes up to
 * 32,768 bytes long: 128 KiB would need a fifth for the last 29 bytes.
 */
const mostBytes = 126_976

/**
 * Buffers of one size that are used again and again, so that sending a large file leaves nothing for the garbage collector.
 * There are never more than were in use at the same time.
 */
export class Buffers {
  readonly bytesEach: number
  readonly #spare: ArrayBuffer[] = []

  constructor(maxWriteBytes: number) {
    this.bytesEach = Math.min(maxWriteBytes, mostBytes)
  }

  take(): Uint8Array {
    return new Uint8Array(this.#spare.pop() ?? new ArrayBuffer(this.bytesEach))
  }

  /** One that was taken, or a part of it. Nobody may look at it any more. */
  giveBack(bytes: Uint8Array): void {
    this.#spare.push(bytes.buffer as ArrayBuffer)
  }
}
