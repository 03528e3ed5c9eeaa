import { Worker } from 'node:worker_threads'
import type { FrameSlot } from '../../ports/frame-sink.ts'
import type { BeltReply, BeltRequest, BeltThreadData } from '../../workers/belt-protocol.ts'
import { threadEntry } from '../worker-entry.ts'

/** The thread that draws one belt, a frame at a time. */
export class BeltThread {
  /** Resolves when the thread is gone: with what it failed of, or with `undefined` when it was ended. From then on it writes nothing. */
  readonly gone: Promise<Error | undefined>
  readonly #worker: Worker
  #isGone = false
  #settle: (drawn: boolean) => void = () => undefined

  constructor(name: string, belt: BeltThreadData) {
    this.#worker = new Worker(threadEntry('belt'), { name, workerData: belt, execArgv: [] })
    this.#worker.on('message', (_: BeltReply) => this.#settle(true))
    this.gone = new Promise((resolve) => {
      let failure: Error | undefined
      this.#worker.on('error', (error) => (failure = error))
      this.#worker.on('exit', () => {
        this.#isGone = true
        this.#settle(false)
        resolve(failure)
      })
    })
  }

  /** Resolves with `true` when `frame` is in `slot`, or with `false` when the thread has gone before that. One frame at a time. */
  draw(frame: number, slot: FrameSlot): Promise<boolean> {
    const { buffer, byteOffset, byteLength } = slot.bytes
    if (!(buffer instanceof SharedArrayBuffer)) throw new TypeError('A slot must lie in shared memory')
    if (this.#isGone) return Promise.resolve(false)
    const request: BeltRequest = { type: 'draw', frame, buffer, byteOffset, byteLength }
    this.#worker.postMessage(request)
    // No race with `gone`: that would keep what it is told of each frame for as long as the thread lives.
    return new Promise((resolve) => (this.#settle = resolve))
  }

  end(): void {
    void this.#worker.terminate()
  }
}
