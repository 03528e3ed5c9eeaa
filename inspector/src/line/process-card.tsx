import { byteCount } from '../../../src/domain/byte-count.ts'
import { durationWords } from '../../../src/domain/duration-words.ts'
import type { DaemonState } from '../../../src/inspection-feed/protocol.ts'
import { count, latency, timesWords } from '../parts/format.ts'
import { Card } from './card.tsx'
import { Figure } from './figure.tsx'

/** From here on the log tells of it too. */
const worryingDelayMs = 1_000

/** What nobody would look for in a part: whether the process itself keeps up. Nothing is known of it at a moment of the past. */
export function ProcessCard({ state: { process, version, at, runningSince } }: { readonly state: DaemonState }) {
  if (process === null) return null
  const { eventLoopDelayMs, stalls, stalledMs, residentBytes, memoryBudgetBytes, logLinesDropped } = process
  return (
    <Card
      title="Process"
      subtitle={`Belay ${version}, up ${durationWords(at - runningSince)}`}
      actor={undefined}
      now={at}
    >
      <dl class="figures">
        <Figure
          label="event loop"
          title="The longest that it stood still in the last minute"
          isWorrying={eventLoopDelayMs > worryingDelayMs}
        >
          {latency(eventLoopDelayMs)}
        </Figure>
        <Figure
          label="memory"
          title={`Resident; it is meant to use ${byteCount(memoryBudgetBytes)} at most`}
          isWorrying={residentBytes > memoryBudgetBytes}
        >
          {byteCount(residentBytes)}
        </Figure>
      </dl>
      <dl class="lines">
        <dt>stalls</dt>
        <dd class={stalls > 0 ? 'worrying' : undefined} title="Since the start, each longer than 1 s">
          {stalls === 0 ? 'none' : `${timesWords(stalls)}, for ${durationWords(stalledMs)} in all`}
        </dd>
        {logLinesDropped > 0 && (
          <>
            <dt>log</dt>
            <dd class="worrying">{count(logLinesDropped)} lines could not be written</dd>
          </>
        )}
      </dl>
    </Card>
  )
}
