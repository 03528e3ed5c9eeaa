import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { EpochMs } from '../../src/domain/units.ts'
import type { TrendAnswer } from '../../src/inspection-feed/trend-protocol.ts'
import { FilesView } from './files/files-view.tsx'
import { historyWords } from './history/history-status.ts'
import { LineView } from './line/line-view.tsx'
import { MachineView } from './machine/machine-view.tsx'
import { Navigation } from './navigation.tsx'
import { Operator, type Request } from './operate.ts'
import { OperatorDialog } from './operator-dialog.tsx'
import { PageHeader } from './page-header.tsx'
import { hashOf, type Place, placeOf } from './place.ts'
import { ChartsView } from './charts/charts-view.tsx'
import { RecordingHeaderBar } from './recording-header.tsx'
import { PastScenes, pastWords, presentScene, type Scene, uptimeAt } from './history/scene.ts'
import { Scrubber } from './scrubber.tsx'
import { TimelineView } from './timeline/timeline-view.tsx'
import { TreeView } from './tree/tree-view.tsx'
import { type Opened, useDaemon } from './daemon/use-daemon.ts'
import { Violations } from './violations.tsx'

const tickMs = 500

/** A moment of the past, on the records' steady clock: it means nothing in another life. */
interface Moment {
  readonly life: Opened | EpochMs | undefined
  readonly monotonic: number
}

export function App() {
  const source = useDaemon()
  const { history, latest, connection, opened, problem } = source
  const [place, setPlace] = useState<Place>(() => placeOf(location.hash))
  const [chosen, setChosen] = useState<Moment>()
  const [request, setRequest] = useState<Request>()
  /** The operator's, for as long as the page is open. */
  const [token, setToken] = useState('')
  const [monotonic, setMonotonic] = useState(performance.now())
  const receivedAt = useRef(0)
  receivedAt.current = latest?.receivedAt ?? 0

  useEffect(() => {
    const moved = (): void => setPlace(placeOf(location.hash))
    addEventListener('hashchange', moved)
    // Ages go on where nothing comes; what has just come was drawn.
    const ticking = setInterval(() => {
      const now = performance.now()
      if (now - receivedAt.current >= tickMs) setMonotonic(now)
    }, tickMs)
    return () => {
      removeEventListener('hashchange', moved)
      clearInterval(ticking)
    }
  }, [])
  useEffect(() => acceptFiles((files) => source.openFiles(files)), [])
  const shownName = opened?.name ?? location.host
  useEffect(() => void (document.title = `Belay – ${shownName}`), [shownName])

  /** Of the daemon, or of the recording that is shown instead. */
  const life = opened ?? latest?.state.startedAt
  /** Undefined for the present. */
  const moment = chosen?.life === life ? chosen?.monotonic : undefined
  const pastScenes = useMemo(() => new PastScenes(), [life])
  const setMoment = (monotonic: number | undefined): void => {
    setChosen(monotonic === undefined ? undefined : { life, monotonic })
  }

  // Ages go by the daemon's clock: the browser's may be wrong. Without a connection they stand still.
  const elapsed = connection.kind === 'live' && latest ? Math.max(0, monotonic - latest.receivedAt) : 0
  const now = latest ? latest.state.at + elapsed : 0
  const pastAt = moment ?? (latest === undefined && opened !== undefined ? (history.last?.monotonic ?? 0) : undefined)
  // While it stands still, nothing that shows it is drawn again.
  const past = pastAt === undefined ? undefined : pastScenes.at(history, pastAt)
  const scene = past ?? (latest && presentScene(history, latest.state, now, connection.kind === 'live'))
  const view = useMemo(
    () =>
      scene && (
        <View
          place={place}
          scene={scene}
          isLive={opened === undefined}
          kept={opened?.header.trends ?? []}
          wallOffset={history.last === undefined ? 0 : history.last.at - history.last.monotonic}
          onMoment={setMoment}
        />
      ),
    [place, scene, opened, life],
  )

  const isStale = opened === undefined && connection.kind !== 'live'
  const canOperate = opened === undefined && connection.kind === 'live' && moment === undefined
  return (
    <Operator.Provider value={canOperate ? setRequest : undefined}>
      {opened === undefined ? (
        <PageHeader
          state={latest?.state}
          past={moment === undefined ? undefined : past}
          connection={connection}
          uptime={scene && latest ? uptimeAt(scene, history, latest.state, now) : 0}
          monotonic={monotonic}
        />
      ) : (
        <RecordingHeaderBar
          opened={opened}
          history={history}
          // The feed was given up for good: a page that is loaded anew begins with it.
          onBack={source.hasDaemon ? () => location.reload() : undefined}
        />
      )}
      <Navigation place={place} onOpen={(files) => source.openFiles(files)} history={history} opened={opened?.header} />
      {problem !== undefined && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {opened && <Violations history={history} onMoment={setMoment} />}
      {scene && (
        <main class={isStale && moment === undefined ? 'stale' : ''}>
          {isStale && <p class="stale-note">Not live: this is what was last known.</p>}
          {past !== undefined && moment !== undefined && <p class="past-note">{pastWords(past, moment)}</p>}
          {view}
        </main>
      )}
      {scene && (
        <Scrubber
          history={history}
          words={opened === undefined ? historyWords(source.historyStatus, history.first !== undefined) : undefined}
          scene={scene}
          canGoLive={latest !== undefined}
          moment={moment}
          onMoment={setMoment}
        />
      )}
      {request && (
        <OperatorDialog request={request} token={token} onToken={setToken} onClose={() => setRequest(undefined)} />
      )}
    </Operator.Provider>
  )
}

interface ViewProps {
  readonly place: Place
  readonly scene: Scene
  readonly isLive: boolean
  readonly kept: readonly TrendAnswer[]
  readonly wallOffset: number
  readonly onMoment: (monotonic: number) => void
}

function View({ place, scene, isLive, kept, wallOffset, onMoment }: ViewProps) {
  switch (place.view) {
    case 'line':
      return <LineView scene={scene} isLive={isLive} />
    case 'tree':
      return <TreeView scene={scene} />
    case 'machine':
      return (
        <MachineView
          scene={scene}
          path={place.path}
          onChoose={(path) => (location.hash = hashOf({ view: 'machine', path }))}
          onPreset={(path) => location.replace(hashOf({ view: 'machine', path }))}
        />
      )
    case 'timeline':
      return <TimelineView scene={scene} onMoment={onMoment} />
    case 'files':
      return <FilesView key={place.path} scene={scene} isLive={isLive} open={place.path} />
    case 'charts':
      return <ChartsView key={String(isLive)} scene={scene} isLive={isLive} kept={kept} wallOffset={wallOffset} />
  }
}

/** A recording may be dropped anywhere on the page. */
function acceptFiles(open: (files: readonly File[]) => void): () => void {
  const over = (event: DragEvent): void => event.preventDefault()
  const drop = (event: DragEvent): void => {
    event.preventDefault()
    const files = [...(event.dataTransfer?.files ?? [])]
    if (files.length > 0) open(files)
  }
  addEventListener('dragover', over)
  addEventListener('drop', drop)
  return () => {
    removeEventListener('dragover', over)
    removeEventListener('drop', drop)
  }
}
