import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { type Episode, EpisodeTeller, isMark } from './episodes.ts'
import { span } from './format.ts'
import type { Scene } from './scene.ts'
import { SequenceDiagram } from './sequence-diagram.tsx'
import { axisHeight, drawTimeline, episodeAt, laneHeight, type Picture } from './timeline-canvas.ts'
import { useColours } from './use-colours.ts'

const lengths: readonly { readonly name: string; readonly ms: number }[] = [
  { name: '10 s', ms: 10_000 },
  { name: '1 min', ms: 60_000 },
  { name: '5 min', ms: 300_000 },
  { name: '15 min', ms: 900_000 },
  { name: '1 h', ms: 3_600_000 },
  { name: 'all', ms: Infinity },
]

const kinds: Readonly<Record<Episode['kind'], string>> = {
  state: 'states',
  start: 'starts',
  reconnect: 'reconnects',
  stop: 'drains',
  crash: 'crashes',
  upload: 'uploads',
  deadline: 'deadlines',
  fault: 'faults of a simulation',
  violation: 'violated invariants',
}

interface TimelineViewProps {
  readonly scene: Scene
  readonly onMoment: (monotonic: number) => void
}

/** What went on in each actor over time, as episodes. */
export function TimelineView({ scene, onMoment }: TimelineViewProps) {
  const [length, setLength] = useState(60_000)
  const [text, setText] = useState('')
  const [kind, setKind] = useState<Episode['kind'] | ''>('')
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const all = useEpisodes(scene)
  const { lanes, episodes } = useMemo(() => chooseEpisodes(scene, all, text, kind), [all, text, kind])
  const first = scene.records[0]?.monotonic ?? 0
  const to = scene.monotonic
  const from = Math.max(first, to - length)
  const shown = episodes.filter((episode) => (episode.to ?? to) >= from && episode.from <= to)

  const toggle = (path: string): void => {
    const next = new Set(chosen)
    if (!next.delete(path)) next.add(path)
    setChosen(next)
  }
  return (
    <section aria-labelledby="timeline">
      <div class="toolbar">
        <h2 id="timeline">Timeline</h2>
        <label>
          last{' '}
          <select value={String(length)} onChange={({ currentTarget }) => setLength(Number(currentTarget.value))}>
            {lengths.map(({ name, ms }) => (
              <option key={name} value={String(ms)}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          only{' '}
          <select value={kind} onChange={({ currentTarget }) => setKind(currentTarget.value as Episode['kind'] | '')}>
            <option value="">everything</option>
            {Object.entries(kinds).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <label>
          with{' '}
          <input
            type="search"
            placeholder="actor or text"
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
      </div>
      <div class="panel timeline" tabIndex={0} role="region" aria-label="Lanes">
        <ul>
          {lanes.map((path) => (
            <li key={path}>
              <label title="Show the messages between the chosen actors">
                <input type="checkbox" checked={chosen.has(path)} onChange={() => toggle(path)} />
                {path.replace(/^root\//, '')}
              </label>
            </li>
          ))}
        </ul>
        <Lanes
          lanes={lanes}
          episodes={episodes}
          scene={scene}
          from={from}
          to={to}
          length={length}
          onMoment={onMoment}
        />
      </div>
      {chosen.size > 0 && <SequenceDiagram records={scene.records} chosen={[...chosen]} from={from} to={to} />}
      <EpisodeTable episodes={shown} monotonic={to} onMoment={onMoment} />
    </section>
  )
}

interface Telling {
  readonly of: unknown
  count: number
  readonly teller: EpisodeTeller
  told: readonly Episode[]
}

/** Episodes are told on from record to record; only another history, or a step back in it, begins anew. */
function useEpisodes({ records }: Scene): readonly Episode[] {
  const telling = useRef<Telling | undefined>(undefined)
  return useMemo(() => {
    let now = telling.current
    const goesOn = now !== undefined && now.of === records[0] && now.count <= records.length
    if (now === undefined || !goesOn) now = { of: records[0], count: 0, teller: new EpisodeTeller(), told: [] }
    if (now.count === records.length) return now.told
    for (let index = now.count; index < records.length; index++) now.teller.take(records[index]!)
    now.count = records.length
    now.told = now.teller.told()
    telling.current = now
    return now.told
  }, [records[0], records.length])
}

function chooseEpisodes({ state }: Scene, all: readonly Episode[], text: string, kind: string) {
  const wanted = text.trim().toLowerCase()
  const fits = ({ path, label, why, kind: its }: Episode): boolean =>
    (kind === '' || its === kind) && (wanted === '' || `${path} ${label} ${why ?? ''}`.toLowerCase().includes(wanted))
  const episodes = all.filter(fits)
  const told = new Set(episodes.map(({ path }) => path))
  // In the order of the tree; what is no longer in it comes last.
  const inTree = state.actors.map(({ path }) => path).filter((path) => told.has(path))
  const known = new Set(inTree)
  return { lanes: [...inTree, ...[...told].filter((path) => !known.has(path))], episodes }
}

interface LanesProps {
  readonly lanes: readonly string[]
  readonly episodes: readonly Episode[]
  readonly scene: Scene
  readonly from: number
  readonly to: number
  readonly length: number
  readonly onMoment: (monotonic: number) => void
}

function Lanes({ lanes, episodes, scene, from, to, length, onMoment }: LanesProps) {
  const place = useRef<HTMLCanvasElement>(null)
  const [hint, setHint] = useState<string>()
  const colour = useColours()
  const renderedAt = performance.now()
  const open = episodes.some((episode) => episode.kind === 'deadline' && (episode.to ?? 0) > to)

  /** Deadlines lie ahead: room is left for them. */
  const pictureAt = (now: number): Picture => {
    const start = length === Infinity ? from : Math.max(from, now - length)
    const end = open ? now + (now - start) * 0.3 : now
    return { lanes, episodes, from: start, to: Math.max(end, start + 1), now }
  }
  useEffect(() => {
    const canvas = place.current
    if (canvas === null) return
    const panel = canvas.closest('.timeline')
    let frame = 0
    let drawn: { readonly now: number; readonly top: number } | undefined
    const draw = (): void => {
      // The present goes on between two messages of the feed; until it has gone by a pixel there is nothing to draw.
      const now = scene.isPast ? to : to + (performance.now() - renderedAt)
      const { scrollTop: top = 0, clientHeight = canvas.clientHeight } = panel ?? {}
      const picture = pictureAt(now)
      const pixelMs = (picture.to - picture.from) / (canvas.clientWidth * devicePixelRatio)
      if (drawn === undefined || drawn.top !== top || now - drawn.now >= pixelMs) {
        drawTimeline(canvas, { ...picture, top, bottom: top + clientHeight }, colour)
        drawn = { now, top }
      }
      frame = requestAnimationFrame(draw)
    }
    draw()
    return () => cancelAnimationFrame(frame)
  })
  return (
    <div class="lanes">
      <canvas
        ref={place}
        aria-hidden="true"
        height={axisHeight + lanes.length * laneHeight}
        style={{ height: `${axisHeight + lanes.length * laneHeight}px` }}
        onMouseMove={({ offsetX, offsetY, currentTarget }) => {
          const found = episodeAt(pictureAt(to), offsetX, offsetY, currentTarget.clientWidth)
          setHint(found && wordsOf(found, to))
        }}
        onMouseLeave={() => setHint(undefined)}
        onClick={({ offsetX, currentTarget }) => {
          const picture = pictureAt(to)
          onMoment(Math.min(to, picture.from + (offsetX / currentTarget.clientWidth) * (picture.to - picture.from)))
        }}
      />
      <p class="hint" aria-hidden="true">
        {hint ?? 'Click to see everything at that moment.'}
      </p>
    </div>
  )
}

const wordsOf = ({ path, label, from, to, why, kind }: Episode, now: number): string =>
  `${path.replace(/^root\//, '')}: ${label}${isMark(kind) ? '' : `, ${span((to ?? now) - from)}`}${why === null ? '' : `; ${why}`}`

const shownEpisodes = 40

/** The same in words, for who cannot see the lanes: what was no quiet state, the latest first. */
function EpisodeTable({
  episodes,
  monotonic,
  onMoment,
}: {
  readonly episodes: readonly Episode[]
  readonly monotonic: number
  readonly onMoment: (monotonic: number) => void
}) {
  const told = episodes
    .filter(({ kind }) => kind !== 'state')
    .slice(-shownEpisodes)
    .reverse()
  if (told.length === 0) return null
  return (
    <div class="panel" tabIndex={0} role="region" aria-label="Episodes, the latest first">
      <table class="tree episodes">
        <thead>
          <tr>
            <th scope="col">actor</th>
            <th scope="col">what</th>
            <th scope="col">took</th>
            <th scope="col">why</th>
          </tr>
        </thead>
        <tbody>
          {told.map((episode) => (
            <tr key={`${episode.path} ${episode.kind} ${episode.from} ${episode.label}`}>
              <th scope="row">{episode.path.replace(/^root\//, '')}</th>
              <td class={episode.tone}>
                <button type="button" onClick={() => onMoment(episode.from)}>
                  {episode.label}
                </button>
              </td>
              <td>{span((episode.to ?? monotonic) - episode.from)}</td>
              <td class="why">{episode.why}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
