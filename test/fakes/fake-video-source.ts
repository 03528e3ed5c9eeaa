import type { PictureSize } from '../../src/domain/frame.ts'
import type { FrameSink } from '../../src/ports/frame-sink.ts'
import type { StreamEnd, VideoSource, VideoStream } from '../../src/ports/video-source.ts'
import type { Clock } from '../../src/ports/clock.ts'

/** A camera that sends its first picture when it is opened, and another whenever it is told to. */
export class FakeVideoSource implements VideoSource {
  /** So often it was opened. */
  opened = 0
  /** While set, what was opened stays there after its end, as a process does that is being killed. */
  lingers = false
  /** While set, an opening brings no picture; the decoder says the fault, if there is one. */
  mute: { readonly fault?: string } | undefined
  #sink: FrameSink | undefined
  #gone: Promise<void> = Promise.resolve()
  #letGo: () => void = () => undefined

  constructor(
    private readonly clock: Clock,
    readonly size: PictureSize,
  ) {}

  /** Whether anything of it is left. */
  get isOpen(): boolean {
    return this.#sink !== undefined
  }

  async open(sink: FrameSink, signal: AbortSignal): Promise<VideoStream> {
    signal.throwIfAborted()
    await this.#gone
    signal.throwIfAborted()
    this.opened++
    this.#sink = sink
    this.#gone = new Promise((resolve) => {
      this.#letGo = () => {
        this.#sink = undefined
        resolve()
      }
    })
    const ended = new Promise<StreamEnd>((resolve) => {
      signal.addEventListener('abort', () => {
        if (!this.lingers) this.#letGo()
        resolve({ kind: 'lost', detail: 'stopped' })
      })
    })
    if (this.mute !== undefined) {
      if (this.mute.fault !== undefined) sink.decodeFailed(this.mute.fault)
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      signal.throwIfAborted()
    }
    this.send()
    return { rate: undefined, sourceSize: { width: 8, height: 4 }, ended }
  }

  /** One picture. */
  send(): void {
    if (this.#sink === undefined) throw new Error('This source is not open')
    const slot = this.#sink.reserve()
    if (slot === undefined) this.#sink.missed(this.clock.now())
    else this.#sink.commit(slot, this.clock.now())
  }

  /** What lingers is gone. */
  letGo(): void {
    this.#letGo()
  }

  released(): Promise<void> {
    return this.#gone
  }
}
