import type { Epoch } from '../domain/ids.ts'
import type { Milliseconds } from '../domain/units.ts'
import { seconds } from '../domain/units.ts'
import { actorGauges } from '../inspection-feed/actor-gauges.ts'
import type { CameraView, DaemonState, InferenceView, UploaderView, WriterView } from '../inspection-feed/protocol.ts'
import type { RecordSink } from '../inspection-feed/recorder.ts'
import type { Gauges } from '../inspection-feed/trend-kinds.ts'
import type { Clock, TimerHandle } from '../ports/clock.ts'

export interface GaugeOptions {
  readonly state: () => DaemonState
  readonly clock: Clock
  readonly record: RecordSink
  /** Hears what was read of all parts, whether it has moved or not. */
  readonly onRead: (readings: ReadonlyMap<string, Gauges>) => void
  /** They cannot be read: a bug. They are not read again. */
  readonly onFault: (error: unknown) => void
  /** Default 2 s. */
  readonly every?: Milliseconds
}

/** Reads every part's counters and every actor's mailbox and budget now and again, and records those that have moved. Returns the way to end it. */
export function recordGauges({ state, clock, record, onRead, onFault, every = seconds(2) }: GaugeOptions): () => void {
  const told = new Map<string, string>()
  let timer: TimerHandle

  function tick(): void {
    try {
      look()
      timer = clock.setTimeout(tick, every)
    } catch (error) {
      onFault(error)
    }
  }

  function look(): void {
    const { actors, cameras, inference, writer, uploader } = state()
    const readings = new Map<string, Gauges>([
      ...cameras.map((camera) => [camera.path, cameraGauges(camera)] as const),
      [inference.path, inferenceGauges(inference)],
      [writer.path, writerGauges(writer)],
      [uploader.path, uploaderGauges(uploader)],
    ])
    const views = new Map(actors.map((actor) => [actor.path, actor]))
    for (const path of new Set([...readings.keys(), ...views.keys()])) {
      const view = views.get(path)
      tell(path, view?.epoch ?? null, { ...readings.get(path), ...(view && actorGauges(view)) })
    }
    onRead(readings)
  }

  function tell(path: string, epoch: Epoch | null, values: Gauges): void {
    const text = JSON.stringify(values)
    if (text === '{}' || told.get(path) === text) return
    told.set(path, text)
    record({ path, epoch }, { type: 'gauges.read', values })
  }

  timer = clock.setTimeout(tick, every)
  return () => clock.clearTimeout(timer)
}

const cameraGauges = ({ frames, rows, fps, inspectedPerSecond, latencyMs }: CameraView): Gauges => ({
  captured: frames.captured,
  inspected: frames.inspected,
  inFlight: frames.inFlight,
  ...counted('dropped', frames.dropped),
  ...counted('failed', frames.failed),
  rowsAccepted: rows.accepted,
  ...counted('rowsRefused', rows.refused),
  rowsFailed: rows.failed,
  rowsQueued: rows.queued,
  fps: hundredths(fps),
  inspectedPerSecond: hundredths(inspectedPerSecond),
  ...(latencyMs !== null && { latencyP50Ms: hundredths(latencyMs.p50), latencyP95Ms: hundredths(latencyMs.p95) }),
})

const inferenceGauges = ({ workers, waiting }: InferenceView): Gauges => ({
  waiting,
  running: workers.running,
  busy: workers.busy,
  wedged: workers.wedged,
})

const writerGauges = ({ stats, openFiles, sealedFiles, disk }: WriterView): Gauges => ({
  queued: stats.queued,
  written: stats.written,
  failed: stats.failed,
  queueSize: stats.queueSize,
  openFiles,
  sealedFiles,
  ...(disk.freeBytes !== null && { diskFreeBytes: disk.freeBytes }),
})

const uploaderGauges = ({ stats, files, oldestUndelivered }: UploaderView): Gauges => ({
  uploaded: stats.uploaded,
  failed: stats.failed,
  queueSize: stats.queueSize,
  ...counted('files', files),
  ...(oldestUndelivered !== null && { oldestUndeliveredAt: oldestUndelivered }),
})

/** `{ stopped: 2 }` → `{ 'dropped.stopped': 2 }`; what is 0 is left out. */
const counted = (name: string, counts: Gauges): Gauges =>
  Object.fromEntries(
    Object.entries(counts).flatMap(([cause, count]) => (count === 0 ? [] : [[`${name}.${cause}`, count]])),
  )

const hundredths = (value: number): number => Math.round(value * 100) / 100
