import { useEffect, useState } from 'preact/hooks'
import type { DaemonState } from '../../src/inspection-feed/protocol.ts'
import { ActorTree } from './actor-tree.tsx'
import { Attention } from './attention.tsx'
import { CameraCard } from './camera-card.tsx'
import { type Connection, watchFeed } from './feed-client.ts'
import { InferenceCard } from './inference-card.tsx'
import { PageHeader } from './page-header.tsx'
import { UploaderCard } from './uploader-card.tsx'
import { WriterCard } from './writer-card.tsx'

interface Latest {
  readonly state: DaemonState
  /** `performance.now` when it came. */
  readonly receivedAt: number
}

export function App() {
  const [latest, setLatest] = useState<Latest>()
  const [connection, setConnection] = useState<Connection>({ kind: 'connecting', reason: '' })
  const [monotonic, setMonotonic] = useState(performance.now())

  useEffect(() => {
    watchFeed({
      seen: ({ state }) => setLatest({ state, receivedAt: performance.now() }),
      connection: (next) => setConnection((before) => (before.kind === 'live' && next.kind === 'live' ? before : next)),
    })
    const ticking = setInterval(() => setMonotonic(performance.now()), 500)
    return () => clearInterval(ticking)
  }, [])

  // Ages go by the daemon's clock: the browser's may be wrong. Without a connection they stand still.
  const elapsed = connection.kind === 'live' && latest ? Math.max(0, monotonic - latest.receivedAt) : 0
  const now = latest ? latest.state.at + elapsed : 0
  return (
    <>
      <PageHeader state={latest?.state} connection={connection} now={now} monotonic={monotonic} />
      {latest && <Line state={latest.state} now={now} isStale={connection.kind !== 'live'} />}
    </>
  )
}

function Line({
  state,
  now,
  isStale,
}: {
  readonly state: DaemonState
  readonly now: number
  readonly isStale: boolean
}) {
  const actorAt = (path: string) => state.actors.find((actor) => actor.path === path)
  const { cameras, inference, writer, uploader } = state
  return (
    <main class={isStale ? 'stale' : ''}>
      {isStale && <p class="stale-note">Not live: this is what was last known.</p>}
      <Attention actors={state.actors} now={now} />
      <section aria-labelledby="cameras">
        <h2 id="cameras">
          Cameras <span class="number">{cameras.length}</span>
        </h2>
        <div class="cards">
          {cameras.map((camera) => (
            <CameraCard key={camera.id} camera={camera} actor={actorAt(camera.path)} now={now} />
          ))}
        </div>
      </section>
      <section aria-labelledby="results">
        <h2 id="results">From frame to server</h2>
        <div class="cards">
          <InferenceCard inference={inference} actor={actorAt(inference.path)} now={now} />
          <WriterCard writer={writer} actor={actorAt(writer.path)} now={now} />
          <UploaderCard uploader={uploader} actor={actorAt(uploader.path)} now={now} />
        </div>
      </section>
      <ActorTree actors={state.actors} now={now} />
    </main>
  )
}
