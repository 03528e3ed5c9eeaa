import type { ActorView, WriterView } from '../../../src/inspection-feed/protocol.ts'
import { Card } from './card.tsx'
import { diskWords } from './disk-words.ts'
import { Figure } from './figure.tsx'
import { count } from '../parts/format.ts'
import { Gauge } from './gauge.tsx'

interface WriterCardProps {
  readonly writer: WriterView
  readonly actor: ActorView | undefined
  readonly now: number
}

export function WriterCard({
  writer: { stats, queueLimit, openFiles, sealedFiles, blocked, running, disk },
  actor,
  now,
}: WriterCardProps) {
  return (
    <Card title="CSV writer" subtitle={running ? 'takes rows' : 'takes no rows'} actor={actor} now={now}>
      <dl class="figures">
        <Gauge
          label="queue"
          title="Requests that wait to be written; one more than so many is refused"
          value={stats.queueSize}
          of={queueLimit}
        />
        <Figure label="written" title="Requests, one model’s rows for one frame each">
          {count(stats.written)}
        </Figure>
        <Figure label="failed" isWorrying={stats.failed > 0}>
          {count(stats.failed)}
        </Figure>
      </dl>
      <dl class="lines">
        <dt>files</dt>
        <dd title="Sealed since the start">
          {count(openFiles)} open, {count(sealedFiles)} sealed
        </dd>
        {disk.freeBytes !== null && (
          <>
            <dt>disk</dt>
            <dd class={disk.level === 'enough' ? undefined : 'worrying'}>{diskWords(disk)}</dd>
          </>
        )}
        {blocked !== null && (
          <>
            <dt>blocked</dt>
            <dd class="worrying">{blocked}</dd>
          </>
        )}
      </dl>
    </Card>
  )
}
