import type { CameraConfig, SourceConfig } from '../config/config.ts'
import { deliveryStats } from '../delivery/delivery-stats.ts'
import { FrameAccount } from '../domain/frame-account.ts'
import type { CameraId } from '../domain/ids.ts'
import type { Inspection } from '../domain/inspection.ts'
import type {
  ActorView,
  CameraView,
  DaemonPhase,
  DaemonState,
  InferenceView,
  ProcessView,
  UploaderView,
  WriterView,
} from '../inspection-feed/protocol.ts'
import type { HeartFigures } from '../inspection-feed/heart-figures.ts'
import { isWriterRunning, uploaderIn } from '../domain/actor-states.ts'
import { healthLimits } from '../inspection-feed/health.ts'
import { modelUses } from '../config/model-uses.ts'
import type { Stage } from './stage.ts'
import { workerCount } from '../config/worker-count.ts'
import { claimWindow } from './uploader-slot.ts'

export interface Seen {
  readonly version: string
  readonly phase: DaemonPhase
  readonly actors: readonly ActorView[]
  readonly heart: HeartFigures
}

/** Everything that the page, the figures and the terminal show. */
export function daemonState(stage: Stage, { version, phase, actors, heart }: Seen): DaemonState {
  const byPath = new Map(actors.map((actor) => [actor.path, actor]))
  return {
    version,
    boot: stage.boot,
    startedAt: stage.startedAt,
    runningSince: stage.runningSince(),
    at: stage.world.clock.now(),
    phase,
    configuration: stage.configuration,
    actors,
    cameras: stage.cameras.map((camera) => cameraView(stage, camera)),
    inference: inferenceView(stage),
    writer: writerView(stage, byPath.get('root/csv-writer')),
    uploader: uploaderView(stage, byPath.get('root/uploader')),
    process: processView(stage, heart),
  }
}

const processView = ({ world }: Stage, heart: HeartFigures): ProcessView => ({
  eventLoopDelayMs: Math.round(heart.delay),
  stalls: heart.stalls,
  stalledMs: Math.round(heart.stalledFor),
  residentBytes: heart.memory,
  memoryBudgetBytes: heart.memoryBudget,
  logLinesDropped: world.log.linesDropped,
})

function cameraView(stage: Stage, camera: CameraConfig): CameraView {
  const lane = stage.lanes.get(camera.id)?.lane
  const stats = lane?.stats
  const latency = stats?.latency
  return {
    source: sourceLabel(camera.source),
    sourceSize: lane?.sourceSize ?? null,
    models: modelUses(camera).map(({ model }) => model),
    lossless: 'lossless' in camera.source && camera.source.lossless,
    ...accountOf(stage, camera.id),
    resultsAtBound: stage.ledgers.get(camera.id)?.resultsAtBound ?? 0,
    fps: stats?.captureRate ?? 0,
    inspectedPerSecond: stats?.inspectedRate ?? 0,
    failing: stats?.failing ?? false,
    losingRows: stage.losses.areRecent(camera.id),
    latencyMs: latency === undefined ? null : { p50: latency.p50, p95: latency.p95 },
    lastFinding: stats?.lastInspection === undefined ? null : findingLabel(stats.lastInspection),
    lastFindingAt: stats?.lastInspection?.frame.capturedAt ?? null,
  }
}

/** What became of one camera's frames and rows since the start, over all its lives. */
export type CameraAccount = Pick<CameraView, 'id' | 'path' | 'frames' | 'rows'>

/** Of the cameras that run, and then of those that were removed. */
export const cameraAccounts = (stage: Stage): CameraAccount[] =>
  [...new Set([...stage.cameras.map(({ id }) => id), ...stage.ledgers.keys()])].map((id) => accountOf(stage, id))

const accountOf = ({ ledgers, queue }: Stage, id: CameraId): CameraAccount => ({
  id,
  path: `root/cameras/${id}`,
  frames: ledgers.get(id)?.account.counts ?? noFrames,
  rows: queue.rows(id),
})

/** Of a camera that has not begun. */
const noFrames: CameraView['frames'] = new FrameAccount().counts

/** Configured addresses hold no credentials; what follows a question mark may be a key to a video. */
function sourceLabel(source: SourceConfig): string {
  switch (source.type) {
    case 'file':
    case 'device':
      return `${source.type} ${source.path}`
    case 'rtsp':
      return source.url
    case 'http':
      return source.url.replace(/[?#].*$/, '')
    case 'synthetic':
      return `synthetic belt, seed ${source.seed}`
  }
}

function findingLabel({ findings }: Inspection): string {
  return findings
    .map((finding) => {
      if (finding.kind === 'classify') {
        const [best] = finding.scores
        return best === undefined ? 'no label' : `${best.label} ${best.score.toFixed(2)}`
      }
      if (finding.kind === 'read') {
        return finding.lines.length === 0 ? 'no text' : finding.lines.map(({ text }) => `“${text}”`).join(', ')
      }
      if (finding.detections.length === 0) return 'nothing seen'
      const counts = new Map<string, number>()
      for (const { label } of finding.detections) counts.set(label, (counts.get(label) ?? 0) + 1)
      return [...counts].map(([label, count]) => `${label} ${count}`).join(', ')
    })
    .join(' · ')
}

function inferenceView({ models, runner, hung, scheduler, config, world }: Stage): InferenceView {
  return {
    path: 'root/inference',
    models: models.map(({ name, kind, input, labels }) => ({ name, kind, input, labels })),
    workers: {
      wanted: workerCount(config, world.cores),
      ...runner.workers,
      wedged: hung.count,
      isShort: runner.shortFor() >= healthLimits.threadsShort,
    },
    waiting: scheduler.waiting,
    waitingLimit: scheduler.waitingLimit,
  }
}

function writerView({ config, queue, tally, diskWatch }: Stage, actor: ActorView | undefined): WriterView {
  const { queued, written, failed, waiting } = queue.requests
  const { room } = diskWatch
  return {
    path: 'root/csv-writer',
    running: isWriterRunning(actor?.state ?? ''),
    stats: { queued, written, failed, queueSize: waiting },
    queueLimit: config.csv.queue,
    openFiles: queue.ledger.openFiles.size,
    sealedFiles: tally.sealedFiles,
    tornBytes: queue.ledger.tornBytes,
    blocked: actor?.state === 'blocked' ? actor.why : null,
    disk: { level: room.level, freeBytes: room.freeBytes ?? null, fullInMs: room.fullIn ?? null },
  }
}

function uploaderView({ config, delivery, files }: Stage, actor: ActorView | undefined): UploaderView {
  const { host, port, username, folder } = config.sftp
  const stats = deliveryStats(delivery, files.counts.files)
  return {
    path: 'root/uploader',
    ...uploaderIn(actor?.state ?? ''),
    server: `sftp://${username}@${host}:${port}${folder === '.' ? '' : `/${folder.replace(/^\//, '')}`}`,
    stats: {
      queued: stats.total_queued,
      uploaded: stats.total_uploaded,
      failed: stats.total_failed,
      queueSize: stats.queue_size,
    },
    sendingLimit: claimWindow,
    files: files.counts.files,
    rows: files.counts.rows,
    oldestUndelivered: files.counts.oldestUndelivered ?? null,
  }
}
