import { expect, it } from 'vitest'
import { startSite } from './http-site.ts'

/** Holds the event loop up. */
function stall(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

// A file of its own, for a process that nobody has asked for metrics yet.
it('the first answer of /metrics knows of a stall since the server’s start', async () => {
  const { get } = await startSite()
  const begun = performance.now()
  while (performance.now() < begun + 50) await get('/healthz')
  stall(100)
  await get('/healthz')
  const { body } = await get('/metrics')
  const valueOf = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(body)?.[1])
  expect(valueOf('nodejs_eventloop_lag_max_seconds')).toBeGreaterThan(0.08)
  expect(valueOf('nodejs_eventloop_lag_mean_seconds')).toBeLessThan(1)
})
