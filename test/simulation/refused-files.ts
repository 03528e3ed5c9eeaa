import { dirname } from 'node:path'
import type { EpochMs } from '../../src/domain/units.ts'
import type { MemoryManifest } from '../fakes/memory-manifest.ts'

/** Files that the server does not take, while it takes all others: each is refused its final name, whoever asks for it. */
export class RefusedFiles {
  /** All that there have been. */
  readonly names = new Set<string>()
  readonly #now = new Set<string>()

  refuse(path: string): void {
    this.#now.add(path)
    this.names.add(path)
  }

  has(path: string): boolean {
    return this.#now.has(path)
  }

  /** Somebody mends what it was refused for. */
  mend(path: string): void {
    this.#now.delete(path)
  }

  /**
   * Those that nobody can tell from a server that takes nothing: since then none has arrived in their folder. What came before the clock was set
   * back may bear a later time than `now`.
   */
  mendUntold({ changes }: MemoryManifest, since: EpochMs, now: EpochMs): void {
    const arrivals = changes.filter(({ to, at }) => to === 'delivered' && at >= since && at <= now)
    const arrivedIn = new Set(arrivals.map(({ path }) => dirname(path)))
    for (const path of this.#now) if (!arrivedIn.has(dirname(path))) this.mend(path)
  }
}
