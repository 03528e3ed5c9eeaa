import { isCameraUp } from '../../domain/actor-states.ts'
import type { CameraView } from '../../inspection-feed/protocol.ts'
import { counter, each, gauge, known, type Metric, type Sample, type Seen } from './metric.ts'

const ofCameras =
  (samples: (camera: CameraView, seen: Seen) => Iterable<Sample>) =>
  (seen: Seen): Sample[] =>
    seen.state.cameras.flatMap((camera) => [...samples(camera, seen)])

const camera = ['camera']
const outcome = ['camera', 'outcome', 'cause']

export const cameraMetrics: readonly Metric[] = [
  gauge(
    'belay_camera_up',
    camera,
    '1 while new pictures arrive or none are expected (finished, paused); 0 while it is lost, stale or frozen.',
    ofCameras(({ id, path }, { state }) => {
      const actor = state.actors.find((one) => one.path === path)
      return [[Number(isCameraUp(actor?.state ?? '')), id]]
    }),
  ),
  counter(
    'belay_frames_captured_total',
    camera,
    'Frames that came from the camera whole.',
    ofCameras(({ id, frames }) => [[frames.captured, id]]),
  ),
  counter(
    'belay_frames_total',
    outcome,
    'Captured frames that are settled, by outcome (inspected, dropped, failed) and cause.',
    ofCameras(({ id, frames }) => [
      [frames.inspected, id, 'inspected', ''],
      ...each(frames.dropped, id, 'dropped'),
      ...each(frames.failed, id, 'failed'),
    ]),
  ),
  gauge(
    'belay_frames_in_flight',
    camera,
    'Captured frames that wait for a worker or are in one.',
    ofCameras(({ id, frames }) => [[frames.inFlight, id]]),
  ),
  gauge(
    'belay_frame_latency_p50_seconds',
    camera,
    'From a frame’s last byte until its rows were handed to the writer: the median of the latest 512 frames.',
    ofCameras(({ id, latencyMs }) => known(latencyMs === null ? null : latencyMs.p50 / 1000, id)),
  ),
  gauge(
    'belay_frame_latency_p95_seconds',
    camera,
    'The same: 95 of 100 of the latest 512 frames took no longer.',
    ofCameras(({ id, latencyMs }) => known(latencyMs === null ? null : latencyMs.p95 / 1000, id)),
  ),
  counter(
    'belay_rows_produced_total',
    camera,
    'Rows that inspected frames gave.',
    ofCameras(({ id, rows }) => [[rows.produced, id]]),
  ),
  counter(
    'belay_rows_total',
    outcome,
    'Rows that are settled, by outcome (accepted, refused, failed) and cause.',
    ofCameras(({ id, rows }) => [
      [rows.accepted, id, 'accepted', ''],
      ...each(rows.refused, id, 'refused'),
      [rows.failed, id, 'failed', ''],
    ]),
  ),
  gauge(
    'belay_rows_queued',
    camera,
    'Rows that wait for the writer.',
    ofCameras(({ id, rows }) => [[rows.queued, id]]),
  ),
  counter(
    'belay_results_at_bound_total',
    camera,
    'Results with as much in them as is kept of a frame: rows may be missing.',
    ofCameras(({ id, resultsAtBound }) => [[resultsAtBound, id]]),
  ),
]
