import { fromPromise } from 'xstate'
import { createFrameStream } from '../actors/frame-stream.ts'
import { createFrameWatch } from '../actors/frame-watch.ts'
import { Loose } from '../actors/loose.ts'
import type { CameraConfig } from '../config/config.ts'
import { backoffDelay } from '../domain/backoff.ts'
import type { PictureSize } from '../domain/frame.ts'
import { minutes, seconds } from '../domain/units.ts'
import { CameraLane } from '../frame-path/camera-lane.ts'
import { createInspectionRecorder } from '../frame-path/record-inspection.ts'
import { cameraMachine } from '../machines/camera-machine.ts'
import type { LoadedModel, ModelUse } from '../ports/model-runner.ts'
import { type ChildSpec, createSupervisor, run } from '../supervision/index.ts'
import { workerCount } from './inference-slot.ts'
import { retries } from './retry.ts'
import type { Stage } from './stage.ts'

/** A connection that has brought no picture by then is given up and tried again. */
const connectTimeout = ({ source }: CameraConfig) =>
  // A video from the web is downloaded whole before its first picture.
  source.type === 'http' ? minutes(30) : seconds(15)

/** The cameras, side by side: one that is down or crashes holds up no other, neither at the start nor at the stop. */
export const camerasSlot = (stage: Stage): ChildSpec => ({
  id: 'cameras',
  type: 'supervisor',
  restart: 'permanent',
  shutdown: stage.config.stop.cameras,
  startTimeout: 'infinity',
  start: () =>
    run(
      createSupervisor({
        strategy: 'one_for_one',
        concurrent: true,
        children: stage.config.cameras.map((camera) => cameraSpec(stage, camera)),
      }),
    ),
})

const cameraSpec = (stage: Stage, camera: CameraConfig): ChildSpec => ({
  id: camera.id,
  restart: 'permanent',
  shutdown: stage.config.stop.cameras,
  backoff: { initial: 500, factor: 2, max: seconds(10), resetAfter: minutes(1) },
  budget: { intensity: 5, period: minutes(1), retryAfter: minutes(5) },
  start(incarnation) {
    const { world } = stage
    const { clock, random } = world
    const lane = laneOf(stage, camera)
    lane.beginEpoch(incarnation.epoch)
    const source = world.videoSource(camera, lane.size)
    const loose = new Loose()
    // A life that is cut off lets go of its process too, before the next begins.
    incarnation.defer(async () => {
      await loose.settled()
      await source.released()
    }, seconds(4))
    return run(
      cameraMachine.provide({
        actors: {
          frameStream: createFrameStream({
            cameraId: camera.id,
            source,
            sink: lane,
            maxRate: camera.fps === 'all' ? undefined : camera.fps,
            loose,
          }),
          frameWatch: createFrameWatch(lane, clock, camera.stallAfter),
          streamReleased: fromPromise(async () => {
            await loose.settled()
            await source.released()
          }),
        },
        delays: {
          reconnectDelay: ({ context: { rung } }) =>
            rung <= 0 ? backoffDelay(retries.steadyCamera, 1, random()) : backoffDelay(retries.camera, rung, random()),
        },
      }),
      { cameraId: camera.id, connectTimeout: connectTimeout(camera) },
    )
  },
})

/** The camera's lane; it outlives the camera's incarnations, so that its account never starts again. */
function laneOf(stage: Stage, camera: CameraConfig): CameraLane {
  const known = stage.lanes.get(camera.id)
  if (known !== undefined) return known
  const { config, world } = stage
  const models = modelUses(camera)
  const loaded = models.map(({ model }) => loadedModel(stage, model))
  const lossless = 'lossless' in camera.source && camera.source.lossless
  const lane = new CameraLane({
    cameraId: camera.id,
    size: camera.picture === 'auto' ? largestInput(loaded) : camera.picture,
    fit: camera.fit,
    policy: lossless ? 'wait' : 'latest',
    models,
    frames: loaded.some(({ frames }) => frames === 2) ? 2 : 1,
    workers: workerCount(config, world.cores),
    clock: world.clock,
    recorder: createInspectionRecorder(stage.boot, stage.queue),
  })
  stage.lanes.set(camera.id, lane)
  stage.scheduler.add(lane)
  return lane
}

/** A camera's models in the order in which they answer. */
export const modelUses = ({ detect, classify }: CameraConfig): ModelUse[] => [
  ...(detect === undefined ? [] : [detect]),
  // A classifier has no boxes to threshold.
  ...(classify === undefined ? [] : [{ model: classify.model, scoreThreshold: 0, iouThreshold: 1 }]),
]

function loadedModel({ models }: Stage, name: string): LoadedModel {
  const model = models.find((each) => each.name === name)
  if (model === undefined) throw new Error(`Model ${name} is not loaded: inference has not been ready`)
  return model
}

/** Wide enough and high enough for every model of the camera, so that none has to enlarge. */
export const largestInput = (models: readonly LoadedModel[]): PictureSize => ({
  width: Math.max(...models.map(({ input }) => input.width)),
  height: Math.max(...models.map(({ input }) => input.height)),
})
