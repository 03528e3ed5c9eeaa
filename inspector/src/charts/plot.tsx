import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { durationWords } from '../../../src/domain/duration-words.ts'
import { byteCount } from '../../../src/domain/byte-count.ts'
import type { TrendKind } from '../../../src/inspection-feed/trend-kinds.ts'
import type { TrendSeries } from '../../../src/inspection-feed/trend-protocol.ts'
import { count, latency, moment, rate } from '../parts/format.ts'
import { namedOf, presentPlace } from './legend.ts'
import { colourPlace, lineStyle } from './line-style.ts'
import { alone, withOutages } from './outages.ts'
import type { TrendData } from './trend-data.ts'
import type { Stretch } from './zoom.ts'

interface PlotProps {
  readonly kind: TrendKind
  readonly data: TrendData
  readonly problem: string | undefined
  /** Only parts whose names have this in them. */
  readonly part: string
  readonly colour: (name: string) => string
  /** All of it where `undefined`. */
  readonly shown: Stretch | undefined
  readonly onShow: (stretch: Stretch | undefined) => void
  readonly onZoom: (factor: number, around?: number) => void
  readonly onMove: (lengths: number) => void
}

/** More bands than this hide one another. */
const mostBands = 8
const high = 180

/** One kind of figure over time: a line and a band for each part, all on one axis; the same stretch as the other charts. */
export function Plot({ kind, data, problem, part, colour, shown, onShow, onZoom, onMove }: PlotProps) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const [at, setAt] = useState<number>()
  const series = useMemo(
    () => data.series.filter(({ name }) => part === '' || name.includes(part)),
    [data.series, part],
  )
  const acting = useRef({ onShow, onZoom, onMove })
  acting.current = { onShow, onZoom, onMove }
  const names = series.map(({ name }) => name).join('|')
  useEffect(() => {
    const within = place.current
    if (within === null || series.length === 0) return
    const made = new uPlot(
      options(kind, series, within.clientWidth, colour, acting, setAt),
      aligned(data, series),
      within,
    )
    plot.current = made
    const resizing = new ResizeObserver(() => made.setSize({ width: within.clientWidth, height: high }))
    resizing.observe(within)
    return () => {
      plot.current = undefined
      resizing.disconnect()
      made.destroy()
    }
  }, [names, kind, colour])
  useEffect(() => {
    plot.current?.setData(aligned(data, series), shown === undefined)
    if (shown !== undefined) plot.current?.setScale('x', { min: shown.from, max: shown.to })
  }, [data, series, shown])
  const index = at !== undefined && at < data.moments.length ? at : undefined
  const named = namedOf(series.map(({ mean }) => mean[index ?? presentPlace(mean) ?? -1]))
  return (
    <figure class="card">
      <figcaption>
        <h3>
          {kind.title}
          {kind.unit === 'a second' && <span class="unit"> a second</span>}
        </h3>
        {problem !== undefined && <p class="worrying">Not up to date: {problem}</p>}
        {series.length === 0 && <p class="hint">Nothing has been measured yet.</p>}
        {index !== undefined && <p class="unit">{moment((data.moments[index] ?? 0) * 1000)}</p>}
        <ul class="legend">
          {named.map((line) => (
            <Name key={line} series={series[line]!} line={line} moments={data.moments} index={index} kind={kind} />
          ))}
          {series.length > named.length && <li>and {series.length - named.length} others</li>}
          {data.leftOut > 0 && <li>{data.leftOut} are not followed: there are too many</li>}
        </ul>
      </figcaption>
      {series.length > 0 && (
        <div
          ref={place}
          class="plot"
          role="img"
          tabIndex={0}
          aria-label={`Chart of ${kind.title.toLowerCase()}: plus and minus zoom, arrows move, 0 shows all`}
          onKeyDown={(event) => {
            const act = keys[event.key]
            if (act === undefined) return
            event.preventDefault()
            act(acting.current)
          }}
        />
      )}
    </figure>
  )
}

type Acting = Pick<PlotProps, 'onShow' | 'onZoom' | 'onMove'>

const keys: Readonly<Record<string, (acting: Acting) => void>> = {
  '+': ({ onZoom }) => onZoom(0.5),
  '=': ({ onZoom }) => onZoom(0.5),
  '-': ({ onZoom }) => onZoom(2),
  '0': ({ onShow }) => onShow(undefined),
  ArrowLeft: ({ onMove }) => onMove(-0.25),
  ArrowRight: ({ onMove }) => onMove(0.25),
}

interface NameProps {
  readonly series: TrendSeries
  readonly line: number
  readonly moments: readonly number[]
  /** Of the moment under the pointer. */
  readonly index: number | undefined
  readonly kind: TrendKind
}

