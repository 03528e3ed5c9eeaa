import { useMemo, useRef, useState } from 'preact/hooks'
import { EpisodeTable } from './episode-table.tsx'
import { EpisodeReader } from './episode-reader.ts'
import type { Episode } from './episode.ts'
import { InSight } from '../parts/in-sight.tsx'
import type { Scene } from '../history/scene.ts'
import { SequenceDiagram } from './sequence-diagram.tsx'
import { Lanes } from './timeline-lanes.tsx'

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
  interruption: 'interruptions',
  stop: 'drains',
  crash: 'crashes',
  upload: 'uploads',
  deadline: 'deadlines',
  operator: 'operators’ commands',
  fault: 'faults of a simulation',
  violation: 'violated invariants',
  gap: 'gaps in a recording',
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
  const [isOnlyChosen, setOnlyChosen] = useState(false)
  const all = useEpisodes(scene)
  const paths = isOnlyChosen && chosen.size > 0 ? chosen : undefined
  const { lanes, episodes } = useMemo(() => chooseEpisodes(scene, all, { text, kind, paths }), [all, text, kind, paths])
  const first = scene.records[0]?.monotonic ?? scene.monotonic
  const to = scene.monotonic
  const from = Math.max(first, to - length)
  const shown = episodes.filter((episode) => (episode.to === null || episode.to >= from) && episode.from <= to)

  const zoom = (by: 1 | -1): void => {
    const index = lengths.findIndex(({ ms }) => ms === length)
    setLength(lengths[Math.min(Math.max(index + by, 0), lengths.length - 1)]?.ms ?? length)
  }
  const toggle = (path: string): void =>
    setChosen((before) => {
      const next = new Set(before)
      if (!next.delete(path)) next.add(path)
      return next
    })
  // The same elements for as long as they say the same, so that a hundred lanes are not compared four times a second.
  const names = useMemo(() => <LaneNames lanes={lanes} chosen={chosen} onToggle={toggle} />, [lanes.join('\n'), chosen])
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
        <span class="zoom" role="group" aria-label="Zoom">
          <button type="button" class="button" aria-label="Zoom in" onClick={() => zoom(-1)}>
            +
          </button>
          <button type="button" class="button" aria-label="Zoom out" onClick={() => zoom(1)}>
            −
          </button>
        </span>
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
        <label>
          <input
            type="checkbox"
            checked={isOnlyChosen}
            disabled={chosen.size === 0}
            onChange={({ currentTarget }) => setOnlyChosen(currentTarget.checked)}
          />{' '}
          of the chosen actors
        </label>
      </div>
      <div class="panel timeline" tabIndex={0} role="region" aria-label="Lanes">
        {names}
        <Lanes
          lanes={lanes}
          episodes={shown}
          scene={scene}
          from={from}
          to={to}
          length={length}
          onMoment={onMoment}
          onZoom={zoom}
        />
      </div>
      {chosen.size > 0 && (
        <SequenceDiagram
          records={scene.records}
          chosen={[...chosen]}
          actors={pathsOf(scene.state.actors, all)}
          from={from}
          to={to}
        />
      )}
      <InSight isPast={scene.isPast} asked={`${text} ${kind} ${length} ${[...(paths ?? [])].join(' ')}`}>
        <EpisodeTable
          episodes={shown}
          monotonic={to}
          wallOffset={scene.wallOffset}
          onMoment={(monotonic) => onMoment(Math.max(first, monotonic))}
        />
      </InSight>
    </section>
  )
}

/** Episodes are told on from record to record, also where the oldest have gone; only another history, or a step back in it, begins anew. */
function useEpisodes({ before, records }: Scene): readonly Episode[] {
  const telling = useRef<EpisodeReader | undefined>(undefined)
  return useMemo(() => (telling.current ??= new EpisodeReader()).read({ before, records }), [before, records.length])
}

interface EpisodeChoice {
  readonly text: string
  readonly kind: Episode['kind'] | ''
  /** `undefined`: of every actor. */
  readonly paths: ReadonlySet<string> | undefined
}

function chooseEpisodes({ state }: Scene, all: readonly Episode[], { text, kind, paths }: EpisodeChoice) {
  const wanted = text.trim().toLowerCase()
  const isEverything = kind === '' && paths === undefined && wanted === ''
  const fits = ({ path, label, why, kind: its }: Episode): boolean =>
    (kind === '' || its === kind) &&
    (path === '' || paths?.has(path) !== false) &&
    (wanted === '' || `${path} ${label} ${why ?? ''}`.toLowerCase().includes(wanted))
  const episodes = isEverything ? all : all.filter(fits)
  // Gaps have no lane of their own: they lie over all.
  const told = pathsOf(kind === 'gap' ? all : episodes)
  // In the order of the tree; what is no longer in it comes last.
  const inTree = state.actors.map(({ path }) => path).filter((path) => told.has(path))
  const known = new Set(inTree)
  return { lanes: [...inTree, ...[...told].filter((path) => !known.has(path))], episodes }
}

function pathsOf(...lists: (readonly { readonly path: string }[])[]): Set<string> {
  const paths = new Set<string>()
  for (const list of lists) for (const { path } of list) if (path !== '') paths.add(path)
  return paths
}

interface LaneNamesProps {
  readonly lanes: readonly string[]
  readonly chosen: ReadonlySet<string>
  readonly onToggle: (path: string) => void
}

/** Whose lanes they are, each of which may be chosen. */
function LaneNames({ lanes, chosen, onToggle }: LaneNamesProps) {
  return (
    <ul>
      {lanes.map((path) => (
        <li key={path}>
          <label title="Show the messages between the chosen actors">
            <input
              type="checkbox"
              aria-label={path.replace(/^root\//, '')}
              checked={chosen.has(path)}
              onChange={() => onToggle(path)}
            />
            <LaneName path={path.replace(/^root\//, '')} />
          </label>
        </li>
      ))}
    </ul>
  )
}

/** Where there is little room, what all of a group have in common is left out. */
function LaneName({ path }: { readonly path: string }) {
  const end = path.lastIndexOf('/') + 1
  return (
    <span>
      <span class="group">{path.slice(0, end)}</span>
      {path.slice(end)}
    </span>
  )
}
