import { SftpUnknownOutcomeError } from '../../domain/delivery-errors.ts'
import type { Milliseconds } from '../../domain/units.ts'
import type { Clock } from '../../ports/clock.ts'

/** Settles a request with the server's answer. Answers that come after the request was given up are ignored. */
export interface Answer<T> {
  resolve(value: T): void
  reject(error: Error): void
}

/**
 * The requests that await an answer. Each settles: by its answer, by its deadline, or when the connection closes, which
 * ssh2 by itself doesn't tell every request that is in flight.
 */
export class PendingRequests {
  /**
   * By place, and a place is taken again once its request has settled. A Set would leave a trail through the heap: V8 makes it anew
   * every hundred requests, and each table that it has left behind holds on to requests that have settled, and to the next table.
   */
  readonly #giveUp: (((detail: string) => void) | undefined)[] = []
  readonly #freePlaces: number[] = []
  #closed: string | undefined

  constructor(
    private readonly clock: Clock,
    private readonly deadline: Milliseconds,
    /** Told when a deadline passes: the server may still do that request later, so its connection has to go. */
    private readonly onOverdue: (detail: string) => void,
  ) {}

  /** @throws {SftpUnknownOutcomeError} no answer. Whatever else `send` rejects with is the answer. */
  request<T>(name: string, path: string, send: (answer: Answer<T>) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const noAnswer = (detail: string) => reject(new SftpUnknownOutcomeError(name, path, detail))
      if (this.#closed !== undefined) return noAnswer(this.#closed)
      const place = this.#freePlaces.pop() ?? this.#giveUp.length
      const settled = () => {
        // Servers may answer twice, and the place may be another's by then.
        if (this.#giveUp[place] !== giveUp) return
        this.clock.clearTimeout(timer)
        this.#giveUp[place] = undefined
        this.#freePlaces.push(place)
      }
      const giveUp = (detail: string) => {
        settled()
        noAnswer(detail)
      }
      const timer = this.clock.setTimeout(() => {
        const detail = `no answer to ${name} within ${this.deadline} ms`
        giveUp(detail)
        this.onOverdue(detail)
      }, this.deadline)
      this.#giveUp[place] = giveUp
      const answer: Answer<T> = {
        resolve: (value) => {
          settled()
          resolve(value)
        },
        reject: (error) => {
          settled()
          reject(error)
        },
      }
      try {
        send(answer)
      } catch (error) {
        answer.reject(error as Error)
      }
    })
  }

  /** The connection is gone: gives up on everything, also on what is still to come. */
  close(detail: string): void {
    this.#closed ??= detail
    for (const giveUp of [...this.#giveUp]) giveUp?.(detail)
  }
}
