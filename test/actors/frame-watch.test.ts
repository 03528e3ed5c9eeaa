import { createActor, setup } from 'xstate'
import { describe, expect, it } from 'vitest'
import { createFrameWatch } from '../../src/actors/frame-watch.ts'
import { Loose } from '../../src/actors/loose.ts'
import { StreamStalledError, StreamUndecodableError } from '../../src/domain/camera-errors.ts'
import { cameraId } from '../../src/domain/ids.ts'
import { type Milliseconds, milliseconds, minutes, seconds } from '../../src/domain/units.ts'
import type { StreamJudged } from '../../src/machines/camera-machine.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

function startWatch(stallAfter: Milliseconds | 'auto', rate?: number, failures = 0, isRecording = false) {
  const clock = new VirtualClock()
  const seen = {
    lastFrameAt: milliseconds(0),
    unchangedSince: undefined as Milliseconds | undefined,
    pictures: 0,
    rate: rate ?? 0,
    damaged: 0,
    captureRate: () => seen.rate,
    damage: () => ({ damaged: seen.damaged, pictures: 5 * seen.rate }),
    decodeErrorsInARow: 0,
    lastDecodeError: 'Invalid data found',
  }
  const lane = { cameraId: cameraId('dock-1'), lossless: false, isHeldBack: false, seen }
  const told: StreamJudged[] = []
  const limits = { maxRate: undefined, stallAfter, frozenAfter: seconds(30) }
  const options = { watched: lane, clock, isRecording, ...limits, loose: new Loose() }
  let error: unknown
  const watch = createActor(
    setup({ actors: { watch: createFrameWatch(options) }, types: {} as { events: StreamJudged } }).createMachine({
      invoke: {
        src: 'watch',
        input: { rate, failures },
        onError: { actions: ({ event }) => (error = event.error) },
      },
      on: { 'stream.*': { actions: ({ event }) => void told.push(event as StreamJudged) } },
    }),
  )
  watch.start()
  /** Pictures come for so long, each `interval` after the one before it. */
  const stream = async (duration: Milliseconds, interval = 100) => {
    for (let passed = 0; passed < duration; passed += interval) {
      await clock.advanceAsync(interval)
      seen.lastFrameAt = clock.monotonic()
      seen.pictures++
    }
  }
  return { clock, lane, seen, watch, stream, told, error: () => error }
}

describe('a stream that goes silent', () => {
  it('is stalled once the silence has lasted, not before', async () => {
    const { clock, error } = startWatch(seconds(2))
    await clock.advanceAsync(1999)
    expect(error()).toBeUndefined()
    await clock.advanceAsync(1)
    expect(error()).toBeInstanceOf(StreamStalledError)
    expect(clock.pending).toBe(0)
  })

  it('is not stalled while pictures come', async () => {
    const { clock, seen, error } = startWatch(seconds(2))
    for (let second = 0; second < 60; second++) {
      seen.lastFrameAt = clock.monotonic()
      await clock.advanceAsync(1500)
    }
    expect(error()).toBeUndefined()
  })
})

describe('a stream of one picture a second, where nobody says when it is lost', () => {
  it.each([
    { situation: 'that is announced', rate: 1 },
    { situation: 'that was learned', rate: undefined },
  ])('$situation is stale after 3 s of silence and lost after 6', async ({ rate }) => {
    const { clock, seen, stream, told, error } = startWatch('auto', rate)
    seen.rate = 1
    await stream(seconds(31), 1000)
    told.length = 0
    await clock.advanceAsync(2999)
    expect(told).toEqual([])
    await clock.advanceAsync(2999)
    expect(told).toEqual([{ type: 'stream.stale', why: 'no picture for 3.0 s' }])
    expect(error()).toBeUndefined()
    await clock.advanceAsync(2)
    expect(error()).toEqual(new StreamStalledError(cameraId('dock-1'), seconds(6)))
  })
})

describe('a stream of which nobody knows the rate', () => {
  it.each([
    { failures: 0, interval: 1_900, is: 'kept' },
    { failures: 0, interval: 5_000, is: 'lost' },
    { failures: 2, interval: 5_000, is: 'lost' },
    { failures: 3, interval: 5_000, is: 'kept' },
    { failures: 9, interval: 15_000, is: 'kept' },
    { failures: 9, interval: 17_000, is: 'lost' },
  ])(
    'is $is with a picture each $interval ms after $failures failures in a row',
    async ({ failures, interval, is }) => {
      const { stream, error } = startWatch('auto', undefined, failures)
      await stream(seconds(20), interval)
      expect(error() === undefined ? 'kept' : 'lost').toBe(is)
    },
  )
})

