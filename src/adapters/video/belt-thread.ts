import { Worker } from 'node:worker_threads'
import type { FrameSlot } from '../../ports/frame-sink.ts'
import type { BeltReply, BeltRequest, BeltThreadData } from '../../workers/belt-protocol.ts'
import { threadEntry } from '../worker-entry.ts'

/** The thread that draws one belt, a frame at a time. */
export class BeltThread {
  /** Resolves when the thread is gone: with what it failed of, or with `undefined` when it was ended. From then on it writes nothing. */
  readonly gone: Promise<Error | undefined>
  readonly #worker: Worker
  #drawn: () => void = () => undefined

  constructor(name: string, belt: BeltThreadData) {
    this.#worker = new Worker(threadEntry('belt'), { name, workerData: belt, execArgv: [] })
    this.#worker.on('message', (_: BeltReply) => this.#drawn())
    this.gone = new Promise((resolve) => {
      let failure: Error | undefined
      this.#worker.on('error', (error) => (failure = error))
      this.#worker.on('exit', () => resolve(failure))
    })
  }

  /** Resolves with `true` when `frame` is in `slot`, or with `false` when the thread has gone before that. One frame at a time. */
  draw(frame: number, slot: FrameSlot): Promise<boolean> {
    const { buffer, byteOffset, byteLength } = slot.bytes
    if (!(buffer instanceof SharedArrayBuffer)) throw new TypeError('A slot must lie in shared memory')
    const drawn = new Promise<boolean>((resolve) => (this.#drawn = () => resolve(true)))
    const request: BeltRequest = { type: 'draw', frame, buffer, byteOffset, byteLength }
    this.#worker.postMessage(request)
    return Promise.race([drawn, this.gone.then(() => false)])
  }

  end(): void {
    void this.#worker.terminate()
  }
}
