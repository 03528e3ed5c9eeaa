import { counter, gauge, type Metric, type Sample } from './metric.ts'

const phases = ['starting', 'running', 'draining', 'stopped'] as const

/** The daemon as a whole, and those that look at it. */
export const daemonMetrics: readonly Metric[] = [
  gauge('belay_build_info', ['version'], 'Always 1; the version is the label.', ({ state }) => [[1, state.version]]),
  gauge('belay_boot', [], 'Counts the starts on this data folder.', ({ state }) => [[state.boot]]),
  gauge('belay_phase', ['phase'], '1 for the phase that the daemon is in.', ({ state }) =>
    phases.map((phase): Sample => [Number(phase === state.phase), phase]),
  ),
  gauge('belay_ready', [], '1 once every slot is ready.', ({ readiness }) => [[Number(readiness.ready)]]),
  // Named as Prometheus names its own.
  gauge(
    'belay_config_last_reload_successful',
    [],
    '0 while the latest reload is one that was refused.',
    ({ state }) => [[Number(state.configuration.refused === null)]],
  ),
  gauge(
    'belay_config_last_reload_success_timestamp_seconds',
    [],
    'When the configuration that holds was applied, at the start or by a reload.',
    ({ state }) => [[state.configuration.appliedAt / 1000]],
  ),
  counter('belay_log_lines_dropped_total', [], 'Lines of the log that could not be written.', (seen) => [
    [seen.logLinesDropped],
  ]),
  counter(
    'belay_event_loop_stalls_total',
    [],
    'Times that the event loop stood still for more than 1 s.',
    ({ heart }) => [[heart.stalls]],
  ),
  counter('belay_event_loop_stalled_seconds_total', [], 'For how long it stood still then.', ({ heart }) => [
    [heart.stalledFor / 1000],
  ]),
  gauge('belay_memory_budget_bytes', [], 'Memory that the process is meant to use at most.', ({ heart }) => [
    [heart.memoryBudget],
  ]),
  counter('belay_http_responses_total', ['code'], 'Answers to HTTP requests by status code.', ({ http }) =>
    [...http.responses].map(([code, count]) => [count, String(code)]),
  ),
  gauge('belay_http_connections', [], 'Open connections of all kinds.', ({ http }) => [[http.connections]]),
  counter('belay_http_connections_cut_total', [], 'Connections beyond the limit, cut at once.', ({ http }) => [
    [http.connectionsCut],
  ]),
  gauge('belay_feed_clients', [], 'Open WebSockets of the feed.', ({ http }) => [[http.feedClients]]),
  counter('belay_feed_refused_total', [], 'WebSockets that were refused, with any status.', ({ http }) => [
    [http.feedsRefused],
  ]),
]
