import { describe, expect, it } from 'vitest'
import { createDaemon } from '../../src/daemon.ts'
import { seconds } from '../../src/domain/units.ts'
import type { LogSink } from '../../src/ports/log.ts'
import type { World } from '../../src/slots/world.ts'
import { stillVitals } from '../fakes/still-vitals.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'
import { plantFrom } from '../simulation/config.ts'
import { Tape } from '../simulation/tape.ts'
import { runPlant } from './run-plant.ts'

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

describe('a daemon that is told to stop', () => {
  const slots = ['log', 'manifest', 'csv-writer', 'uploader', 'inspector', 'inference', 'cameras'].map(
    (slot) => `root/${slot}`,
  )

  // The uploader is at work in the turn in which it starts: nobody is heard in between.
  it.each(slots.filter((slot) => slot !== 'root/uploader'))(
    'while %s starts ends in order, and starts nothing after it',
    async (slot) => {
      const { process, pass, reports } = await runPlant(undefined, undefined, {
        reported({ path, decision }, starting) {
          if (path === slot && decision === 'start') starting.stop()
        },
      })
      await pass(60_000)
      const started = reports.flatMap(({ path, decision }) =>
        decision === 'start' && slots.includes(path) ? [path] : [],
      )
      expect(started).toEqual(slots.slice(0, slots.indexOf(slot) + 1))
      expect(process.end).toMatchObject({ root: { ended: 'asked', drained: true }, stoppedBy: 'signal' })
    },
  )
})
