import { describe, expect, it } from 'vitest'
import { checkCamera } from '../../../src/commands/check/check-camera.ts'
import { CameraAuthenticationError, CameraUnreachableError } from '../../../src/domain/camera-errors.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import { milliseconds, seconds } from '../../../src/domain/units.ts'
import type { FrameSink } from '../../../src/ports/frame-sink.ts'
import type { VideoSource, VideoStream } from '../../../src/ports/video-source.ts'
import { VirtualClock } from '../../fakes/virtual-clock.ts'

const id = cameraId('dock-1')

/** A camera that does what the test says, and lets go `releaseMs` after its signal has aborted; never, where that is infinite. */
class FakeSource implements VideoSource {
  sink: FrameSink | undefined
  signal: AbortSignal | undefined
  isReleased = true
  answer: (stream: Pick<VideoStream, 'rate' | 'sourceSize' | 'remark'>) => void = () => undefined
  fail: (error: Error) => void = () => undefined

  constructor(
    private readonly clock: VirtualClock,
    private readonly releaseMs = 0,
  ) {}

  open(sink: FrameSink, signal: AbortSignal): Promise<VideoStream> {
    this.sink = sink
    this.signal = signal
    this.isReleased = false
    return new Promise((resolve, reject) => {
      this.answer = (stream) => resolve({ ...stream, ended: new Promise(() => undefined) })
      this.fail = reject
    })
  }

  released(): Promise<void> {
    return new Promise((resolve) => {
      if (this.releaseMs === Infinity) return
      this.clock.setTimeout(() => {
        this.isReleased = true
        resolve()
      }, this.releaseMs)
    })
  }
}

const start = ({ releaseMs = 0 } = {}) => {
  const clock = new VirtualClock()
  const source = new FakeSource(clock, releaseMs)
  const interruption = new AbortController()
  const line = checkCamera(
    { cameraId: id, source, size: { width: 4, height: 2 }, deadline: seconds(15), advice: 'Look' },
    { clock, signal: interruption.signal },
  )
  return { clock, source, interruption, line }
}

describe('a camera that sends a picture', () => {
  it('is let go of, and says its size, rate and how long the picture took', async () => {
    const { clock, source, line } = start({ releaseMs: 300 })
    await clock.advanceAsync(800)
    source.answer({ rate: 30_000 / 1001, sourceSize: { width: 1920, height: 1080 } })
    await clock.advanceAsync(299)
    expect(source.signal?.aborted).toBe(true)
    expect(source.isReleased).toBe(false)
    await clock.advanceAsync(1)
    expect(source.isReleased).toBe(true)
    expect(await line).toEqual({
      name: 'dock-1',
      what: 'camera',
      outcome: 'ok',
      took: milliseconds(1100),
      detail: '1920x1080, 29.97 frames/s, first picture after 0.8 s',
    })
    expect(clock.pending).toBe(0)
  })

  it('may keep its rate to itself', async () => {
    const { clock, source, line } = start()
    source.answer({ rate: undefined, sourceSize: { width: 640, height: 480 } })
    await clock.advanceAsync(0)
    expect((await line).detail).toBe('640x480, rate unknown, first picture after 0.0 s')
  })

  it('says what it does otherwise than it was asked to', async () => {
    const { clock, source, line } = start()
    source.answer({ rate: 5, sourceSize: { width: 640, height: 480 }, remark: 'It was asked for 30' })
    await clock.advanceAsync(0)
    const detail = '640x480, 5 frames/s, first picture after 0.0 s. It was asked for 30'
    expect(await line).toMatchObject({ outcome: 'ok', detail })
  })

  it('finds room for one picture at a time, whole', () => {
    const { clock, source } = start()
    const first = source.sink?.reserve()
    expect(first?.bytes).toHaveLength(24)
    expect(source.sink?.reserve()).toBeUndefined()
    if (first !== undefined) source.sink?.commit(first, clock.now())
    expect(source.sink?.reserve()).toBe(first)
    if (first !== undefined) source.sink?.abandon(first)
    expect(source.sink?.reserve()).toBe(first)
  })
})

