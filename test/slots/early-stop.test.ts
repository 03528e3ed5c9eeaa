import { expect, it } from 'vitest'
import { createDaemon } from '../../src/daemon.ts'
import { seconds } from '../../src/domain/units.ts'
import type { LogSink } from '../../src/ports/log.ts'
import type { World } from '../../src/slots/world.ts'
import { stillVitals } from '../fakes/still-vitals.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'
import { plantFrom } from '../simulation/config.ts'
import { Tape } from '../simulation/tape.ts'

const unsaid = () => undefined
const log: LogSink = {
  ...{ debug: unsaid, info: unsaid, warn: unsaid, error: unsaid, always: unsaid },
  ...{ at: () => log, linesDropped: 0, flush: () => Promise.resolve() },
}

it('a daemon that is told to stop before it starts ends at once, and reads no gauges then', async () => {
  const clock = new VirtualClock()
  // Nothing is started, so nothing else of the world is asked for.
  const world = { clock, log, random: () => 0.5, vitals: stillVitals, modelRunner: { ended: () => Promise.resolve() } }
  const { config } = await plantFrom(Tape.recorded([]))
  const daemon = createDaemon({ config, world: world as unknown as World, version: 'test', gaugesEvery: seconds(2) })
  daemon.stop()
  daemon.start()
  await settle()
  expect(clock.pending).toBe(0)
  expect(await daemon.ended).toMatchObject({
    root: { ended: 'asked', drained: true, children: [] },
    ...{ stoppedBy: 'signal', threadHangs: false },
  })
})
