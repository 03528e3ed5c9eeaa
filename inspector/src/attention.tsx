import type { ActorView } from '../../src/inspection-feed/protocol.ts'
import { tellingState } from '../../src/inspection-feed/telling-state.ts'
import { duration, moment } from './format.ts'
import { Status } from './status.tsx'
import { toneOf } from './tone.ts'
import { whyWords } from './why-words.ts'

/** What is not as it should be, the worst and then the oldest first: where to look at 3 a.m. */
export function Attention({ actors, now }: { readonly actors: readonly ActorView[]; readonly now: number }) {
  const troubled = actors
    .filter((actor) => severity(actor) < 2)
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

function severity(actor: ActorView): number {
  const tone = toneOf(tellingState(actor))
  return tone === 'bad' ? 0 : tone === 'warn' ? 1 : 2
}
