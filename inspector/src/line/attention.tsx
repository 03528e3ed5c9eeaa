import { durationWords } from '../../../src/domain/duration-words.ts'
import { troublesBesideStates, waitsForNextStart } from '../../../src/inspection-feed/health.ts'
import type { ActorView, DaemonState } from '../../../src/inspection-feed/protocol.ts'
import { moment } from '../parts/format.ts'
import { inTrouble, severity } from '../parts/in-trouble.ts'
import { Status } from '../parts/status.tsx'
import { whyWords } from '../parts/why-words.ts'

type Trouble = Pick<ActorView, 'path' | 'state' | 'description' | 'since' | 'why' | 'nextTryAt' | 'before'>

/** What is not as it should be, the worst and then the oldest first, and what no state tells of after them: where to look at 3 a.m. */
export function Attention({ state, now }: { readonly state: DaemonState; readonly now: number }) {
  const troubled = inTrouble([...state.actors, ...refusedConfiguration(state.configuration)])
  const others = [...troublesBesideStates(state), ...waitsForNextStart(state)]
  const [worst] = troubled
  if (worst === undefined && others.length === 0) return null
  const hasFailed = worst !== undefined && severity(worst) === 0
  return (
    <section class={hasFailed ? 'attention failed' : 'attention'} aria-labelledby="attention">
      <h2 id="attention">
        Needs attention <span class="number">{troubled.length + others.length}</span>
      </h2>
      <ul>
        {troubled.map(({ path, state, description, since, why, nextTryAt }) => (
          <li key={path}>
            <span class="who">{path.replace(/^root\//, '')}</span>
            <Status state={state} description={description} />
            <span class="since" title={`since ${moment(since)}`}>
              for {durationWords(now - since)}
            </span>
            <span class="why">{whyWords({ why, nextTryAt }, now)}</span>
          </li>
        ))}
      </ul>
      <ul class="others">
        {others.map((words) => (
          <li key={words}>{words.replaceAll('root/', '')}</li>
        ))}
      </ul>
    </section>
  )
}

const refusedConfiguration = ({ refused }: DaemonState['configuration']): Trouble[] =>
  refused === null
    ? []
    : [
        {
          path: 'configuration',
          state: 'refused',
          description: 'The file was read again and not applied: what was applied before it still holds.',
          ...{ since: refused.at, why: refused.why, nextTryAt: null, before: [] },
        },
      ]
