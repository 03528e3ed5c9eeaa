import type { ActorView, CameraView } from '../../../src/inspection-feed/protocol.ts'
import { useContext } from 'preact/hooks'
import { Card } from './card.tsx'
import { Causes } from './causes.tsx'
import { Figure } from './figure.tsx'
import { count, latency, moment, rate, timeAgo, timeBefore } from '../parts/format.ts'
import { cameraRequest, Operator } from '../operate.ts'
import { Preview } from './preview.tsx'
import { Shares } from './shares.tsx'

interface CameraCardProps {
  readonly camera: CameraView
  readonly actor: ActorView | undefined
  readonly now: number
  /** It is not how things are now. */
  readonly isPast: boolean
  /** The page sees the daemon, and has pictures. A recording holds none. */
  readonly isLive: boolean
}

export function CameraCard({ camera, actor, now, isPast, isLive }: CameraCardProps) {
  const { frames, rows, latencyMs, sourceSize } = camera
  const dropped = total(frames.dropped)
  const failed = total(frames.failed)
  const hasPreview = isLive && frames.inspected > 0
  return (
    <Card title={camera.id} subtitle={camera.source} actor={actor} now={now}>
      <div class={hasPreview ? 'seen with-preview' : 'seen'}>
        {hasPreview && <Preview id={camera.id} now={now} isPast={isPast} />}
        <dl class="figures large">
          <Figure label="inspected/s" title="Frames that all models answered a second, over the last 5 s">
            {rate(camera.inspectedPerSecond)}
          </Figure>
          <Figure label="arrived/s" title="Pictures that arrived a second, over the last 5 s">
            {rate(camera.fps)}
          </Figure>
          <Figure label="latency p50 / p95" title="From a frame’s last byte until its rows are with the writer">
            {latencyMs === null ? '–' : `${latency(latencyMs.p50)} / ${latency(latencyMs.p95)}`}
          </Figure>
        </dl>
      </div>
      <Shares
        label="Where the captured frames are"
        parts={[
          { name: 'inspected', value: frames.inspected, tone: 'good' },
          { name: 'dropped', value: dropped, tone: 'off' },
          { name: 'failed', value: failed, tone: 'bad' },
          { name: 'in flight', value: frames.inFlight, tone: 'busy' },
        ]}
      />
      <dl class="lines">
        <dt>inspected</dt>
        <dd>
          {count(frames.inspected)} of {count(frames.captured)} captured
        </dd>
        <dt>dropped</dt>
        <dd>
          <Causes of={frames.dropped} />
        </dd>
        <dt>failed</dt>
        <dd class={failed > 0 ? 'worrying' : ''}>
          <Causes of={frames.failed} />
        </dd>
        <dt>rows</dt>
        <dd class={rows.failed + total(rows.refused) > 0 ? 'worrying' : ''}>
          {count(rows.accepted)} written
          {rows.queued > 0 && `, ${count(rows.queued)} queued`}
          {total(rows.refused) > 0 && ', refused: '}
          {total(rows.refused) > 0 && <Causes of={rows.refused} />}
          {rows.failed > 0 && `, ${count(rows.failed)} failed`}
          {camera.resultsAtBound > 0 &&
            `; ${count(camera.resultsAtBound)} results had as much as is kept, and may have had more`}
        </dd>
        <dt>last result</dt>
        <dd>
          {/* Records that tell no source tell no result either. */}
          {camera.lastFinding ?? (camera.source === '' ? '–' : 'none yet')}
          {camera.lastFindingAt !== null && (
            <span class="age" title={`captured ${moment(camera.lastFindingAt)}`}>
              , {(isPast ? timeBefore : timeAgo)(camera.lastFindingAt, now)}
            </span>
          )}
        </dd>
        {camera.models.length > 0 && (
          <>
            <dt>models</dt>
            <dd>
              {camera.models.join(', ')}
              {sourceSize !== null && ` on ${sourceSize.width}×${sourceSize.height}`}
              {camera.lossless && ' · waits instead of dropping'}
            </dd>
          </>
        )}
      </dl>
      <Commands id={camera.id} isPaused={actor?.state === 'paused'} />
    </Card>
  )
}

function Commands({ id, isPaused }: { readonly id: string; readonly isPaused: boolean }) {
  const operate = useContext(Operator)
  if (operate === undefined) return null
  return (
    <p class="commands">
      {(isPaused ? (['resume', 'restart'] as const) : (['pause', 'restart'] as const)).map((verb, place) => {
        const request = cameraRequest(id, verb)
        return (
          <button
            // By its place: the dialog gives the focus back to the button that it was opened with, whatever that says by then.
            key={place}
            type="button"
            class="button"
            aria-label={`${request.verb} ${id}`}
            onClick={() => operate(request)}
          >
            {request.verb} …
          </button>
        )
      })}
    </p>
  )
}

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, value) => sum + value, 0)
