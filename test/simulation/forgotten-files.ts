import type { Survives } from '../fakes/memory-inodes.ts'
import type { MemoryManifest } from '../fakes/memory-manifest.ts'
import { shownBy } from './shown.ts'
import type { SimulatedSite } from './simulated-server.ts'

interface Forgotten {
  readonly content: Buffer
  /** So many changes the manifest had seen when the server lost its power. */
  readonly since: number
}

/** Files that the server had under their final names, and forgot when it lost its power. */
export class ForgottenFiles {
  readonly #files = new Map<string, Forgotten>()

  constructor(
    private readonly site: SimulatedSite,
    private readonly manifest: MemoryManifest,
  ) {}

  /** The server loses its power, and with it the latest `changes` of names. */
  losePower(changes: number, survives: Survives): void {
    const before = shownBy(this.site)
    // Whatever was still on its way to the server finds nobody who waits for it.
    this.site.late.length = 0
    this.site.server.crash(survives, changes)
    const after = shownBy(this.site)
    const since = this.manifest.changes.length
    for (const [path, content] of before) if (!after.has(path)) this.#files.set(path, { content, since })
    for (const path of after.keys()) this.site.onChanged(path)
  }

  /**
   * The one exception from "what is delivered is on the server": gone for good, and called delivered by a try that had begun before
   * the power went. Whatever is claimed later has to be there, and whatever is no longer here; unless we may not open what is there,
   * and so cannot have it synced.
   */
  get excused(): ReadonlyMap<string, Buffer> {
    const found = new Map<string, Buffer>()
    if (this.#files.size === 0) return found
    const shown = shownBy(this.site)
    for (const [path, { content, since }] of this.#files) {
      const state = this.manifest.file(path)?.state
      const claimed = this.manifest.changes.findLastIndex((change) => change.path === path && change.to === 'sending')
      const isHere = state === 'delivered' || (state === 'removed' && this.site.closed.has(path))
      if (claimed < since && isHere && !shown.has(path)) found.set(path, content)
    }
    return found
  }
}
