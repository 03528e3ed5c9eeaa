import { fromPromise } from 'xstate'
import { createFrameStream } from '../actors/frame-stream.ts'
import { fromEvents } from '../actors/from-events.ts'
import { createFrameWatch } from '../actors/frame-watch.ts'
import { Loose } from '../actors/loose.ts'
import type { CameraConfig } from '../config/config.ts'
import { disposersOf } from '../config/longest-stop.ts'
import { backoffDelay } from '../domain/backoff.ts'
import { minutes, seconds } from '../domain/units.ts'
import { errorText } from '../inspection-feed/clip.ts'
import { cameraMachine, type StreamBegan } from '../machines/camera-machine.ts'
import { provide } from '../machines/provide.ts'
import { type ChildSpec, createSupervisor, type Incarnation, run, type Runnable } from '../supervision/index.ts'
import { laneOf } from './camera-lanes.ts'
import { firstPictureWithin, noPictureAdvice } from '../config/first-picture.ts'
import { retries } from './retries.ts'
import type { Stage } from './stage.ts'

const isRecording = ({ source }: CameraConfig) => source.type === 'file' || source.type === 'http'

/** A connection that has brought no picture by then is given up and tried again. */
const connectTimeout = (camera: CameraConfig) =>
  // A video from the web is downloaded whole before its first picture.
  camera.source.type === 'http' ? minutes(30) : firstPictureWithin(camera)

/**
 * The cameras, side by side: one that is down or crashes holds up no other, neither at the start nor at the stop.
 *
 * Each life of the group is made of the cameras as they are then; a reload changes both the stage and the life that runs.
 */
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
        // Rows are keyed by epoch: none may come again because the group had to be restarted.
        epochFloor: Math.max(0, ...[...stage.ledgers.values()].map(({ epoch }) => epoch)),
        children: stage.cameras.map((camera) => cameraSpec(stage, camera)),
      }),
    ),
})

export const cameraSpec = (stage: Stage, camera: CameraConfig): ChildSpec => ({
  id: camera.id,
  restart: 'permanent',
  shutdown: stage.config.stop.cameras,
  backoff: { initial: 500, factor: 2, max: seconds(10), resetAfter: minutes(1) },
  budget: { intensity: 5, period: minutes(1), retryAfter: minutes(5) },
  start(incarnation) {
    try {
      return cameraLife(stage, camera, incarnation)
    } catch (error) {
      // Where a start that was asked for fails, its supervisor forgets the child or leaves it: nobody would try it again.
      return lifeThatFails(camera, error, incarnation)
    }
  },
})

function cameraLife(stage: Stage, camera: CameraConfig, incarnation: Incarnation): Runnable {
  const { world } = stage
  const { clock, random } = world
  const lane = laneOf(stage, camera)
  lane.beginEpoch(incarnation.epoch)
  const source = world.videoSource(camera, lane.size)
  const loose = new Loose(incarnation.signal)
  const skips = { every: camera.every, maxRate: camera.fps === 'all' ? undefined : camera.fps }
  // A life that is cut off lets go of its process too, before the next begins.
  incarnation.defer(async () => {
    await loose.settled()
    await source.released()
  }, disposersOf(stage.config.stop).cameras)
  return run(
    provide(cameraMachine, {
      actors: {
        frameStream: createFrameStream({ cameraId: camera.id, source, sink: lane, ...skips, loose }),
        frameWatch: createFrameWatch({
          watched: lane,
          clock,
          isRecording: isRecording(camera),
          ...skips,
          stallAfter: camera.stallAfter,
          frozenAfter: camera.frozenAfter,
          loose,
        }),
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
    {
      cameraId: camera.id,
      connectTimeout: connectTimeout(camera),
      lastFault: () => lane.seen.lastDecodeError,
      ...(isRecording(camera) && { undecodable: () => lane.seen.decodeErrorsInARow }),
      noPictureAdvice: noPictureAdvice(camera.source),
    },
  )
}

/**
 * It crashes at once, and so is tried again as after any other crash. Whatever kept it from beginning is a bug: an
 * `OperatingError` as well, since no source is opened yet.
 */
const lifeThatFails = ({ id: cameraId }: CameraConfig, cause: unknown, { signal }: Incarnation): Runnable =>
  run(
    provide(cameraMachine, {
      actors: {
        frameStream: fromEvents<StreamBegan, undefined, string>(new Loose(signal), async function* () {
          yield Promise.reject<StreamBegan>(
            new Error(`Camera ${cameraId} could not be started: ${errorText(cause)}`, { cause }),
          )
          return 'never'
        }),
        streamReleased: fromPromise<void>(async () => undefined),
      },
    }),
    { cameraId, connectTimeout: seconds(1), lastFault: () => undefined, noPictureAdvice: '' },
  )