/** A part's line, and its value: the present one, or the one under the pointer. */
function Name({ series: { name, min, mean, max }, line, moments, index, kind }: NameProps) {
  const place = index ?? presentPlace(mean)
  const [least, middle, most] = [min, mean, max].map((values) => valueWords(kind, values[place ?? -1]))
  const ended = moments[mean.findLastIndex((value) => value !== null) + 1]
  return (
    <li>
      <svg viewBox="0 0 24 8" aria-hidden="true" class={`stroke-${colourPlace(line)}`}>
        <path d="M0 4h24" stroke-dasharray={lineStyle(line).dash.join(' ')} />
      </svg>
      {name} <b>{middle}</b>
      {least !== most && ` (${least} to ${most})`}
      {place === undefined && ended !== undefined && ` since ${moment(ended * 1000).slice(5, 16)}`}
    </li>
  )
}

/** 04:20; 04:20:15 where ticks are that close; the day where they are that far apart. */
function timeWords(seconds: number, step: number): string {
  const [day = '', time = ''] = moment(seconds * 1000).split(' ')
  if (step < 60) return time
  return step < 86_400 ? time.slice(0, 5) : day.slice(5)
}

function valueWords({ unit }: TrendKind, value: number | null | undefined): string {
  if (value === null || value === undefined) return '–'
  switch (unit) {
    case 'bytes':
      return byteCount(value)
    case 'ms':
      return latency(value)
    case 's':
      return durationWords(value * 1000)
    case 'a second':
      return rate(value)
    case 'count':
      return Number.isInteger(value) ? count(value) : value.toFixed(1)
  }
}

/** A single moment has room around it: of no stretch at all uPlot makes a year. */
const stretchOf = (least: number, most: number): [number, number] =>
  least === most && least !== null ? [least - 30, most + 30] : [least, most]

const haveBands = (series: readonly TrendSeries[]): boolean => series.length <= mostBands

/** For uPlot: the moments, and of each part its mean and, where it has a band, its least and greatest values. */
const aligned = ({ moments }: TrendData, series: readonly TrendSeries[]): uPlot.AlignedData => [
  [...moments],
  ...series
    .flatMap(({ mean, min, max }) => (haveBands(series) ? [mean, min, max] : [mean]))
    .map((values) => withOutages(moments, values)),
]

/** Which points are shown where not all of them are: those that are on no line. */
const pointsOf = (made: uPlot, line: number, areAllShown: boolean): number[] | null =>
  areAllShown ? null : alone(made.data[line] ?? [])

function options(
  kind: TrendKind,
  series: readonly TrendSeries[],
  width: number,
  colour: (name: string) => string,
  acting: { readonly current: Acting },
  onPoint: (index: number | undefined) => void,
): uPlot.Options {
  const axis = { stroke: () => colour('muted'), grid: { stroke: () => colour('line'), width: 1 } }
  const edge = { width: 0, points: { show: false } }
  const edges = haveBands(series) ? [edge, edge] : []
  return {
    width,
    height: high,
    // The name of the last moment stands half beyond it.
    padding: [null, 30, null, null],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false },
      sync: { key: 'trends' },
    },
    scales: {
      x: { range: (_, least, most) => stretchOf(least, most) },
      y: { range: (_, __, most) => [0, Math.max(most * 1.1, kind.unit === 'bytes' ? 1000 : 1)] },
    },
    axes: [
      { ...axis, space: 80, values: (_, ticks, __, ___, step) => ticks.map((tick) => timeWords(tick, step)) },
      {
        ...axis,
        ...(kind.unit === 's' && { incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400] }),
        // As wide as `1 h 30 min`; the same for all, so that the same moment stands below itself.
        size: 84,
        values: (_, ticks) => ticks.map((tick) => valueWords(kind, tick)),
      },
    ],
    series: [
      {},
      ...series.flatMap(({ name }, index) => [
        {
          label: name,
          stroke: () => colour(lineStyle(index).colour),
          width: 1.5,
          dash: [...lineStyle(index).dash],
          points: { filter: pointsOf },
        },
        ...edges,
      ]),
    ],
    bands: haveBands(series)
      ? series.map((_, index) => ({
          series: [index * 3 + 3, index * 3 + 2],
          fill: () => `color-mix(in srgb, ${colour(lineStyle(index).colour)} 22%, transparent)`,
        }))
      : [],
    hooks: {
      setCursor: [({ cursor: { idx } }) => onPoint(idx ?? undefined)],
      setSelect: [
        (made) => {
          const { left, width: wide } = made.select
          if (wide > 4) acting.current.onShow({ from: made.posToVal(left, 'x'), to: made.posToVal(left + wide, 'x') })
          made.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        },
      ],
      ready: [
        (made) => {
          made.over.addEventListener('dblclick', () => acting.current.onShow(undefined))
          made.over.addEventListener(
            'wheel',
            (event) => {
              if (!event.ctrlKey && !event.shiftKey) return
              event.preventDefault()
              if (event.shiftKey) return acting.current.onMove(Math.sign(event.deltaY + event.deltaX) * 0.25)
              acting.current.onZoom(event.deltaY > 0 ? 1.25 : 0.8, made.posToVal(event.offsetX, 'x'))
            },
            { passive: false },
          )
        },
      ],
    },
  }
}
