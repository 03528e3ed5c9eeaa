import { counted } from '../../../src/domain/counted.ts'
import type { ActorView, InferenceView } from '../../../src/inspection-feed/protocol.ts'
import { Card } from './card.tsx'
import { Figure } from './figure.tsx'
import { Gauge } from './gauge.tsx'

interface InferenceCardProps {
  readonly inference: InferenceView
  readonly actor: ActorView | undefined
  readonly now: number
}

export function InferenceCard({
  inference: { models, workers, waiting, waitingLimit },
  actor,
  now,
}: InferenceCardProps) {
  return (
    <Card
      title="Inference"
      // There is no pool without any: it was not recorded.
      subtitle={workers.wanted === 0 ? '' : counted(workers.wanted, 'worker')}
      actor={actor}
      now={now}
    >
      <dl class="figures">
        <Gauge label="busy workers" value={workers.busy} of={workers.running} isFullFine />
        {/* Of a live camera the newest frame always may wait: full is no trouble by itself. What is dropped is told beside the camera. */}
        <Gauge
          label="waiting"
          title="Frames that wait for a worker; when there are so many, live cameras drop and lossless ones wait"
          value={waiting}
          of={waitingLimit}
          isFullFine
        />
        <Figure label="wedged" isWorrying={workers.wedged > 0} title="Given up with a task that never ended">
          {workers.wedged}
        </Figure>
      </dl>
      <dl class="lines">
        {models.map(({ name, kind, input, labels }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd title={[...new Set(labels)].join(', ')}>
              {kind} · {input.width}×{input.height} · {labels.length === 1 ? labels[0] : `${labels.length} labels`}
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}
