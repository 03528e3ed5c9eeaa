import { createActor } from 'xstate'
import { describe, expect, it } from 'vitest'
import { createFrameWatch, defaultStallAfter, type Watched } from '../../src/actors/frame-watch.ts'
import { StreamStalledError, StreamUndecodableError } from '../../src/domain/camera-errors.ts'
import { cameraId } from '../../src/domain/ids.ts'
import { type Milliseconds, milliseconds, seconds } from '../../src/domain/units.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

function startWatch(stallAfter: Milliseconds | 'auto', rate?: number) {
  const clock = new VirtualClock()
  const lane = {
    cameraId: cameraId('dock-1'),
    lastFrameAt: milliseconds(0),
    isHeldBack: false as boolean,
    decodeErrorsInARow: 0,
    lastDecodeError: 'Invalid data found',
  } satisfies { -readonly [Key in keyof Watched]: Watched[Key] }
  const watch = createActor(createFrameWatch(lane, clock, stallAfter), { input: { rate } })
  let error: unknown
  watch.subscribe({ error: (failure) => (error = failure) })
  watch.start()
  return { clock, lane, watch, error: () => error }
}

describe('the default silence', () => {
  it.each([
    { rate: undefined, ms: 2000 },
    { rate: 30, ms: 2000 },
    { rate: 1.5, ms: 2000 },
    { rate: 1, ms: 3000 },
    { rate: 0.1, ms: 30_000 },
  ])('is $ms ms at $rate frames a second', ({ rate, ms }) => {
    expect(defaultStallAfter(rate)).toBe(ms)
  })
})

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
    const { clock, lane, error } = startWatch(seconds(2))
    for (let second = 0; second < 60; second++) {
      lane.lastFrameAt = clock.monotonic()
      await clock.advanceAsync(1500)
    }
    expect(error()).toBeUndefined()
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

describe('a stream that cannot be decoded', () => {
  it.each([
    { errors: 9, lost: false },
    { errors: 10, lost: true },
  ])('is lost: $lost, after $errors errors in a row', async ({ errors, lost }) => {
    const { clock, lane, error } = startWatch(seconds(2))
    lane.decodeErrorsInARow = errors
    await clock.advanceAsync(250)
    expect(error() instanceof StreamUndecodableError).toBe(lost)
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
