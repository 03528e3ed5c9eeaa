import { Attention } from './attention.tsx'
import { CameraCard } from './camera-card.tsx'
import { InSight } from '../parts/in-sight.tsx'
import { InferenceCard } from './inference-card.tsx'
import type { Scene } from '../history/scene.ts'
import { UploaderCard } from './uploader-card.tsx'
import { WriterCard } from './writer-card.tsx'

interface LineViewProps {
  readonly scene: Scene
  /** There is a daemon that answers. */
  readonly isLive: boolean
}

/** The line from camera to server, one card a part; what is wrong stands first. */
export function LineView({ scene: { state, now, isPast, pictures }, isLive }: LineViewProps) {
  const views = new Map(state.actors.map((actor) => [actor.path, actor]))
  const actorAt = (path: string) => views.get(path)
  const { cameras, inference, writer, uploader } = state
  const isWithoutFigures = isPast && !cameras.some(({ path }) => 'captured' in (pictures.get(path)?.gauges ?? {}))
  return (
    <div class="line">
      <div>
        {isWithoutFigures && (
          <p class="past-note">
            Of this moment states are recorded and no counts: every 0 below is one that nobody read.
          </p>
        )}
        <Attention state={state} now={now} />
        <section aria-labelledby="cameras">
          <h2 id="cameras">
            Cameras <span class="number">{cameras.length}</span>
          </h2>
          {!isLive && <p class="hint">A recording holds no pictures of what they saw.</p>}
          <div class="cards">
            {cameras.map((camera) => (
              <InSight key={camera.id} isPast={isPast}>
                <CameraCard camera={camera} actor={actorAt(camera.path)} now={now} isPast={isPast} isLive={isLive} />
              </InSight>
            ))}
          </div>
        </section>
      </div>
      <section class="results" aria-labelledby="results">
        <h2 id="results">From frame to server</h2>
        <div class="cards">
          <InferenceCard inference={inference} actor={actorAt(inference.path)} now={now} />
          <WriterCard writer={writer} actor={actorAt(writer.path)} now={now} />
          <UploaderCard uploader={uploader} actor={actorAt(uploader.path)} now={now} />
        </div>
      </section>
    </div>
  )
}
