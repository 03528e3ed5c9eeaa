import type { CameraView, DaemonState, InferenceView, UploaderView, WriterView } from './protocol.ts'
import type { Gauges } from './trend-kinds.ts'

/** The counters and gauges of every part, by its path. */
export const partGauges = ({ cameras, inference, writer, uploader }: DaemonState): ReadonlyMap<string, Gauges> =>
  new Map([
    ...cameras.map((camera) => [camera.path, cameraGauges(camera)] as const),
    [inference.path, inferenceGauges(inference)],
    [writer.path, writerGauges(writer)],
    [uploader.path, uploaderGauges(uploader)],
  ])

const cameraGauges = ({ frames, rows, resultsAtBound, fps, inspectedPerSecond, latencyMs }: CameraView): Gauges => ({
  captured: frames.captured,
  inspected: frames.inspected,
  inFlight: frames.inFlight,
  ...counted('dropped', frames.dropped),
  ...counted('failed', frames.failed),
  rowsProduced: rows.produced,
  rowsAccepted: rows.accepted,
  ...counted('rowsRefused', rows.refused),
  rowsFailed: rows.failed,
  rowsQueued: rows.queued,
  ...(resultsAtBound > 0 && { resultsAtBound }),
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

const writerGauges = ({ stats, openFiles, sealedFiles, tornBytes, disk }: WriterView): Gauges => ({
  queued: stats.queued,
  written: stats.written,
  failed: stats.failed,
  queueSize: stats.queueSize,
  openFiles,
  sealedFiles,
  ...(tornBytes > 0 && { tornBytes }),
  ...(disk.freeBytes !== null && { diskFreeBytes: disk.freeBytes }),
})

const uploaderGauges = ({ stats, files, rows, oldestUndelivered }: UploaderView): Gauges => ({
  queued: stats.queued,
  uploaded: stats.uploaded,
  failed: stats.failed,
  queueSize: stats.queueSize,
  ...counted('files', files),
  ...counted('rows', rows),
  ...(oldestUndelivered !== null && { oldestUndeliveredAt: oldestUndelivered }),
})

/** `{ stopped: 2 }` → `{ 'dropped.stopped': 2 }`; what is 0 is left out. */
const counted = (name: string, counts: Gauges): Gauges =>
  Object.fromEntries(
    Object.entries(counts).flatMap(([cause, count]) => (count === 0 ? [] : [[`${name}.${cause}`, count]])),
  )

const hundredths = (value: number): number => Math.round(value * 100) / 100
