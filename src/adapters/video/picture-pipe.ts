import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { FrameSink } from '../../ports/frame-sink.ts'
import type { PictureReader } from './picture-reader.ts'
import { socketPair } from './socket-pair.ts'

/** The way of raw pictures from another program into a sink. While the sink has no room, what is not taken stays in the socket. */
export class PicturePipe {
  /** Resolves when all that was sent has been taken or thrown away, and nothing more can come. */
  readonly ended: Promise<void>
  readonly #over = new AbortController()
  #begin: () => void = () => undefined
  readonly #begun = new Promise<void>((resolve) => (this.#begin = resolve))

  /** @throws {NodeJS.ErrnoException} there are too many open files. */
  static async open(reader: PictureReader, sink: FrameSink): Promise<PicturePipe> {
    const pair = await socketPair({ buffer: () => reader.space(), callback: (count) => pipe.put(count) })
    const pipe = new PicturePipe(reader, sink, pair.ours, pair.theirs)
    return pipe
  }

  private constructor(
    private readonly reader: PictureReader,
    private readonly sink: FrameSink,
    private readonly socket: Socket,
    /** The program's standard output; to be destroyed once it has it. */
    readonly theirs: Socket,
  ) {
    socket.on('error', () => socket.destroy())
    this.ended = once(socket, 'close').then(() => undefined)
  }

  /** Pictures may be committed from here on; before that, none is read to its end. */
  begin(): void {
    this.reader.begin()
    this.#begin()
  }

  /** What has not been taken is thrown away. Returns whether that is inside a picture. */
  stop(): boolean {
    this.#over.abort()
    this.socket.destroy()
    return this.reader.end()
  }

  /** There will be no program. */
  discard(): void {
    this.theirs.destroy()
    this.stop()
  }

  /** Whether to go on reading. */
  private put(count: number): boolean {
    if (this.#over.signal.aborted) return false
    if (this.reader.put(count)) return true
    void this.#takeHeld()
    return false
  }

  async #takeHeld(): Promise<void> {
    const { signal } = this.#over
    await this.#begun
    while (!signal.aborted && !this.reader.takeHeld()) {
      await this.sink.room(signal).catch((error: unknown) => {
        if (!signal.aborted) throw error
      })
    }
    this.socket.resume()
  }
}