describe('a stream that is not lost', () => {
  it('is stale while nothing comes, and says once when it begins and when it is over', async () => {
    const { clock, stream, told, error } = startWatch(seconds(2), 10)
    await clock.advanceAsync(1500)
    expect(told).toEqual([{ type: 'stream.stale', why: 'no picture for 0.5 s' }])
    await stream(seconds(1))
    expect(told.slice(1)).toEqual([{ type: 'stream.fresh', why: 'pictures arrive' }])
    expect(error()).toBeUndefined()
  })

  it('is frozen while every picture is the same', async () => {
    const { clock, seen, stream, told } = startWatch(seconds(2), 10)
    seen.unchangedSince = clock.monotonic()
    await stream(seconds(29))
    expect(told).toEqual([])
    await stream(seconds(2))
    expect(told).toEqual([{ type: 'stream.frozen', why: 'every picture has been the same for 30 s' }])
    seen.unchangedSince = undefined
    await stream(seconds(1))
    expect(told[1]?.type).toBe('stream.fresh')
  })

  it('is degraded at less than half its rate, once it has run for as long as the rate is taken over', async () => {
    const { seen, stream, told } = startWatch(seconds(2), 30)
    seen.rate = 9
    await stream(milliseconds(4_900))
    expect(told).toEqual([])
    await stream(milliseconds(400))
    expect(told).toEqual([{ type: 'stream.degraded', why: '9.0 pictures a second arrive, of 30 that were announced' }])
  })

  it('is degraded at less than half of what came at first where nothing was announced', async () => {
    const { seen, stream, told } = startWatch(seconds(2))
    seen.rate = 10
    await stream(seconds(31))
    seen.rate = 4
    await stream(seconds(1))
    expect(told).toEqual([{ type: 'stream.degraded', why: '4.0 pictures a second arrive, of 10.0 that came at first' }])
  })

  it('is degraded while more than a tenth of its pictures are damaged, lossless or not, and says so anew where it is slow instead', async () => {
    const { lane, seen, stream, told } = startWatch(seconds(2), 30)
    lane.lossless = true
    seen.damaged = 16
    await stream(milliseconds(4_900))
    expect(told).toEqual([])
    await stream(milliseconds(400))
    expect(told).toEqual([{ type: 'stream.degraded', why: '16 of 150 pictures in 5 s were damaged' }])
    lane.lossless = false
    seen.damaged = 0
    seen.rate = 9
    await stream(seconds(1))
    expect(told.slice(1)).toEqual([
      { type: 'stream.degraded', why: '9.0 pictures a second arrive, of 30 that were announced' },
    ])
  })

  it('has no rate of its own to fall short of where it is read without loss', async () => {
    const { lane, seen, stream, told } = startWatch(seconds(2), 30)
    lane.lossless = true
    seen.rate = 1
    await stream(seconds(20))
    expect(told).toEqual([])
  })
})

describe('a wall clock that was set', () => {
  it.each([
    { stepMs: 1_500, lost: false },
    { stepMs: -3_600_000, lost: false },
    { stepMs: 500, lost: true },
  ])(
    'by $stepMs ms while a stream was silent: lost: $lost, for it may have been asleep with us',
    async ({ stepMs, lost }) => {
      const { clock, error } = startWatch(seconds(2))
      await clock.advanceAsync(1_800)
      clock.step(stepMs)
      await clock.advanceAsync(400)
      expect(error() instanceof StreamStalledError).toBe(lost)
      await clock.advanceAsync(2_000)
      expect(error()).toBeInstanceOf(StreamStalledError)
    },
  )
})

