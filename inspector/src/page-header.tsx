import { useContext } from 'preact/hooks'
import { byteCount } from '../../src/domain/byte-count.ts'
import { durationWords } from '../../src/domain/duration-words.ts'
import type { DaemonState, ProcessView } from '../../src/inspection-feed/protocol.ts'
import type { Connection } from './daemon/feed-client.ts'
import { count, latency, moment, timesWords } from './parts/format.ts'
import { Operator, stopRequest } from './operate.ts'
import type { Scene } from './history/scene.ts'
import { Status } from './parts/status.tsx'

interface PageHeaderProps {
  /** The latest: its start, boot and version hold for every moment that can be shown. */
  readonly state: DaemonState | undefined
  /** The moment that is shown where it is not the present. */
  readonly past: Scene | undefined
  readonly connection: Connection
  /** How long it has run by the moment that is shown. */
  readonly uptime: number
  /** `performance.now`, for the next try. */
  readonly monotonic: number
}

export function PageHeader({ state, past, connection, uptime, monotonic }: PageHeaderProps) {
  const isPresent = connection.kind === 'live' && past === undefined
  const phase = past?.state.phase ?? state?.phase
  const operate = useContext(Operator)
  return (
    <header class="page-header">
      <h1>Belay</h1>
      <span class="host">{location.host}</span>
      {phase && (isPresent ? <Status state={phase} /> : <Status state={phase} tone="off" word={`was ${phase}`} />)}
      {state && (
        <dl class="facts">
          <div>
            <dt>up</dt>
            <dd title={`since ${moment(state.runningSince)}`}>{durationWords(uptime)}</dd>
          </div>
          <div>
            <dt>boot</dt>
            <dd title="Counts the starts on this data folder">{state.boot}</dd>
          </div>
          <div>
            <dt>version</dt>
            <dd>{state.version}</dd>
          </div>
          {isPresent && state.process && <ProcessFacts process={state.process} />}
        </dl>
      )}
      {operate !== undefined && state?.phase === 'running' && (
        <button type="button" class="button" onClick={() => operate(stopRequest)}>
          Drain and stop …
        </button>
      )}
      <p class="connection">
        <span role="status">
          <ConnectionState connection={connection} isPast={past !== undefined} />
        </span>
        {/* Beside what is read out: it is another one each second. */}
        {connection.kind === 'waiting' && ` in ${Math.max(1, Math.ceil((connection.retryAt - monotonic) / 1_000))} s`}
      </p>
    </header>
  )
}

/** Whether the process itself keeps up, which nobody would look for in a part of it. */
function ProcessFacts({ process }: { readonly process: ProcessView }) {
  const { eventLoopDelayMs, stalls, stalledMs, residentBytes, memoryBudgetBytes, logLinesDropped } = process
  const stalled =
    stalls === 0 ? '' : `; for more than 1 s ${timesWords(stalls)} since the start, ${durationWords(stalledMs)} in all`
  return (
    <>
      <div>
        <dt>memory</dt>
        <dd
          class={residentBytes > memoryBudgetBytes ? 'worrying' : undefined}
          title={`Resident; it is meant to use ${byteCount(memoryBudgetBytes)} at most`}
        >
          {byteCount(residentBytes)}
        </dd>
      </div>
      <div>
        <dt>event loop</dt>
        <dd
          class={eventLoopDelayMs > 1_000 ? 'worrying' : undefined}
          title={`Stood still for so long at most in the last minute${stalled}`}
        >
          {latency(eventLoopDelayMs)}
        </dd>
      </div>
      {logLinesDropped > 0 && (
        <div>
          <dt>log</dt>
          <dd class="worrying" title="They could not be written">
            {count(logLinesDropped)} lines lost
          </dd>
        </div>
      )}
    </>
  )
}

interface ConnectionStateProps {
  readonly connection: Connection
  readonly isPast: boolean
}

function ConnectionState({ connection, isPast }: ConnectionStateProps) {
  switch (connection.kind) {
    case 'live':
      return <Status state="live" tone="good" word={isPast ? 'connected' : 'live'} />
    case 'connecting':
    case 'waiting':
      // The same while it tries as while it waits: what changes is read out, and nobody wants to hear of each try.
      return connection.reason === '' ? (
        <Status state="connecting" />
      ) : (
        <Status state="waiting" tone="warn" word={`${connection.reason}; trying again`} />
      )
    case 'turned-away':
      return <Status state="turned away" tone="bad" word={connection.reason} />
  }
}
