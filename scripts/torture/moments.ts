import { existsSync, watch } from 'node:fs'
import { join } from 'node:path'
import type { Site } from '../../test/e2e/support/site.ts'
import type { Chance } from './chance.ts'

/** How often a strike waits for each, against the others. */
const weights = { any: 2, opened: 1, sealed: 2, sent: 3, renamed: 3 }

/**
 * When to strike: at `any` time, or right after a name has come or gone where files grow here, where they are sealed, where they
 * grow on the server, or where they stand there in the end. What goes wrong goes wrong within milliseconds of these.
 */
export type Moment = keyof typeof weights

export const nextMoment = (chance: Chance): Moment => chance.pick(weights)

/** A file comes this often at least while the daemon works; where none does, it has been struck already. */
const patienceMs = 1500

/** Resolves at such a moment; `any` is now. */
export async function moment(kind: Moment, { data, delivered }: Site, series: readonly string[]): Promise<void> {
  const places: Record<Moment, readonly string[]> = {
    any: [],
    opened: [join(data, 'open')],
    sealed: series.map((each) => join(data, each)),
    sent: [join(delivered, '.belay')],
    renamed: series.map((each) => join(delivered, each)),
  }
  const there = places[kind].filter((place) => existsSync(place))
  if (there.length === 0) return
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      for (const watcher of watchers) watcher.close()
      resolve()
    }
    const watchers = there.map((place) => watch(place, end))
    const timer = setTimeout(end, patienceMs)
  })
}