describe('a process that is held up before each look', () => {
  /** So often, and whether a picture has come after `picture` of them. */
  const holdUp = async (times: number, picture?: number) => {
    const { clock, seen, error } = startWatch(seconds(2))
    for (let time = 1; time <= times; time++) {
      clock.oversleep(1_500)
      await clock.advanceAsync(0)
      if (time === picture) seen.lastFrameAt = clock.monotonic()
    }
    return error()
  }

  it('gives a silent stream one pass, and no other until a picture has come', async () => {
    expect(await holdUp(2)).toBeUndefined()
    expect(await holdUp(3)).toBeInstanceOf(StreamStalledError)
    expect(await holdUp(4, 2)).toBeUndefined()
    expect(await holdUp(5, 2)).toBeInstanceOf(StreamStalledError)
  })
})

describe('a source that waits for room', () => {
  it('is not stalled however long it waits, and gets the whole time once there is room', async () => {
    const { clock, lane, error } = startWatch(seconds(2))
    lane.isHeldBack = true
    await clock.advanceAsync(60_000)
    expect(error()).toBeUndefined()
    lane.isHeldBack = false
    await clock.advanceAsync(1_999)
    expect(error()).toBeUndefined()
    await clock.advanceAsync(1)
    expect(error()).toBeInstanceOf(StreamStalledError)
  })
})

describe('a stream whose last two pictures were the same', () => {
  it('is not frozen by the time for which it was held back', async () => {
    const { clock, lane, seen, stream, told } = startWatch(seconds(2), 10)
    lane.lossless = true
    await stream(seconds(1))
    seen.unchangedSince = clock.monotonic()
    lane.isHeldBack = true
    await clock.advanceAsync(40_000)
    lane.isHeldBack = false
    await stream(seconds(29))
    expect(told).toEqual([])
    await stream(seconds(2))
    expect(told).toEqual([{ type: 'stream.frozen', why: 'every picture has been the same for 30 s' }])
  })

  it('is not frozen by the time for which we slept', async () => {
    const { clock, seen, stream, told } = startWatch(seconds(2), 10)
    await stream(seconds(1))
    seen.unchangedSince = clock.monotonic()
    clock.oversleep(40_000)
    await stream(seconds(29))
    expect(told).toEqual([])
    await stream(seconds(2))
    expect(told).toEqual([{ type: 'stream.frozen', why: 'every picture has been the same for 30 s' }])
  })
})

describe('a stream that cannot be decoded', () => {
  it.each([
    { errors: 9, lost: false },
    { errors: 10, lost: true },
  ])('is lost: $lost, after $errors errors in a row', async ({ errors, lost }) => {
    const { clock, seen, error } = startWatch(seconds(2), 25)
    seen.decodeErrorsInARow = errors
    await clock.advanceAsync(500)
    expect(error() instanceof StreamUndecodableError).toBe(lost)
  })

  it('is not lost by ten errors among the many packets from which one picture is taken', async () => {
    const { clock, seen, error } = startWatch('auto', 0.1)
    seen.decodeErrorsInARow = 10
    await clock.advanceAsync(seconds(29))
    expect(error()).toBeUndefined()
    // Three pictures are due, and none has come.
    await clock.advanceAsync(seconds(1))
    expect(error()).toBeInstanceOf(StreamUndecodableError)
  })
})

describe('a recording', () => {
  const startRecording = (stallAfter: Milliseconds | 'auto') => startWatch(stallAfter, 25, 0, true)

  it('is stale in a stretch without pictures, and lost where that lasts an hour: something hangs', async () => {
    const { clock, told, error } = startRecording('auto')
    await clock.advanceAsync(minutes(60) - 1)
    expect(told).toEqual([{ type: 'stream.stale', why: 'no picture for 0.5 s' }])
    expect(error()).toBeUndefined()
    await clock.advanceAsync(1)
    expect(error()).toEqual(new StreamStalledError(cameraId('dock-1'), minutes(60)))
  })

  it('is lost when its `stallAfter` says so', async () => {
    const { clock, error } = startRecording(seconds(2))
    await clock.advanceAsync(2000)
    expect(error()).toBeInstanceOf(StreamStalledError)
  })

  it('is not lost by what cannot be decoded in it: it would begin again and come to the same place', async () => {
    const { clock, seen, error } = startRecording('auto')
    seen.decodeErrorsInARow = 1000
    await clock.advanceAsync(250)
    expect(error()).toBeUndefined()
  })
})

describe('a watch that is stopped', () => {
  it('leaves no timer', async () => {
    const { clock, watch } = startWatch('auto', 25)
    watch.stop()
    await clock.advanceAsync(0)
    expect(clock.pending).toBe(0)
  })
})
