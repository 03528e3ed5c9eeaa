import { momentMs, span, timesWords } from '../parts/format.ts'
import type { MachineHistory, Transition } from '../history/machine-history.ts'
import { Time } from '../parts/time.tsx'
import { stateWord } from '../parts/tone.ts'

interface StateTimesProps {
  /** Paths of all its states, `online.open`, each after the one that it is in. */
  readonly states: readonly string[]
  readonly spent: MachineHistory['spent']
  /** The earliest transition that is remembered. */
  readonly first: Transition | undefined
}

/** How long the machine was in each of its states, as far as is remembered: what the drawing says, for who cannot see it. */
export function StateTimes({ states, spent, first }: StateTimesProps) {
  const been = states.filter((path) => spent.has(path))
  if (been.length === 0) return null
  return (
    <div class="panel" tabIndex={0} role="region" aria-label="Time spent in each state">
      <table class="tree spent-times">
        <thead>
          <tr>
            <th scope="col">state</th>
            <th scope="col">in it for</th>
            <th scope="col">came there</th>
          </tr>
        </thead>
        <tbody>
          {been.map((path) => {
            const { ms, times } = spent.get(path) ?? { ms: 0, times: 0 }
            const words = path.split('.')
            return (
              <tr key={path}>
                <th scope="row" title={path}>
                  <span style={{ marginInlineStart: `${(words.length - 1) * 1.1}em` }}>
                    {stateWord(words.at(-1) ?? '')}
                  </span>
                </th>
                <td>{span(ms)}</td>
                <td>{timesWords(times)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
      {first !== undefined && (
        <p class="hint">
          Counted since <Time at={first.at} words={momentMs(first.at)} />: how it was before that is not remembered.
        </p>
      )}
    </div>
  )
}
