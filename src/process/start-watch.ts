import { minutes, type Milliseconds, milliseconds, seconds } from '../domain/units.ts'
import type { Awaited } from '../inspection-feed/readiness.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'

export interface StartWatchOptions {
  readonly clock: Clock
  readonly log: Pick<Log, 'warn'>
  /** `undefined` while it waits for nobody. */
  readonly awaited: () => Awaited | undefined
}

/** A start that takes longer than this is said to. */
const patience = seconds(10)
const mostPatience = minutes(5)

/**
 * Says in the log what the start waits for: after 10 s, and then each time as long as that again, up to 5 min.
 *
 * A slot may take as long as it needs to become ready (docs/decisions/0065-a-start-waits.md), and before the inspector runs there is no
 * page to look at. Ends when what it returns is called.
 */
export function watchStart({ clock, log, awaited }: StartWatchOptions): () => void {
  const began = clock.monotonic()
  const look = (wait: Milliseconds): void => {
    timer = clock.setTimeout(() => {
      const found = awaited()
      if (found !== undefined)
        log.warn('still starting', { ...found, forSeconds: Math.round((clock.monotonic() - began) / 1000) })
      look(milliseconds(Math.min(2 * wait, mostPatience)))
    }, wait)
  }
  let timer: unknown
  look(patience)
  return () => clock.clearTimeout(timer)
}