describe('a camera that fails', () => {
  it.each([
    {
      error: new CameraUnreachableError(id, 'no route to host'),
      detail: 'Camera dock-1 cannot be reached: no route to host',
    },
    {
      error: new CameraAuthenticationError(id, '401'),
      detail: 'Camera dock-1 refuses the user name or password: 401',
    },
  ])('is let go of, and says: $detail', async ({ error, detail }) => {
    const { clock, source, line } = start()
    source.fail(error)
    await clock.advanceAsync(0)
    expect(await line).toEqual({ name: 'dock-1', what: 'camera', outcome: 'failed', took: 0, detail })
    expect(source.isReleased).toBe(true)
  })

  it('of our own mistake says that it is one', async () => {
    const { clock, source, line } = start()
    const bug = new TypeError('x is undefined')
    source.fail(bug)
    await clock.advanceAsync(0)
    expect(await line).toMatchObject({ outcome: 'failed', detail: 'a bug in Belay: TypeError: x is undefined', bug })
  })
})

describe('a camera that sends nothing', () => {
  it('is waited for until its deadline', async () => {
    const { clock, source, line } = start()
    await clock.advanceAsync(seconds(15) - 1)
    expect(source.signal?.aborted).toBe(false)
    await clock.advanceAsync(1)
    expect(source.signal?.aborted).toBe(true)
    expect(await line).toMatchObject({
      outcome: 'failed',
      took: seconds(15),
      detail: 'Camera dock-1 has sent no picture within 15.0 s. Look',
    })
    expect(source.isReleased).toBe(true)
  })

  it('has what the decoder complained of last in its line', async () => {
    const { clock, source, line } = start()
    source.sink?.decodeFailed('missing reference')
    source.sink?.decodeFailed('no frame')
    await clock.advanceAsync(seconds(15))
    expect((await line).detail).toBe(
      'Camera dock-1 has sent no picture within 15.0 s; the decoder said last: no frame. Look',
    )
  })
})

describe('a camera that is not let go of', () => {
  it.each([
    { releaseMs: 5_000 - 1, outcome: 'ok' },
    { releaseMs: Infinity, outcome: 'failed' },
  ])('after $releaseMs ms is $outcome', async ({ releaseMs, outcome }) => {
    const { clock, source, line } = start({ releaseMs })
    source.answer({ rate: 25, sourceSize: { width: 640, height: 480 } })
    await clock.advanceAsync(seconds(5))
    expect((await line).outcome).toBe(outcome)
  })

  it('says so', async () => {
    const { clock, source, line } = start({ releaseMs: Infinity })
    source.answer({ rate: 25, sourceSize: { width: 640, height: 480 } })
    await clock.advanceAsync(seconds(5))
    expect((await line).detail).toBe('Camera dock-1 was not let go of within 5.0 s')
  })
})

describe('an interruption', () => {
  it('lets go of the camera before the line is there', async () => {
    const { clock, source, interruption, line } = start({ releaseMs: 300 })
    await clock.advanceAsync(100)
    interruption.abort(new Error('SIGINT'))
    await clock.advanceAsync(299)
    expect(source.isReleased).toBe(false)
    await clock.advanceAsync(1)
    expect(await line).toEqual({
      name: 'dock-1',
      what: 'camera',
      outcome: 'interrupted',
      took: 400,
      detail: 'interrupted',
    })
  })

  it('before the check leaves the camera alone', async () => {
    const clock = new VirtualClock()
    const source = new FakeSource(clock)
    const run = { clock, signal: AbortSignal.abort(new Error('SIGINT')) }
    const camera = { cameraId: id, source, size: { width: 4, height: 2 }, deadline: seconds(1), advice: 'Look' }
    const line = await checkCamera(camera, run)
    expect(line.outcome).toBe('interrupted')
    expect(source.sink).toBeUndefined()
  })
})
