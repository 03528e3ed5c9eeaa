import type { CameraChanges } from '../config/camera-changes.ts'
import type { CameraConfig } from '../config/config.ts'
import { type CallReply, deleteChild, startChild, type SupervisorRef, terminateChild } from '../supervision/index.ts'
import { retireLane } from './camera-lanes.ts'
import { cameraSpec } from './cameras-slot.ts'
import type { Stage } from './stage.ts'

/** A camera that could not be made what it is to be, which is a bug. */
export interface FailedChange {
  readonly camera: CameraConfig
  readonly error: unknown
  /** What runs in its place: the camera as it was, where that one could not be ended. */
  readonly runs: CameraConfig | undefined
}

/** Somebody else who starts a camera while it is to end is overruled, so many times in all. */
const mostEnds = 5

/**
 * Makes the cameras that run those that are to run, side by side; those that are unchanged are not touched. Resolves when all
 * that were to end have ended, and all that were to start have started; never rejects.
 *
 * `group` is the cameras' supervisor as it runs now, if it does.
 */
export async function changeCameras(
  stage: Stage,
  group: SupervisorRef | undefined,
  { cameras, added, removed, changed }: CameraChanges,
): Promise<FailedChange[]> {
  const before = new Map(stage.cameras.map((camera) => [camera.id, camera]))
  // First of all: a life of the group that begins from here on is made of these.
  stage.cameras = cameras
  const failed: FailedChange[] = []

  async function change(camera: CameraConfig): Promise<void> {
    let runs = before.get(camera.id)
    try {
      if (runs !== undefined) await end(group, runs)
      runs = undefined
      if (removed.includes(camera)) retireLane(stage, camera.id)
      else await begin(stage, group, camera)
    } catch (error) {
      failed.push({ camera, error, runs })
      const others = stage.cameras.filter(({ id }) => id !== camera.id)
      stage.cameras = runs === undefined ? others : [...others, runs]
      if (runs === undefined) retireLane(stage, camera.id)
    }
  }
  await Promise.all([...removed, ...changed, ...added].map(change))
  return failed
}

async function end(group: SupervisorRef | undefined, { id }: CameraConfig): Promise<void> {
  if (group === undefined) return
  for (let ends = 1; ; ends++) {
    const ended = await terminateChild(group, id)
    if (!ended.ok && ended.error === 'not_found') return
    expectAnswer(ended, `Camera ${id} could not be stopped`)
    const deleted = await deleteChild(group, id)
    // An operator's restart that was answered in between has it running again, or waiting to.
    const isBack = !deleted.ok && (deleted.error === 'running' || deleted.error === 'restarting')
    if (!isBack || ends === mostEnds) return expectAnswer(deleted, `Camera ${id} could not be removed`)
  }
}

async function begin(stage: Stage, group: SupervisorRef | undefined, camera: CameraConfig): Promise<void> {
  if (group === undefined) return
  const reply = await startChild(group, cameraSpec(stage, camera))
  if (!reply.ok && reply.error === 'start_failed') throw reply.reason
  expectAnswer(reply, `Camera ${camera.id} could not be started`)
}

/** A group that has ended meanwhile is as well: the next life of it is made of the cameras that are to run. */
function expectAnswer(reply: CallReply, what: string): void {
  if (!reply.ok && reply.error !== 'shutting_down') throw new Error(`${what}: ${reply.error}`)
}
