import type { ActorPictures } from '../../src/inspection-feed/actor-pictures.ts'
import { fileStates, perState } from '../../src/domain/file-state.ts'
import { cameraId } from '../../src/domain/ids.ts'
import { epochMs } from '../../src/domain/units.ts'
import type { ActorView, CameraView, DaemonPhase, DaemonState } from '../../src/inspection-feed/protocol.ts'
import { actorViews } from './actor-view-of.ts'

type Gauges = Readonly<Record<string, number>>

/** The daemon's state as pictures show it. `live` gives what never changes, where a live daemon is there to say it. */
export function pastState(pictures: ActorPictures, at: number, live: DaemonState | undefined): DaemonState {
  const actors = actorViews(pictures)
  const gauges = (path: string): Gauges => pictures.get(path)?.gauges ?? {}
  const inference = gauges('root/inference')
  const writer = gauges('root/csv-writer')
  const uploader = gauges('root/uploader')
  const oldest = uploader['oldestUndeliveredAt']
  const state = (path: string): string => actors.find((actor) => actor.path === path)?.state ?? ''
  return {
    version: live?.version ?? '',
    boot: live?.boot ?? 0,
    startedAt: live?.startedAt ?? epochMs(at),
    at: epochMs(at),
    phase: phaseOf(state('root')),
    actors,
    cameras: actors
      .filter(({ path }) => /^root\/cameras\/[^/]+$/.test(path))
      .map((actor) => cameraAt(actor, gauges(actor.path), live)),
    inference: {
      path: 'root/inference',
      models: live?.inference.models ?? [],
      workers: {
        wanted: live?.inference.workers.wanted ?? inference['running'] ?? 0,
        running: inference['running'] ?? 0,
        busy: inference['busy'] ?? 0,
        wedged: inference['wedged'] ?? 0,
      },
      waiting: inference['waiting'] ?? 0,
    },
    writer: {
      path: 'root/csv-writer',
      running: /^(writing|blocked|draining)$/.test(state('root/csv-writer')),
      stats: {
        queued: writer['queued'] ?? 0,
        written: writer['written'] ?? 0,
        failed: writer['failed'] ?? 0,
        queueSize: writer['queueSize'] ?? 0,
      },
      openFiles: writer['openFiles'] ?? 0,
      sealedFiles: writer['sealedFiles'] ?? 0,
      queueLimit: live?.writer.queueLimit ?? 0,
      // Level and forecast are not recorded.
      disk: { level: 'enough', freeBytes: writer['diskFreeBytes'] ?? null, fullInMs: null },
      blocked: state('root/csv-writer') === 'blocked' ? (pictures.get('root/csv-writer')?.why ?? null) : null,
    },
    uploader: {
      path: 'root/uploader',
      running: /^(connecting|delivering|draining|backingOff|refused)$/.test(state('root/uploader')),
      server: live?.uploader.server ?? '',
      connected: /^(delivering|draining)$/.test(state('root/uploader')),
      stats: {
        queued: 0,
        uploaded: uploader['uploaded'] ?? 0,
        failed: uploader['failed'] ?? 0,
        queueSize: uploader['queueSize'] ?? 0,
      },
      files: counted(uploader, 'files', fileStates),
      rows: perState(() => 0),
      oldestUndelivered: oldest === undefined ? null : epochMs(oldest),
    },
  }
}

const phaseOf = (root: string): DaemonPhase =>
  root === 'running' ? 'running' : root === 'stopping' ? 'draining' : root === 'ended' ? 'stopped' : 'starting'

function cameraAt({ path }: ActorView, gauges: Gauges, live: DaemonState | undefined): CameraView {
  const known = live?.cameras.find((camera) => camera.path === path)
  const rowsRefused = counted(gauges, 'rowsRefused', ['queue-full', 'writer-down'])
  const [p50, p95] = [gauges['latencyP50Ms'], gauges['latencyP95Ms']]
  return {
    id: known?.id ?? cameraId(path.slice(path.lastIndexOf('/') + 1)),
    path,
    source: known?.source ?? '',
    sourceSize: known?.sourceSize ?? null,
    models: known?.models ?? [],
    lossless: known?.lossless ?? false,
    frames: {
      captured: gauges['captured'] ?? 0,
      inspected: gauges['inspected'] ?? 0,
      dropped: counted(gauges, 'dropped', ['superseded', 'no-slot', 'no-predecessor', 'unchanged', 'stopped']),
      failed: counted(gauges, 'failed', ['timeout', 'inference-error', 'worker-died', 'cut-off']),
      inFlight: gauges['inFlight'] ?? 0,
    },
    rows: {
      produced: 0,
      accepted: gauges['rowsAccepted'] ?? 0,
      refused: rowsRefused,
      failed: gauges['rowsFailed'] ?? 0,
      queued: gauges['rowsQueued'] ?? 0,
    },
    fps: gauges['fps'] ?? 0,
    inspectedPerSecond: gauges['inspectedPerSecond'] ?? 0,
    latencyMs: p50 === undefined || p95 === undefined ? null : { p50, p95 },
    lastFinding: null,
  }
}

const counted = <Cause extends string>(gauges: Gauges, name: string, causes: readonly Cause[]): Record<Cause, number> =>
  Object.fromEntries(causes.map((cause) => [cause, gauges[`${name}.${cause}`] ?? 0])) as Record<Cause, number>
