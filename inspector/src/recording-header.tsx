import { count, zone } from './parts/format.ts'
import type { History } from './history/history.ts'
import type { Opened } from './daemon/use-daemon.ts'
import { Time } from './parts/time.tsx'

/** Says that a recording is shown and not a daemon, and which. */
export function RecordingHeaderBar({ opened, history }: { readonly opened: Opened; readonly history: History }) {
  const { name, header, isTorn } = opened
  const { first, last, records } = history
  return (
    <header class="page-header">
      <h1>Belay</h1>
      <strong>Recording {name}</strong>
      <dl class="facts">
        <div>
          <dt>made by</dt>
          <dd>
            {header.madeBy}
            {header.source === 'simulation' && ', simulation'}
            {header.seed !== undefined && `, seed ${header.seed}`}
          </dd>
        </div>
        <div>
          <dt>records</dt>
          <dd>
            {count(records.length)}
            {isTorn && ', the last cut short'}
          </dd>
        </div>
        {first && last && (
          <div>
            <dt>from</dt>
            <dd>
              <Time at={first.at} /> to <Time at={last.at} /> {zone(last.at)}
            </dd>
          </div>
        )}
      </dl>
    </header>
  )
}
