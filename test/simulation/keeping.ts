import type { Config } from '../../src/config/config.ts'
import type { EpochMs } from '../../src/domain/units.ts'
import type { MemoryManifest } from '../fakes/memory-manifest.ts'

/**
 * How long what was delivered has been here when it is recorded as removed, before which no copy may be deleted. By what the manifest
 * says, and by a clock that the daemon has no part in: since the server first showed the file.
 */
export class Keeping {
  /** When each final name was first shown. */
  readonly #shownAt = new Map<string, number>()
  /** Changes of the manifest that were looked at. */
  #seen = 0
  #latest: EpochMs | undefined
  #passed = 0

  constructor(
    private readonly keepFor: Config['sftp']['keepFor'],
    private readonly manifest: MemoryManifest,
  ) {}

  shown(path: string, now: EpochMs): void {
    const passed = this.#passedAt(now)
    if (!this.#shownAt.has(path)) this.#shownAt.set(path, passed)
  }

  /** What has been removed since the last look, and should not have been yet. */
  tooSoon(now: EpochMs): string[] {
    const passed = this.#passedAt(now)
    const { changes } = this.manifest
    const wrong: string[] = []
    for (; this.#seen < changes.length; this.#seen++) {
      const change = changes[this.#seen]
      if (change?.to !== 'removed') continue
      const { path, at } = change
      const since = changes.slice(0, this.#seen).findLast((other) => other.path === path && other.to === 'delivered')
      const delivered = since?.at ?? at
      // Set back since then, the clock tells nothing; whoever removed it had looked at it before.
      const told = delivered > at ? Infinity : at - delivered
      const shown = passed - (this.#shownAt.get(path) ?? passed)
      const kept = Math.min(told, shown)
      if (this.keepFor === 'forever' || kept < this.keepFor) wrong.push(`${path} after ${kept} ms`)
    }
    return wrong
  }

  /** Time of the wall clock, in which it was never set back: at least as long as what the daemon may take for passed. */
  #passedAt(now: EpochMs): number {
    this.#passed += Math.max(0, now - (this.#latest ?? now))
    this.#latest = now
    return this.#passed
  }
}
