import type { ActorView, DaemonState } from '../../src/inspection-feed/protocol.ts'
import { tellingState } from '../../src/inspection-feed/telling-state.ts'
import { duration, moment } from './format.ts'
import { Status } from './status.tsx'
import { toneOf } from './tone.ts'
import { whyWords } from './why-words.ts'

interface AttentionProps extends Pick<DaemonState, 'actors' | 'configuration'> {
  readonly now: number
}

type Trouble = Pick<ActorView, 'path' | 'state' | 'description' | 'since' | 'why' | 'nextTryAt' | 'before'>

/** What is not as it should be, the worst and then the oldest first: where to look at 3 a.m. */
export function Attention({ actors, configuration, now }: AttentionProps) {
  const troubled = [...actors, ...refusedConfiguration(configuration)]
    .filter((trouble) => severity(trouble) < 2)
    .sort((a, b) => severity(a) - severity(b) || a.since - b.since)
  const [worst] = troubled
  if (worst === undefined) return null
  return (
    <section class={severity(worst) === 0 ? 'attention failed' : 'attention'} aria-labelledby="attention">
      <h2 id="attention">
        Needs attention <span class="number">{troubled.length}</span>
      </h2>
      <ul>
        {troubled.map(({ path, state, description, since, why, nextTryAt }) => (
          <li key={path}>
            <span class="who">{path.replace(/^root\//, '')}</span>
            <Status state={state} description={description} />
            <span class="since" title={`since ${moment(since)}`}>
              for {duration(now - since)}
            </span>
            <span class="why">{whyWords({ why, nextTryAt }, now)}</span>
          </li>
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
          description: 'The file was read again, and changed nothing: what was applied before it still holds.',
          ...{ since: refused.at, why: refused.why, nextTryAt: null, before: [] },
        },
      ]

function severity(trouble: Trouble): number {
  const tone = toneOf(tellingState(trouble))
  return tone === 'bad' ? 0 : tone === 'warn' ? 1 : 2
}
