import { useMemo, useRef, useState } from 'preact/hooks'
import { type TrendKind, trendKinds, trendSpans } from '../../../src/inspection-feed/trend-kinds.ts'
import type { TrendAnswer, TrendSpan } from '../../../src/inspection-feed/trend-protocol.ts'
import { Plot } from './plot.tsx'
import { RecordedTrends } from './recorded-trends.ts'
import type { Scene } from '../history/scene.ts'
import { dataOf, overBy, spanWords, type TrendData } from './trend-data.ts'
import { useColours } from '../parts/use-colours.ts'
import { useTrend } from './use-trend.ts'
import { moved, type Stretch, zoomed } from './zoom.ts'

interface ChartsViewProps {
  readonly scene: Scene
  /** There is a daemon to ask. */
  readonly isLive: boolean
  /** What the recording that is shown has kept of the hours before it. */
  readonly kept: readonly TrendAnswer[]
  /** Wall time of monotonic 0, as the clock stands by now: spans are drawn by it, also up to a moment before it was set. */
  readonly wallOffset: number
}

/** As it was recorded, reading by reading; or by the buckets of a span. */
type Over = TrendSpan | 'records'

/** Rates, queues, latencies, lag and room over the last hours, up to the moment that is shown. */
export function ChartsView({ scene, isLive, kept, wallOffset }: ChartsViewProps) {
  const spans = (Object.keys(trendSpans) as TrendSpan[]).filter(
    (span) => isLive || kept.some((answer) => answer.span === span && answer.series.length > 0),
  )
  const [over, setOver] = useState<Over>(isLive ? '1h' : 'records')
  const [part, setPart] = useState('')
  /** `undefined`: all there is, and what is yet to come. */
  const [shown, setShown] = useState<Stretch>()
  const { records, now, isPast, monotonic } = scene
  const reader = useRef(new RecordedTrends()).current
  const recorded = over === 'records' ? reader.of(scene) : undefined
  const to = isPast && over !== 'records' ? wallOffset + monotonic : now
  const from = over === 'records' ? (records[0]?.at ?? now) : to - trendSpans[over].bucketMs * trendSpans[over].buckets
  const all = { from: from / 1000, to: to / 1000 }
  // Of the present all that has come.
  const until = isPast ? monotonic : Infinity
  const zoom = (factor: number, around?: number): void => {
    const next = zoomed(shown ?? all, all, factor, around)
    setShown(next.to - next.from >= (all.to - all.from) * 0.999 ? undefined : next)
  }
  const move = (lengths: number): void => setShown(moved(shown ?? all, all, lengths))
  const common = {
    shown,
    onShow: setShown,
    onZoom: zoom,
    onMove: move,
    part: part.trim().toLowerCase(),
    colour: useColours(),
  }
  return (
    <section aria-labelledby="charts">
      <div class="toolbar">
        <h2 id="charts">Charts</h2>
        <label>
          over{' '}
          <select
            value={over}
            onChange={({ currentTarget }) => {
              setOver(currentTarget.value as Over)
              setShown(undefined)
            }}
          >
            {spans.map((span) => (
              <option key={span} value={span}>
                {spanWords[span]}
              </option>
            ))}
            <option value="records">{isLive ? 'all that is remembered, reading by reading' : 'the recording'}</option>
          </select>
        </label>
        <label>
          of{' '}
          <input
            type="search"
            placeholder="camera or part"
            value={part}
            onInput={({ currentTarget }) => setPart(currentTarget.value)}
          />
        </label>
        <span class="zoom" role="group" aria-label="Stretch of time that is shown">
          <button
            type="button"
            class="button"
            aria-label="Earlier"
            disabled={shown === undefined}
            onClick={() => move(-0.5)}
          >
            ‹
          </button>
          <button type="button" class="button" aria-label="Zoom in" onClick={() => zoom(0.5)}>
            +
          </button>
          <button
            type="button"
            class="button"
            aria-label="Zoom out"
            disabled={shown === undefined}
            onClick={() => zoom(2)}
          >
            −
          </button>
          <button
            type="button"
            class="button"
            aria-label="Later"
            disabled={shown === undefined}
            onClick={() => move(0.5)}
          >
            ›
          </button>
          <button type="button" class="button" disabled={shown === undefined} onClick={() => setShown(undefined)}>
            All
          </button>
        </span>
      </div>
      <p class="hint">
        The line is the mean, the band around it goes from the least to the greatest value; where there is none, nothing
        was measured. Drag to zoom in, or turn the wheel with Ctrl; with Shift it moves.
      </p>
      <div class="plots">
        {trendKinds.map((kind) =>
          over === 'records' ? (
            <Plot key={kind.name} {...common} kind={kind} data={recorded?.get(kind.name) ?? none} problem={undefined} />
          ) : isLive ? (
            <LivePlot key={kind.name} {...common} kind={kind} span={over} until={until} />
          ) : (
            <Plot
              key={kind.name}
              {...common}
              kind={kind}
              data={keptData(kept, kind, over, until)}
              problem={undefined}
            />
          ),
        )}
      </div>
    </section>
  )
}

const none: TrendData = { moments: [], series: [], leftOut: 0 }

function keptData(kept: readonly TrendAnswer[], kind: TrendKind, span: TrendSpan, until: number): TrendData {
  const answer = kept.find((each) => each.kind === kind.name && each.span === span)
  return answer === undefined ? none : dataOf(answer, until)
}

type LivePlotProps = Omit<Parameters<typeof Plot>[0], 'data' | 'problem'> & {
  readonly span: TrendSpan
  readonly until: number
}

function LivePlot({ span, until, ...props }: LivePlotProps) {
  const { value, problem } = useTrend(props.kind.name, span)
  const length = value && overBy(value, until)
  const data = useMemo(() => (value === undefined ? none : dataOf(value, until)), [value, length])
  return <Plot {...props} data={data} problem={problem} />
}
