import { counter, each, gauge, known, type Metric } from './metric.ts'

/** Inference, the writer, files and their delivery. */
export const lineMetrics: readonly Metric[] = [
  gauge('belay_inference_workers_wanted', [], 'Inference threads that are configured.', ({ state }) => [
    [state.inference.workers.wanted],
  ]),
  gauge('belay_inference_workers_running', [], 'Inference threads that run and take frames.', ({ state }) => [
    [state.inference.workers.running],
  ]),
  gauge('belay_inference_workers_busy', [], 'Of the running threads, those with a frame in hand.', ({ state }) => [
    [state.inference.workers.busy],
  ]),
  gauge('belay_inference_workers_wedged', [], 'Threads given up with a task that has not ended.', ({ state }) => [
    [state.inference.workers.wedged],
  ]),
  gauge('belay_inference_frames_waiting', [], 'Frames that wait for a worker.', ({ state }) => [
    [state.inference.waiting],
  ]),
  gauge('belay_writer_running', [], '1 while a writer is there to take requests.', ({ state }) => [
    [Number(state.writer.running)],
  ]),
  gauge('belay_writer_blocked', [], '1 while the writer cannot write what it takes.', ({ state }) => [
    [Number(state.writer.blocked !== null)],
  ]),
  counter(
    'belay_writer_requests_queued_total',
    [],
    'Requests (one model’s rows for one frame) that the queue has taken.',
    ({ state }) => [[state.writer.stats.queued]],
  ),
  counter('belay_writer_requests_written_total', [], 'Requests whose rows were accepted.', ({ state }) => [
    [state.writer.stats.written],
  ]),
  counter('belay_writer_requests_failed_total', [], 'Requests whose file could not be kept.', ({ state }) => [
    [state.writer.stats.failed],
  ]),
  gauge('belay_writer_queue_requests', [], 'Requests that wait for the writer.', ({ state }) => [
    [state.writer.stats.queueSize],
  ]),
  gauge('belay_writer_open_files', [], 'CSV files that grow.', ({ state }) => [[state.writer.openFiles]]),
  counter('belay_writer_sealed_files_total', [], 'CSV files that were sealed.', ({ state }) => [
    [state.writer.sealedFiles],
  ]),
  counter(
    'belay_writer_torn_bytes_total',
    [],
    'Bytes behind the last whole frames of files that a crash had left open.',
    ({ state }) => [[state.writer.tornBytes]],
  ),
  gauge('belay_data_disk_free_bytes', [], 'What may still be written below the data folder.', ({ state }) =>
    known(state.writer.disk.freeBytes),
  ),
  gauge('belay_data_disk_low', [], '1 while less of it is free than disk.warnBelow.', ({ state: { writer } }) =>
    writer.disk.freeBytes === null ? [] : [[writer.disk.level === 'enough' ? 0 : 1]],
  ),
  gauge('belay_files', ['state'], 'Sealed files of the whole manifest by state.', ({ state }) =>
    each(state.uploader.files),
  ),
  gauge('belay_file_rows', ['state'], 'Data rows in the files of each state.', ({ state }) =>
    each(state.uploader.rows),
  ),
  gauge(
    'belay_upload_lag_seconds',
    [],
    'Age of the oldest file that waits for its delivery; 0 if none does.',
    ({ state }) => [[Math.max(0, state.at - (state.uploader.oldestUndelivered ?? state.at)) / 1000]],
  ),
  gauge('belay_uploader_running', [], '1 while an uploader is there.', ({ state }) => [
    [Number(state.uploader.running)],
  ]),
  gauge('belay_uploader_connected', [], '1 while a session with the server is open.', ({ state }) => [
    [Number(state.uploader.connected)],
  ]),
  counter('belay_uploader_files_delivered_total', [], 'Files that the server shows since the start.', ({ state }) => [
    [state.uploader.stats.uploaded],
  ]),
  counter('belay_uploader_tries_failed_total', [], 'Tries that failed or ended without an answer.', ({ state }) => [
    [state.uploader.stats.failed],
  ]),
]
