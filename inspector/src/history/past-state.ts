import type { ActorPictures } from '../../../src/inspection-feed/actor-pictures.ts'
import { fileStates } from '../../../src/domain/file-state.ts'
import { type CameraId, isCameraId } from '../../../src/domain/ids.ts'
import { epochMs } from '../../../src/domain/units.ts'
import {
  cameraOf,
  daemonOf,
  inferenceOf,
  modelsOf,
  uploaderOf,
  writerOf,
} from '../../../src/inspection-feed/part-facts.ts'
import type { CameraView, DaemonPhase, DaemonState } from '../../../src/inspection-feed/protocol.ts'
import type { Facts } from '../../../src/inspection-feed/record.ts'
import { isWriterRunning, uploaderIn } from '../../../src/domain/actor-states.ts'
import { actorViews } from './actor-view-of.ts'

const aboveCameras = 'root/cameras/'

type Gauges = Readonly<Record<string, number>>

/** The daemon's state as pictures show it, and nothing of the present: what no record tells is 0, empty or `null`. */
export function pastState(pictures: ActorPictures, at: number, wallOffset: number): DaemonState {
  const actors = actorViews(pictures, wallOffset)
  const gauges = (path: string): Gauges => pictures.get(path)?.gauges ?? {}
  const facts = (path: string): Facts => pictures.get(path)?.facts ?? {}
  const inference = gauges('root/inference')
  const writer = gauges('root/csv-writer')
  const uploader = gauges('root/uploader')
  const oldest = uploader['oldestUndeliveredAt']
  const { wanted, isShort, waitingLimit } = inferenceOf(facts('root/inference'))
  const { queueLimit, level, fullInMs } = writerOf(facts('root/csv-writer'))
  const state = (path: string): string => actors.find((actor) => actor.path === path)?.state ?? ''
  return {
    ...daemonOf(facts('root'), at),
    at: epochMs(at),
    phase: phaseOf(pictures.get('root')?.state),
    actors,
    cameras: actors
      .filter(({ path }) => path.startsWith(aboveCameras))
      .map(({ path }) => path.slice(aboveCameras.length))
      .filter(isCameraId)
      .map((id) => cameraAt(id, gauges(aboveCameras + id), facts(aboveCameras + id))),
    inference: {
      path: 'root/inference',
      models: modelsOf(facts('root/inference')),
      workers: {
        wanted,
        running: inference['running'] ?? 0,
        busy: inference['busy'] ?? 0,
        wedged: inference['wedged'] ?? 0,
        isShort,
      },
      waiting: inference['waiting'] ?? 0,
      waitingLimit,
    },
    writer: {
      path: 'root/csv-writer',
      running: isWriterRunning(state('root/csv-writer')),
      stats: {
        queued: writer['queued'] ?? 0,
        written: writer['written'] ?? 0,
        failed: writer['failed'] ?? 0,
        queueSize: writer['queueSize'] ?? 0,
      },
      openFiles: writer['openFiles'] ?? 0,
      sealedFiles: writer['sealedFiles'] ?? 0,
      tornBytes: writer['tornBytes'] ?? 0,
      queueLimit,
      disk: { level, freeBytes: writer['diskFreeBytes'] ?? null, fullInMs },
      blocked: state('root/csv-writer') === 'blocked' ? (pictures.get('root/csv-writer')?.why ?? null) : null,
    },
    uploader: {
      path: 'root/uploader',
      ...uploaderIn(state('root/uploader')),
      ...uploaderOf(facts('root/uploader')),
      stats: {
        queued: uploader['queued'] ?? 0,
        uploaded: uploader['uploaded'] ?? 0,
        failed: uploader['failed'] ?? 0,
        queueSize: uploader['queueSize'] ?? 0,
      },
      files: counted(uploader, 'files', fileStates),
      rows: counted(uploader, 'rows', fileStates),
      oldestUndelivered: oldest === undefined ? null : epochMs(oldest),
    },
    process: null,
  }
}

const phaseOf = (root: string | undefined): DaemonPhase =>
  root === 'running' ? 'running' : root === 'stopping' ? 'draining' : root === 'ended' ? 'stopped' : 'starting'

function cameraAt(id: CameraId, gauges: Gauges, facts: Facts): CameraView {
  const rowsRefused = counted(gauges, 'rowsRefused', ['queue-full', 'writer-down'])
  const [p50, p95] = [gauges['latencyP50Ms'], gauges['latencyP95Ms']]
  return {
    id,
    path: aboveCameras + id,
    ...cameraOf(facts),
    frames: {
      captured: gauges['captured'] ?? 0,
      inspected: gauges['inspected'] ?? 0,
      dropped: counted(gauges, 'dropped', ['superseded', 'no-slot', 'no-predecessor', 'unchanged', 'stopped']),
      failed: counted(gauges, 'failed', ['timeout', 'inference-error', 'worker-died', 'cut-off']),
      inFlight: gauges['inFlight'] ?? 0,
    },
    rows: {
      produced: gauges['rowsProduced'] ?? 0,
      accepted: gauges['rowsAccepted'] ?? 0,
      refused: rowsRefused,
      failed: gauges['rowsFailed'] ?? 0,
      queued: gauges['rowsQueued'] ?? 0,
    },
    resultsAtBound: gauges['resultsAtBound'] ?? 0,
    fps: gauges['fps'] ?? 0,
    inspectedPerSecond: gauges['inspectedPerSecond'] ?? 0,
    latencyMs: p50 === undefined || p95 === undefined ? null : { p50, p95 },
  }
}

const counted = <Cause extends string>(gauges: Gauges, name: string, causes: readonly Cause[]): Record<Cause, number> =>
  Object.fromEntries(causes.map((cause) => [cause, gauges[`${name}.${cause}`] ?? 0])) as Record<Cause, number>
