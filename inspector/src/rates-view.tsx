import { useEffect, useMemo, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { gaugeSeries, type SeriesSet } from './gauge-series.ts'
import type { Scene } from './scene.ts'
import { resolved } from './use-colours.ts'

/** Rates, queues and latencies over all that is remembered. */
export function RatesView({ scene: { records, monotonic } }: { readonly scene: Scene }) {
  // Gauges are read every 2 s, and all that is remembered is gone through.
  const sets = useMemo(() => gaugeSeries(records), [records[0], Math.floor(monotonic / 1_000)])
  return (
    <section aria-labelledby="rates">
      <h2 id="rates">Charts</h2>
      {sets.every(({ series }) => series.length === 0) && (
        <p>Nothing has been measured yet; gauges are read every 2 s.</p>
      )}
      <div class="plots">{sets.map((set) => set.series.length > 0 && <Plot key={set.title} set={set} />)}</div>
    </section>
  )
}

const strokes = ['busy', 'good', 'warn', 'bad', 'off', 'text'] as const
/** So that nobody needs the colours. */
const dashes = [[], [8, 4], [2, 3], [12, 3, 3, 3]] as const

function Plot({ set }: { readonly set: SeriesSet }) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const names = set.series.map(({ name }) => name).join('|')
  useEffect(() => {
    const at = place.current
    if (at === null) return
    const axis = { stroke: () => resolved('muted'), grid: { stroke: () => resolved('line'), width: 1 } }
    const made = new uPlot(
      {
        width: at.clientWidth,
        height: 180,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: (_, __, most) => [0, Math.max(most * 1.1, 1)] } },
        axes: [axis, { ...axis, size: 56 }],
        series: [
          {},
          ...set.series.map(({ name }, index) => ({
            label: name,
            stroke: () => resolved(strokes[index % strokes.length]!),
            width: 1.5,
            dash: [...dashes[Math.floor(index / strokes.length) % dashes.length]!],
            spanGaps: true,
          })),
        ],
      },
      set.data as uPlot.AlignedData,
      at,
    )
    plot.current = made
    const resizing = new ResizeObserver(() => made.setSize({ width: at.clientWidth, height: 180 }))
    resizing.observe(at)
    return () => {
      resizing.disconnect()
      made.destroy()
    }
  }, [names])
  useEffect(() => plot.current?.setData(set.data as uPlot.AlignedData), [set.data])
  return (
    <figure class="card">
      <figcaption>
        <h3>{set.title}</h3>
        <ul class="legend">
          {set.series.map(({ name, latest }, index) => (
            <li key={name}>
              <svg viewBox="0 0 24 8" aria-hidden="true" class={`stroke-${index % strokes.length}`}>
                <path
                  d="M0 4h24"
                  stroke-dasharray={dashes[Math.floor(index / strokes.length) % dashes.length]!.join(' ')}
                />
              </svg>
              {name} <b>{latest}</b>
            </li>
          ))}
        </ul>
      </figcaption>
      <div ref={place} aria-hidden="true" />
    </figure>
  )
}
