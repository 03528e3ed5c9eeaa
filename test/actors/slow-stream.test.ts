import { createActor, setup } from 'xstate'
import { describe, expect, it } from 'vitest'
import { createFrameWatch } from '../../src/actors/frame-watch.ts'
import { Loose } from '../../src/actors/loose.ts'
import { cameraId } from '../../src/domain/ids.ts'
import { milliseconds, minutes, seconds } from '../../src/domain/units.ts'
import { LaneWatch } from '../../src/frame-path/lane-watch.ts'
import type { StreamJudged } from '../../src/machines/camera-machine.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

describe('a stream that says no rate and has a picture', () => {
  it.each([
    { interval: seconds(50), maxRate: 0.02, stallAfter: 'auto' as const },
    { interval: minutes(1), maxRate: undefined, stallAfter: minutes(4) },
    { interval: seconds(4), maxRate: 0.25, stallAfter: 'auto' as const },
  ])(
    'every $interval ms, with a maximal rate of $maxRate and a stallAfter of $stallAfter, is neither stale nor lost',
    async ({ interval, maxRate, stallAfter }) => {
      const clock = new VirtualClock()
      const seen = new LaneWatch()
      const watched = { cameraId: cameraId('dock-1'), lossless: false, isHeldBack: false, seen }
      const watch = createFrameWatch({
        ...{ watched, clock, maxRate, stallAfter },
        ...{ frozenAfter: 'off', loose: new Loose() },
      })
      const told: unknown[] = []
      const input = { rate: undefined, failures: 0 }
      const camera = createActor(
        setup({ actors: { watch }, types: {} as { events: StreamJudged } }).createMachine({
          invoke: { src: 'watch', input, onError: { actions: ({ event }) => void told.push(event.error) } },
          on: { 'stream.*': { actions: ({ event }) => void told.push(event) } },
        }),
      )
      seen.captured(clock.monotonic())
      camera.start()
      for (let pictures = 0; pictures < 20; pictures++) {
        // Not at the moment of a look.
        await clock.advanceAsync(pictures === 0 ? interval - 100 : interval)
        seen.captured(clock.monotonic())
      }
      expect(told).toEqual([])
      await clock.advanceAsync(milliseconds(3 * interval + 100))
      expect(told).toMatchObject([{ type: 'stream.stale' }])
      camera.stop()
    },
  )
})
