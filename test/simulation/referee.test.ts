import { describe, expect, it } from 'vitest'
import { longestStop } from '../../src/config/longest-stop.ts'
import { epochMs, seconds } from '../../src/domain/units.ts'
import type { Report } from '../../src/supervision/index.ts'
import { smallConfig, configOf } from '../config/small-config.ts'
import type { MemoryManifest } from '../fakes/memory-manifest.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'
import { Keeping } from './keeping.ts'
import { Referee } from './referee.ts'
import { Estate, type SimulatedProcess } from './simulated-process.ts'
import { StopBounds } from './stop-bounds.ts'

const camera = 'root/cameras/dock-1'

function said(path: string, decision: Report['decision'], epoch = 0): Report {
  return { path, epoch, decision, cause: { type: 'call' }, restartsLeft: 0, at: 0, reason: '' }
}

describe('the referee, of a camera that was cut off', () => {
  const drain = 'the writer drains only when every camera and the pool are gone'

  it.each([
    { since: 'and lives again', restarted: true, finds: drain },
    { since: 'and is only being forgotten', restarted: false, finds: undefined },
  ])('lets the writer drain beside it only where it was $since', async ({ restarted, finds }) => {
    const referee = new Referee(await configOf(smallConfig), new Estate())
    const states = new Map([[camera, 'streaming']])
    referee.begin({
      states,
      clock: new VirtualClock(),
      overslept: 0,
      calls: { endBegins() {} },
    } as unknown as SimulatedProcess)
    referee.report(said(camera, 'start', 1))
    referee.report(said(camera, 'cut_off', 1))
    if (restarted) referee.report(said(camera, 'start', 2))
    referee.report(said('root', 'shut_down'))
    referee.event('root/csv-writer', 'drain')
    expect(referee.violation?.invariant).toBe(finds)
  })
})

describe('the bounds of a stop', () => {
  it('are not those of a second one where somebody asks for the first while a failed start is rolled back', async () => {
    const { stop } = await configOf(smallConfig)
    const bounds = new StopBounds(stop)
    bounds.report(said('root', 'roll_back'), 0)
    bounds.asked(1_000)
    expect(bounds.late(longestStop(stop))).toBeUndefined()
    bounds.asked(2_000)
    const end = 2_000 + stop.afterSecondSignal + 1_000
    expect([bounds.late(end), bounds.late(end + 1)]).toEqual([
      undefined,
      `the whole stop has taken ${end + 1} ms, and may take ${end}`,
    ])
  })
})

describe('what is removed', () => {
  const file = 'dock-1/a.csv'

  it.each([
    { what: 'after its time', deliveredAt: 1_000, removedAt: 11_000, tooSoon: [] },
    { what: 'a little before', deliveredAt: 1_000, removedAt: 10_999, tooSoon: [`${file} after 9999 ms`] },
    // Whoever removes it had looked at the clock before.
    { what: 'once the clock was set back', deliveredAt: 20_000, removedAt: 11_000, tooSoon: [] },
  ])('is known to be too soon or not: $what', ({ deliveredAt, removedAt, tooSoon }) => {
    const changes = [
      { path: file, to: 'delivered', at: deliveredAt },
      { path: file, to: 'removed', at: removedAt },
    ]
    const keeping = new Keeping(seconds(10), { changes } as unknown as MemoryManifest)
    keeping.shown(file, epochMs(1_000))
    expect(keeping.tooSoon(epochMs(Math.max(11_000, removedAt)))).toEqual(tooSoon)
  })
})
