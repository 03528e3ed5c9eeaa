import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { PreviewError } from '../../domain/http-errors.ts'
import type { PreviewReply, PreviewRequest } from '../../workers/preview-protocol.ts'
import { threadEntry } from '../worker-entry.ts'

/** A thread that nobody has asked for anything for so long is ended, for its memory. */
const idleMs = 60_000

/** It rests so many times as long as it has worked: previews take a tenth of one processor at most, however many look. */
const restPerWork = 9
/** And no longer than this for each megapixel, or part of one: what took longer than a ninth of it, as the first one on a busy machine, has waited, not worked. */
const longestRestMs = 500

/** The thread that makes JPEGs, one at a time. It is there while somebody asks. */
export class PreviewThread {
  #worker: Worker | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #idle: NodeJS.Timeout | undefined
  /** How long the last one took, without the start of the thread. */
  #workedMs = 0
  #megapixels = 1
  /** Ends a rest: who is asked to close does not wait for it. */
  #closing = new AbortController()

  constructor(
    private readonly entry: URL = threadEntry('preview'),
    private readonly endsAfterMs = idleMs,
  ) {}

  /**
   * @param make called when the thread has time; `undefined`: there is nothing to encode after all. The thread has done with its picture when
   *   this settles.
   * @throws {PreviewError} the thread cannot be had, or what it says.
   */
  encode(make: () => PreviewRequest | undefined): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const encoded = this.#turn.then(() => this.#encode(make))
    const rested = (): Promise<void> => this.#rest()
    this.#turn = encoded.then(rested, rested)
    return encoded
  }

  /** Ends the thread, with what it has in hand. Asked again, it begins again. */
  async close(): Promise<void> {
    clearTimeout(this.#idle)
    this.#closing.abort()
    this.#closing = new AbortController()
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }

  async #encode(make: () => PreviewRequest | undefined): Promise<Uint8Array<ArrayBuffer> | undefined> {
    this.#workedMs = 0
    const request = make()
    if (request === undefined) return undefined
    clearTimeout(this.#idle)
    const { width, height } = request.picture.size
    this.#megapixels = Math.ceil((width * height) / 1e6)
    this.#worker ??= this.#start()
    const reply = await ask(this.#worker, request)
    this.#idle = setTimeout(() => void this.close(), this.endsAfterMs).unref()
    if (reply.type === 'failed') throw new PreviewError(reply.detail)
    this.#workedMs = reply.elapsed
    return reply.jpeg
  }

  #start(): Worker {
    const worker = new Worker(this.entry, { name: 'preview', execArgv: [] })
    // Nobody's work: it never keeps the process.
    worker.unref()
    worker.on('error', () => undefined)
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
    })
    return worker
  }

  async #rest(): Promise<void> {
    const { signal } = this.#closing
    const restMs = Math.min(this.#workedMs * restPerWork, this.#megapixels * longestRestMs)
    await sleep(restMs, undefined, { signal, ref: false }).catch(() => undefined)
  }
}

function ask(worker: Worker, request: PreviewRequest): Promise<PreviewReply> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      worker.off('message', answered)
      worker.off('error', failed)
      worker.off('exit', ended)
    }
    const answered = (reply: PreviewReply): void => {
      leave()
      resolve(reply)
    }
    const failed = (error: Error): void => {
      leave()
      reject(new PreviewError(error.message, { cause: error }))
    }
    const ended = (): void => {
      leave()
      reject(new PreviewError('its thread ended'))
    }
    worker.on('message', answered)
    worker.on('error', failed)
    worker.on('exit', ended)
    worker.postMessage(request)
  })
}
