import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import { actorMetrics } from './actor-metrics.ts'
import { cameraMetrics } from './camera-metrics.ts'
import { daemonMetrics } from './daemon-metrics.ts'
import { lineMetrics } from './line-metrics.ts'
import type { Metric, Seen } from './metric.ts'

/** Every metric of our own, in the order in which it is shown. */
export const metrics: readonly Metric[] = [...daemonMetrics, ...actorMetrics, ...cameraMetrics, ...lineMetrics]

export const metricsContentType = Registry.PROMETHEUS_CONTENT_TYPE

/** Prometheus' text, made anew from what there is to see: no count is kept here, and what is gone leaves no series behind. */
export async function renderMetrics(seen: Seen): Promise<string> {
  const registry = new Registry()
  for (const { name, type, help, labels, samples } of metrics) {
    const options = { name, help, labelNames: [...labels], registers: [registry] }
    const metric = type === 'counter' ? new Counter(options) : new Gauge(options)
    for (const [value, ...values] of samples(seen))
      metric.inc(Object.fromEntries(labels.map((label, at) => [label, values[at] ?? ''])), value)
  }
  return `${await registry.metrics()}\n${await processRegistry().metrics()}`
}

/** Of Node's own: those whose name says what they are, by Prometheus' conventions. */
const left = /^nodejs_(active_(handles|requests|resources)|version_info|heap_space)/

let registryOfProcess: Registry | undefined

/** What has happened before this, the process's own metrics don't know. */
export const beginProcessMetrics = (): void => void processRegistry()

/** The process: processor, memory, files, garbage, event-loop delay. One for all servers: there is one process. */
function processRegistry(): Registry {
  if (registryOfProcess !== undefined) return registryOfProcess
  registryOfProcess = new Registry()
  collectDefaultMetrics({ register: registryOfProcess, eventLoopMonitoringPrecision: 10 })
  for (const { name } of registryOfProcess.getMetricsAsArray())
    if (left.test(name)) registryOfProcess.removeSingleMetric(name)
  return registryOfProcess
}
