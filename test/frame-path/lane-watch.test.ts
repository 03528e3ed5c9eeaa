import { createActor, setup } from 'xstate'
import { describe, expect, it } from 'vitest'
import { createFrameWatch } from '../../src/actors/frame-watch.ts'
import { Loose } from '../../src/actors/loose.ts'
import { cameraId } from '../../src/domain/ids.ts'
import { LaneWatch } from '../../src/frame-path/lane-watch.ts'
import type { StreamJudged } from '../../src/machines/camera-machine.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

/** What a frame watch says of a stream that announces 30 pictures a second. */
function watchStream() {
  const clock = new VirtualClock()
  const seen = new LaneWatch()
  const watched = { cameraId: cameraId('dock-1'), lossless: false, isHeldBack: false, seen }
  const limits = { maxRate: undefined, stallAfter: 'auto', frozenAfter: 'off', loose: new Loose() } as const
  const told: string[] = []
  createActor(
    setup({
      actors: { watch: createFrameWatch({ watched, clock, ...limits }) },
      types: {} as { events: StreamJudged },
    }).createMachine({
      invoke: { src: 'watch', input: { rate: 30, failures: 0 } },
      on: { 'stream.*': { actions: ({ event }) => void told.push(`${event.type}: ${(event as StreamJudged).why}`) } },
    }),
  ).start()
  /** `happens` so many times a second, evenly, for 30 s. */
  const run = async (rate: number, happens: (time: number) => void) => {
    for (let time = 0; time < 30 * rate; time++) {
      await clock.advanceAsync(1000 / rate)
      happens(time)
    }
  }
  return { clock, seen, told, run }
}

describe('a stream of 30 pictures a second', () => {
  it.each([
    { rate: 16, said: [] },
    { rate: 14, said: ['stream.degraded: 14.0 pictures a second arrive, of 30 that were announced'] },
  ])('of which $rate come is said to be $said', async ({ rate, said }) => {
    const { clock, seen, told, run } = watchStream()
    await run(rate, () => seen.captured(clock.monotonic()))
    expect(told).toEqual(said)
  })

  it.each([
    { one: 8, said: ['stream.degraded: 17 of 135 pictures in 5 s were damaged'] },
    { one: 12, said: [] },
  ])('of which one in $one cannot be decoded is said to be $said', async ({ one, said }) => {
    const { clock, seen, told, run } = watchStream()
    await run(30, (picture) => {
      if (picture % one === 0) {
        seen.decodeFailed('Invalid data found')
        seen.lost(clock.monotonic())
      } else seen.captured(clock.monotonic())
    })
    expect(told).toEqual(said)
  })
})
