import type { EpochMs } from '../../../src/domain/units.ts'
import type { FeedRecord } from '../../../src/inspection-feed/record.ts'
import { NotARecordingError, type Recording } from '../../../src/inspection-feed/recording.ts'
import type { Clock } from '../../../src/ports/clock.ts'
import { unansweredWords } from '../daemon/ask.ts'
import type { HistoryStatus } from './history-status.ts'
import type { History } from './history.ts'

const firstPauseMs = 1_000
const longestPauseMs = 30_000
/** A history that has held for so long was whole: the next load need not wait. */
const heldMs = 60_000

export interface HistoryListener {
  /** What is wrong with the daemon's recording, and `undefined` once one can be read again. */
  unreadable(words: string | undefined): void
  status(status: HistoryStatus): void
}

/** Keeps a history without a gap: the daemon's recording first, and then what the feed tells. A recording may be 16 MB: it is asked for with back-off. */
export class HistoryKeeper {
  /** What the feed has told since the recording was asked for that is on its way. */
  #told: FeedRecord[] = []
  #isLoading = false
  #startedAt: EpochMs | undefined
  #loads = 0
  #loadedAt = -Infinity
  #hasEnded = false
  #isUnreadable = false

  constructor(
    private readonly history: History,
    private readonly fetchRecording: () => Promise<Recording>,
    private readonly clock: Pick<Clock, 'monotonic' | 'setTimeout'>,
    private readonly listener: HistoryListener,
  ) {}

  /** The feed begins, or begins anew: what happened before is not told by it. `startedAt`: of the daemon; what another one did is forgotten. */
  begin(startedAt: EpochMs): void {
    if (this.#hasEnded) return
    if (startedAt !== this.#startedAt) this.history.load([], [])
    this.#startedAt = startedAt
    void this.#load()
  }

  /** What the feed tells next. */
  take(records: readonly FeedRecord[]): void {
    if (this.#hasEnded) return
    if (this.#isLoading) this.#told.push(...records)
    else if (!this.history.append(records)) void this.#load()
  }

  /** Leaves the history to somebody else. */
  end(): void {
    this.#hasEnded = true
  }

  async #load(): Promise<void> {
    if (this.#isLoading) return
    this.#isLoading = true
    this.listener.status({ kind: 'loading' })
    do {
      const pauseMs = this.#pauseMs()
      if (pauseMs > 0) await new Promise<void>((resolve) => void this.clock.setTimeout(resolve, pauseMs))
    } while (!this.#hasEnded && !(await this.#isLoaded()))
    this.#isLoading = false
    this.#told = []
    if (!this.#hasEnded) this.listener.status({ kind: 'whole' })
  }

  /** False where something is still missing afterwards. */
  async #isLoaded(): Promise<boolean> {
    const startedAt = this.#startedAt
    // Whatever was told by now is in the answer.
    this.#told = []
    this.#loads++
    const recording = await this.fetchRecording().catch((error: unknown) => this.#failed(error))
    this.#loadedAt = this.clock.monotonic()
    if (this.#hasEnded) return true
    // One that was asked for before another daemon began may be of either.
    if (recording === undefined || startedAt !== this.#startedAt) return false
    if (this.#isUnreadable) this.listener.unreadable(undefined)
    this.#isUnreadable = false
    this.history.load(recording.header.actors, recording.records)
    // The feed may have left out what came after the recording; what it told since shows that.
    if (this.history.append(this.#told)) return true
    this.listener.status({ kind: 'loading' })
    return false
  }

  #failed(error: unknown): undefined {
    if (this.#hasEnded) return
    this.listener.status({ kind: 'failed', why: unansweredWords(error) })
    if (!(error instanceof NotARecordingError)) return
    this.#isUnreadable = true
    this.listener.unreadable(error.message)
  }

  #pauseMs(): number {
    if (this.clock.monotonic() - this.#loadedAt > heldMs) this.#loads = 0
    return this.#loads === 0 ? 0 : Math.min(firstPauseMs * 2 ** (this.#loads - 1), longestPauseMs)
  }
}
