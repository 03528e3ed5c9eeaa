import type { ActorView, UploaderView } from '../../src/inspection-feed/protocol.ts'
import { Card } from './card.tsx'
import { Figure } from './figure.tsx'
import { count } from './format.ts'

interface UploaderCardProps {
  readonly uploader: UploaderView
  readonly actor: ActorView | undefined
  readonly now: number
}

export function UploaderCard({ uploader: { server, stats, files, rows, connected }, actor, now }: UploaderCardProps) {
  return (
    <Card title="Uploader" subtitle={server} actor={actor} now={now}>
      <dl class="figures">
        <Figure label="undelivered" title="Sealed files that the server doesn’t have yet">
          {count(stats.queueSize)}
        </Figure>
        <Figure label="delivered" title="Files, verified on the server">
          {count(files.delivered)}
        </Figure>
        <Figure label="failed tries" isWorrying={stats.failed > 0} title="Since the start; a file is tried again">
          {count(stats.failed)}
        </Figure>
      </dl>
      <dl class="lines">
        <dt>session</dt>
        <dd>{connected ? 'open' : 'none'}</dd>
        <dt>rows</dt>
        <dd>
          {count(rows.delivered)} delivered, {count(rows.pending + rows.sending)} to go
        </dd>
        {files.conflict + files.refused > 0 && (
          <>
            <dt>set aside</dt>
            <dd class="worrying">
              {files.conflict > 0 && `${count(files.conflict)} in conflict with a file on the server`}
              {files.conflict > 0 && files.refused > 0 && ', '}
              {files.refused > 0 && `${count(files.refused)} changed or gone since sealed`}
            </dd>
          </>
        )}
      </dl>
    </Card>
  )
}
