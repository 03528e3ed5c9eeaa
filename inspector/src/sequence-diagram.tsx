import type { FeedRecord } from '../../src/inspection-feed/record.ts'
import { eventWords } from '../../src/inspection-feed/chart.ts'
import { momentMs } from './format.ts'

interface SequenceDiagramProps {
  readonly records: readonly FeedRecord[]
  readonly chosen: readonly string[]
  readonly from: number
  readonly to: number
}

type Message = Extract<FeedRecord, { readonly type: 'event.received' }>

const mostMessages = 60
const [lineGap, rowHeight, head] = [190, 24, 34]

/** Who said what to whom: the latest messages that the chosen actors got within the stretch shown, the earliest first. */
export function SequenceDiagram({ records, chosen, from, to }: SequenceDiagramProps) {
  const messages = records
    .filter((record): record is Message => record.type === 'event.received')
    .filter(({ monotonic, path }) => monotonic >= from && monotonic <= to && chosen.includes(path))
    .slice(-mostMessages)
  const others = [
    ...new Set(messages.flatMap(({ source }) => (source === null || chosen.includes(source) ? [] : [source]))),
  ]
  const lines = ['outside', ...chosen, ...others]
  const xOf = (path: string | null): number => 100 + Math.max(0, lines.indexOf(path ?? 'outside')) * lineGap
  const height = head + messages.length * rowHeight + 12
  return (
    <div class="panel" tabIndex={0} role="region" aria-label="Messages between the chosen actors">
      {messages.length === 0 && <p class="hint">No message was got in this stretch.</p>}
      {messages.length > 0 && (
        <svg
          class="sequence"
          width={lines.length * lineGap + 140}
          height={height}
          role="img"
          aria-label={inWords(messages)}
        >
          {lines.map((path) => (
            <g key={path}>
              <text x={xOf(path)} y="16">
                {path.replace(/^root\//, '')}
              </text>
              <line x1={xOf(path)} x2={xOf(path)} y1="24" y2={height} />
            </g>
          ))}
          {messages.map(({ sequence, at, source, path, event }, index) => {
            const y = head + index * rowHeight + 12
            const [start, end] = [xOf(source), xOf(path)]
            const isSelf = start === end
            const tip = isSelf || start < end ? -6 : 6
            return (
              <g key={sequence} class="message">
                <title>{momentMs(at)}</title>
                <path
                  d={
                    isSelf
                      ? `M${start} ${y - 6}h24v8h-24m6-4-6 4 6 4`
                      : `M${start} ${y}H${end}m${tip}-4${tip > 0 ? 'l-6 4 6 4' : 'l6 4-6 4'}`
                  }
                />
                <text
                  x={isSelf ? start + 28 : (start + end) / 2}
                  y={isSelf ? y + 3 : y - 4}
                  class={isSelf ? 'self' : ''}
                >
                  {eventWords(event)}
                </text>
              </g>
            )
          })}
        </svg>
      )}
    </div>
  )
}

const inWords = (messages: readonly Message[]): string =>
  messages.map(({ source, path, event }) => `${source ?? 'outside'} to ${path}: ${eventWords(event)}`).join('; ')
