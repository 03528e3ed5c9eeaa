import { Fragment } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { durationWords } from '../../../src/domain/duration-words.ts'
import { eventWords } from '../../../src/inspection-feed/chart.ts'
import { chosenMachine } from './chosen-machine.ts'
import type { ChartLayout } from './statechart-layout.ts'
import { chartLayout } from './statecharts.ts'
import { count, momentMs, span } from '../parts/format.ts'
import { isTakenAnywhere, isWayTaken, machineHistory, type Transition } from '../history/machine-history.ts'
import type { ActorView } from '../../../src/inspection-feed/protocol.ts'
import type { Scene } from '../history/scene.ts'
import { Statechart } from './statechart.tsx'
import { StateTimes } from './state-times.tsx'
import { Status } from '../parts/status.tsx'
import { whyWords } from '../parts/why-words.ts'
import { Time } from '../parts/time.tsx'

interface MachineViewProps {
  readonly scene: Scene
  readonly path: string
  readonly onChoose: (path: string) => void
  /** Where the place names none, one is chosen: once, so that it stays while others come into trouble. */
  readonly onPreset: (path: string) => void
}

/** The statechart of one actor: where it is, how it came there, and how long it has been where. */
export function MachineView({ scene, path: asked, onChoose, onPreset }: MachineViewProps) {
  const { machines, path } = chosenMachine(scene, asked)
  useEffect(() => {
    if (asked === '' && path !== undefined) onPreset(path)
  }, [asked, path])
  if (path === undefined) return <p>No machine is known yet.</p>
  const chosen = machines.find((actor) => actor.path === path)
  return (
    <section aria-labelledby="machine">
      <div class="toolbar">
        <h2 id="machine">Statechart</h2>
        <label>
          of{' '}
          <select value={path} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
            {chosen === undefined && <option value={path}>{nameOf(path)}</option>}
            {machines.map((actor) => (
              <option key={actor.path} value={actor.path}>
                {nameOf(actor.path)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {chosen === undefined ? (
        <p>No machine {nameOf(path)} is there at this moment.</p>
      ) : (
        <Machine scene={scene} chosen={chosen} />
      )}
    </section>
  )
}

const nameOf = (path: string): string => path.replace(/^root\//, '')

function Machine({ scene, chosen }: { readonly scene: Scene; readonly chosen: ActorView }) {
  const { transitions, spent } = useMemo(
    () => machineHistory(scene, chosen.path, scene.monotonic),
    [scene.before, scene.records.length, scene.monotonic, chosen.path],
  )
  const picture = scene.pictures.get(chosen.path)
  const panel = useRef<HTMLDivElement>(null)
  // Where there is no room for the whole drawing, the present state is in sight.
  useEffect(() => showActive(panel.current), [chosen.path, picture?.nodes.join(' ')])
  const why = whyWords(chosen, scene.now)
  const layout = chartLayout(picture?.machine ?? '')
  return (
    <>
      <p class="now-in">
        <Status state={chosen.state} description={chosen.description} /> for {durationWords(scene.now - chosen.since)}
        {why !== '' && `: ${why}`}
      </p>
      {layout === undefined ? (
        <p>This page has no drawing of the machine {picture?.machine}: the recording may be of another version.</p>
      ) : (
        <div
          ref={panel}
          class="panel chart-panel"
          tabIndex={0}
          role="region"
          aria-label={`Statechart of ${chosen.path}`}
        >
          <Statechart layout={layout} nodes={picture?.nodes ?? []} last={transitions[0]} spent={spent} />
        </div>
      )}
      {layout !== undefined && layout.anywhere.length > 0 && <Anywhere layout={layout} last={transitions[0]} />}
      <StateTimes
        states={layout?.states.map(({ path }) => path) ?? [...spent.keys()].sort()}
        spent={spent}
        first={transitions.at(-1)}
      />
      <Ways transitions={transitions} monotonic={scene.monotonic} />
    </>
  )
}

interface AnywhereProps {
  readonly layout: ChartLayout
  readonly last: Transition | undefined
}

/** What is not drawn, because it is answered wherever the machine is; strong where it is the way taken last. */
function Anywhere({ layout: { anywhere, arrows }, last }: AnywhereProps) {
  const isDrawn = arrows.some((arrow) => isWayTaken(arrow, last))
  return (
    <p class="hint">
      In every state:{' '}
      {anywhere.map((way, index) => (
        <Fragment key={index}>
          {index > 0 && '; '}
          {!isDrawn && isTakenAnywhere(way, last) ? <strong>{way.words} (taken last)</strong> : way.words}
        </Fragment>
      ))}
    </p>
  )
}

function showActive(panel: HTMLElement | null): void {
  const state = panel?.querySelector('.active:not(.compound)')?.getBoundingClientRect()
  if (panel === null || state === undefined) return
  panel.scrollLeft += state.x + state.width / 2 - panel.getBoundingClientRect().x - panel.clientWidth / 2
}

const shownWays = 50

interface WaysProps {
  readonly transitions: readonly Transition[]
  readonly monotonic: number
}

/** How it came where it is, in words, the latest first. */
function Ways({ transitions, monotonic }: WaysProps) {
  return (
    <div class="panel" tabIndex={0} role="region" aria-label="Transitions, the latest first">
      <table class="tree ways">
        <thead>
          <tr>
            <th scope="col">at</th>
            <th scope="col">from</th>
            <th scope="col">to</th>
            <th scope="col">for</th>
            <th scope="col">by</th>
            <th scope="col">why</th>
          </tr>
        </thead>
        <tbody>
          {transitions.slice(0, shownWays).map(({ at, monotonic: since, to, why, way }, index) => (
            <tr key={transitions.length - index}>
              <td>
                <Time at={at} words={momentMs(at)} />
              </td>
              <td>{way === undefined || way.from === null ? '–' : <Status state={way.from} />}</td>
              <td>
                <Status state={to} />
              </td>
              <td>{span((transitions[index - 1]?.monotonic ?? monotonic) - since)}</td>
              <td title={way?.event}>{way === undefined ? '–' : eventWords(way.event)}</td>
              <td class="why">{why}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {transitions.length > shownWays && (
        <p class="hint">{count(transitions.length - shownWays)} earlier ones are not listed.</p>
      )}
    </div>
  )
}
