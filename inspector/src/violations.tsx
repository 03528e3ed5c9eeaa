import { useMemo } from 'preact/hooks'
import { count, momentMs } from './parts/format.ts'
import type { History } from './history/history.ts'
import { Time } from './parts/time.tsx'

const shownViolations = 5

/** What a simulation found to be wrong, before all else: it is why somebody opens its trace. */
export function Violations({
  history,
  onMoment,
}: {
  readonly history: History
  readonly onMoment: (monotonic: number) => void
}) {
  const { records } = history
  const violated = useMemo(() => records.filter((record) => record.type === 'invariant.violated'), [records])
  if (violated.length === 0) return null
  return (
    <div class="problem" role="alert">
      {violated.slice(0, shownViolations).map(({ sequence, at, monotonic, path, invariant, detail }) => (
        <p key={sequence}>
          <strong>Violated: {invariant}</strong>
          <br />
          {detail} ({path.replace(/^root\//, '')}, <Time at={at} words={momentMs(at)} />){' '}
          <button type="button" class="button" onClick={() => onMoment(monotonic)}>
            See that moment
          </button>
        </p>
      ))}
      {violated.length > shownViolations && <p>and {count(violated.length - shownViolations)} more.</p>}
    </div>
  )
}
