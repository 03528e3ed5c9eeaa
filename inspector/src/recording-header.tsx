import { count, zone } from './parts/format.ts'
import type { History } from './history/history.ts'
import type { Opened } from './daemon/use-daemon.ts'
import { Time } from './parts/time.tsx'

interface RecordingHeaderProps {
  readonly opened: Opened
  readonly history: History
  /** Absent where there is nothing to go back to. */
  readonly onBack: (() => void) | undefined
}

/** Says that a recording is shown and not a daemon, and which. */
export function RecordingHeaderBar({ opened, history, onBack }: RecordingHeaderProps) {
  const { name, header, isTorn, missing } = opened
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
            {missing > 0 && `, ${count(missing)} missing`}
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
      {onBack && (
        <button type="button" class="button" onClick={onBack}>
          Back to the daemon
        </button>
      )}
    </header>
  )
}
