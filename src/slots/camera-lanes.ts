import type { CameraConfig } from '../config/config.ts'
import { modelUses } from '../config/model-uses.ts'
import type { CameraId } from '../domain/ids.ts'
import type { Looked } from '../domain/inspected-picture.ts'
import { largestInput, type LoadedModel } from '../domain/model.ts'
import { CameraLane } from '../frame-path/camera-lane.ts'
import { CameraLedger } from '../frame-path/camera-ledger.ts'
import { createInspectionRecorder } from '../frame-path/record-inspection.ts'
import type { Stage } from './stage.ts'
import { workerCount } from '../config/worker-count.ts'

/** The lane of a camera that is configured like this. It outlives the camera's incarnations; another configuration gets another lane. */
export function laneOf(stage: Stage, camera: CameraConfig): CameraLane {
  const known = stage.lanes.get(camera.id)
  if (known?.camera === camera) return known.lane
  const lane = makeLane(stage, camera)
  retireLane(stage, camera.id)
  stage.lanes.set(camera.id, { camera, lane })
  stage.scheduler.add(lane)
  return lane
}

/** Nothing more of the camera's lane is inspected but what a worker has; that goes on into the ledger and the row queue. */
export function retireLane({ lanes, scheduler }: Stage, cameraId: CameraId): void {
  const known = lanes.get(cameraId)
  if (known === undefined) return
  lanes.delete(cameraId)
  scheduler.remove(known.lane)
}

/** The end of all lanes: answers that still wait for a writer are refused and counted, so that every account closes. */
export function endLanes({ scheduler, ledgers }: Stage): void {
  scheduler.close()
  for (const ledger of ledgers.values()) ledger.cutOff()
}

/** For a preview: of a camera that runs now, whatever its state. */
export function lastInspected({ cameras, lanes }: Stage, name: string): Looked {
  const camera = cameras.find(({ id }) => id === name)
  if (camera === undefined) return 'unknown'
  return lanes.get(camera.id)?.lane.lastInspected ?? 'none'
}

function makeLane(stage: Stage, camera: CameraConfig): CameraLane {
  const { config, world } = stage
  const models = modelUses(camera)
  const loaded = models.map(({ model }) => loadedModel(stage, model))
  const ledger = ledgerOf(stage, camera.id)
  const recorder = createInspectionRecorder(stage.boot, stage.queue, (frame, model) => {
    ledger.resultsAtBound++
    stage.warnOfBound(frame, model)
  })
  const lossless = 'lossless' in camera.source && camera.source.lossless
  return new CameraLane({
    cameraId: camera.id,
    ledger,
    size: camera.picture === 'auto' ? largestInput(loaded) : camera.picture,
    fit: camera.fit,
    ...(camera.crop && { crop: camera.crop }),
    policy: lossless ? 'wait' : 'latest',
    priority: camera.priority,
    models,
    comparesPictures: camera.frozenAfter !== 'off',
    ...(camera.motionGate !== 'off' && { motionGate: camera.motionGate }),
    frames: loaded.some(({ frames }) => frames === 2) ? 2 : 1,
    workers: workerCount(config, world.cores),
    clock: world.clock,
    recorder,
  })
}

function ledgerOf({ ledgers }: Stage, cameraId: CameraId): CameraLedger {
  const ledger = ledgers.get(cameraId) ?? new CameraLedger()
  ledgers.set(cameraId, ledger)
  return ledger
}

function loadedModel({ models }: Stage, name: string): LoadedModel {
  const model = models.find((each) => each.name === name)
  if (model === undefined) throw new Error(`Model ${name} is not loaded: inference has not been ready`)
  return model
}
