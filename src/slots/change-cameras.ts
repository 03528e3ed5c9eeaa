import type { CameraChanges } from '../config/camera-changes.ts'
import type { CameraConfig } from '../config/config.ts'
import { type CallReply, deleteChild, startChild, type SupervisorRef, terminateChild } from '../supervision/index.ts'
import { retireLane } from './camera-lanes.ts'
import { cameraSpec } from './cameras-slot.ts'
import type { Stage } from './stage.ts'

/** A camera whose start threw, which is a bug: it is none of the stage's any more. */
export interface FailedStart {
  readonly camera: CameraConfig
  readonly error: unknown
}

/**
 * Makes the cameras that run those that are to run, side by side; those that are unchanged are not touched. Resolves when all
 * that were to end have ended, and all that were to start have started.
 *
 * `group` is the cameras' supervisor as it runs now, if it does.
 */
export async function changeCameras(
  stage: Stage,
  group: SupervisorRef | undefined,
  { cameras, added, removed, changed }: CameraChanges,
): Promise<FailedStart[]> {
  // First of all: a life of the group that begins from here on is made of these.
  stage.cameras = cameras
  const failed: FailedStart[] = []

  const end = async ({ id }: CameraConfig) => {
    if (group === undefined) return
    expectAnswer(await terminateChild(group, id), `Camera ${id} could not be stopped`)
    expectAnswer(await deleteChild(group, id), `Camera ${id} could not be removed`)
  }
  const begin = async (camera: CameraConfig) => {
    if (group === undefined) return
    const reply = await startChild(group, cameraSpec(stage, camera))
    if (!reply.ok && reply.error === 'start_failed') failed.push({ camera, error: reply.reason })
    else expectAnswer(reply, `Camera ${camera.id} could not be started`)
  }
  await Promise.all([
    ...removed.map(async (camera) => {
      await end(camera)
      retireLane(stage, camera.id)
    }),
    ...changed.map(async (camera) => {
      await end(camera)
      await begin(camera)
    }),
    ...added.map(begin),
  ])

  const gone = new Set(failed.map(({ camera }) => camera))
  stage.cameras = stage.cameras.filter((camera) => !gone.has(camera))
  for (const { id } of gone) retireLane(stage, id)
  return failed
}

/** A group that has ended meanwhile is as well: the next life of it is made of the cameras that are to run. */
function expectAnswer(reply: CallReply, what: string): void {
  if (!reply.ok && reply.error !== 'shutting_down') throw new Error(`${what}: ${reply.error}`)
}
