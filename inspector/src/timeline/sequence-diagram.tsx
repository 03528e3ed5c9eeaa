import { count, momentMs } from '../parts/format.ts'
import type { FeedRecord } from '../../../src/inspection-feed/record.ts'
import { messagesAmong, type MessageRun } from './message-runs.ts'
import { eventWords } from '../../../src/inspection-feed/chart.ts'

interface SequenceDiagramProps {
  readonly records: readonly FeedRecord[]
  readonly chosen: readonly string[]
  /** All that could be chosen. */
  readonly actors: ReadonlySet<string>
  readonly from: number
  readonly to: number
}

const mostRuns = 60
const [firstLine, lineGap, rowHeight, head] = [180, 190, 24, 34]

/** Who said what to whom: the latest messages among the chosen actors within the stretch shown, the earliest first. */
export function SequenceDiagram({ records, chosen, actors, from, to }: SequenceDiagramProps) {
  const all = messagesAmong({ chosen, actors }, records, from, to)
  const runs = all.slice(-mostRuns)
  const ends = new Set(runs.flatMap(({ source, path }) => [source ?? 'outside', path]))
  const others = [...ends].filter((path) => path !== 'outside' && !chosen.includes(path))
  const lines = [...(ends.has('outside') ? ['outside'] : []), ...chosen, ...others]
  const xOf = (path: string | null): number => firstLine + Math.max(0, lines.indexOf(path ?? 'outside')) * lineGap
  const height = head + runs.length * rowHeight + 12
  return (
    <div class="panel" tabIndex={0} role="region" aria-label="Messages between the chosen actors">
      {runs.length === 0 && (
        <p class="hint">
          {chosen.length === 1 ? 'It got and said nothing' : 'They said nothing to one another'} in this stretch.
        </p>
      )}
      {all.length > runs.length && <p class="hint">{count(all.length - runs.length)} earlier ones are not drawn.</p>}
      {runs.length > 0 && (
        <svg
          class="sequence"
          width={xOf(lines.at(-1) ?? null) + lineGap}
          height={height}
          role="img"
          aria-label={inWords(runs)}
        >
          {lines.map((path) => (
            <g key={path}>
              <text x={xOf(path)} y="16">
                {path.replace(/^root\//, '')}
              </text>
              <line x1={xOf(path)} x2={xOf(path)} y1="24" y2={height} />
            </g>
          ))}
          {runs.map((run, index) => (
            <Message
              key={run.sequence}
              run={run}
              y={head + index * rowHeight + 12}
              start={xOf(run.source)}
              end={xOf(run.path)}
            />
          ))}
        </svg>
      )}
    </div>
  )
}

interface MessageProps {
  readonly run: MessageRun
  readonly y: number
  readonly start: number
  readonly end: number
}

function Message({ run, y, start, end }: MessageProps) {
  const isSelf = start === end
  const tip = isSelf || start < end ? -6 : 6
  const last = run.times === 1 ? '' : ` to ${momentMs(run.lastAt)}`
  return (
    <g class="message">
      <title>{`${momentMs(run.at)}${last}`}</title>
      <text x="12" y={y + 3} class="at">
        {momentMs(run.at).slice(11)}
      </text>
      <path
        d={
          isSelf
            ? `M${start} ${y - 6}h24v8h-24m6-4-6 4 6 4`
            : `M${start} ${y}H${end}m${tip}-4${tip > 0 ? 'l-6 4 6 4' : 'l6 4-6 4'}`
        }
      />
      <text x={isSelf ? start + 28 : (start + end) / 2} y={isSelf ? y + 3 : y - 4} class={isSelf ? 'self' : ''}>
        {wordsOf(run)}
      </text>
    </g>
  )
}

const wordsOf = ({ event, times }: MessageRun): string => `${eventWords(event)}${times === 1 ? '' : ` × ${times}`}`

const inWords = (runs: readonly MessageRun[]): string =>
  runs.map((run) => `${run.source ?? 'outside'} to ${run.path}: ${wordsOf(run)}`).join('; ')
