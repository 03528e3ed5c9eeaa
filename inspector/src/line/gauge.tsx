import { Figure } from './figure.tsx'
import { count } from '../parts/format.ts'

interface GaugeProps {
  readonly label: string
  readonly value: number
  /** As much as there can be; 0 where that is not known. */
  readonly of: number
  readonly title?: string
  /** Whether it may be as full as it can be: workers are there to be busy, a queue is not there to be full. */
  readonly isFullFine?: boolean
}

/** How full something is, as a number and as a bar. */
export function Gauge({ label, value, of, title, isFullFine = false }: GaugeProps) {
  const isWorrying = !isFullFine && of > 0 && value >= of / 2
  return (
    <Figure label={label} isWorrying={isWorrying} {...(title !== undefined && { title })}>
      {count(value)}
      {of > 0 && <small> of {count(of)}</small>}
      {of > 0 && (
        <meter
          aria-hidden="true"
          min={0}
          max={of}
          high={isFullFine ? of : of / 2}
          optimum={isFullFine ? of : 0}
          value={value}
        />
      )}
    </Figure>
  )
}
