import { durationWords } from '../../../src/domain/duration-words.ts'
import { arrived, sumOf, underway } from '../../../src/domain/file-state.ts'
import { healthLimits } from '../../../src/inspection-feed/health.ts'
import type { ActorView, UploaderView } from '../../../src/inspection-feed/protocol.ts'
import { Card } from './card.tsx'
import { Figure } from './figure.tsx'
import { count, moment } from '../parts/format.ts'
import { Gauge } from './gauge.tsx'
import { hashOf } from '../place.ts'

interface UploaderCardProps {
  readonly uploader: UploaderView
  readonly actor: ActorView | undefined
  readonly now: number
}

export function UploaderCard({ uploader, actor, now }: UploaderCardProps) {
  const { server, stats, sendingLimit, files, rows, connected, oldestUndelivered } = uploader
  const aside = setAside(files)
  return (
    <Card title="Uploader" subtitle={server} actor={actor} now={now}>
      <dl class="figures">
        <Figure label="undelivered" title="Sealed files that the server doesn’t have yet">
          {count(stats.queueSize)}
        </Figure>
        <Gauge
          label="sending"
          title="Files that are being sent; so many are taken up at a time, and the others wait in the manifest"
          value={files.sending}
          of={sendingLimit}
          isFullFine
        />
        <Figure label="delivered" title="Files, verified on the server">
          {count(sumOf(files, arrived))}
        </Figure>
      </dl>
      <dl class="lines">
        <dt>session</dt>
        <dd>{connected ? 'open' : 'none'}</dd>
        <dt>oldest</dt>
        <dd
          class={
            oldestUndelivered !== null && now - oldestUndelivered > healthLimits.uploadLag ? 'worrying' : undefined
          }
          title={oldestUndelivered === null ? undefined : `sealed ${moment(oldestUndelivered)}`}
        >
          {oldestUndelivered === null ? 'nothing waits' : `undelivered for ${durationWords(now - oldestUndelivered)}`}
        </dd>
        <dt>tries</dt>
        <dd class={stats.failed > 0 ? 'worrying' : undefined} title="Since the start; a file is tried again">
          {count(stats.failed)} failed
        </dd>
        {Object.values(rows).some((each) => each > 0) && (
          <>
            <dt>rows</dt>
            <dd>
              {count(sumOf(rows, arrived))} delivered, {count(sumOf(rows, underway))} to go
            </dd>
          </>
        )}
        {aside !== '' && (
          <>
            <dt>set aside</dt>
            <dd class="worrying">
              <a href={hashOf({ view: 'files', path: '' })}>{aside}</a>
            </dd>
          </>
        )}
      </dl>
    </Card>
  )
}

function setAside({ conflict, refused, deadLetter }: UploaderView['files']): string {
  const said: [number, string][] = [
    [conflict, 'in conflict with a file on the server'],
    [refused, 'changed or gone since sealed'],
    [deadLetter, 'failed too often'],
  ]
  return said
    .filter(([files]) => files > 0)
    .map(([files, words]) => `${count(files)} ${words}`)
    .join(', ')
}
