import { metrics, renderMetrics } from '../../../src/adapters/prometheus/render-metrics.ts'
import type { Seen } from '../../../src/adapters/prometheus/metric.ts'
import { milliseconds } from '../../../src/domain/units.ts'
import { ActorTally } from '../../../src/inspection-feed/actor-tally.ts'
import { daemonState } from '../../inspection-feed/sample-state.ts'

export const seen = (changes: Partial<Seen> = {}): Seen => ({
  state: daemonState(),
  readiness: { ready: true, reasons: [] },
  tally: new ActorTally(),
  http: { responses: new Map([[200, 3]]), connections: 1, connectionsCut: 0, feedClients: 0, feedsRefused: 0 },
  logLinesDropped: 0,
  heart: { stalls: 2, stalledFor: milliseconds(3_500), delay: milliseconds(4), memory: 3e8, memoryBudget: 2e9 },
  ...changes,
})

/** The samples of `/metrics`, each line by its name and labels. */
export async function samplesOf(of: Seen): Promise<Record<string, number>> {
  const lines = (await renderMetrics(of)).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.lastIndexOf(' ')
      return [line.slice(0, at), Number(line.slice(at + 1))]
    }),
  )
}

/** Every name that `/metrics` declares, those of the process included. */
export async function namesShown(): Promise<Set<string>> {
  const text = await renderMetrics(seen())
  return new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name))
}

export const ownNames: readonly string[] = metrics.map(({ name }) => name)
