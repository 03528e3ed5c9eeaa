import { createActor, fromPromise } from 'xstate'
import { describe, expect, it } from 'vitest'
import { CameraAuthenticationError, StreamLostError, StreamStalledError } from '../../src/domain/camera-errors.ts'
import { cameraId } from '../../src/domain/ids.ts'
import { milliseconds, seconds } from '../../src/domain/units.ts'
import { cameraMachine, type StreamBegan, type StreamJudged } from '../../src/machines/camera-machine.ts'
import { scriptedEvents } from '../fakes/scripted-events.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'

const dock = cameraId('dock-1')

function startCamera({ isRecording = false } = {}) {
  const clock = new VirtualClock()
  const stream = scriptedEvents<StreamBegan, string>()
  const rungs: number[] = []
  const watch = scriptedEvents<StreamJudged, never, { rate: number | undefined; failures: number }>()
  let release = () => {}
  const errors: unknown[] = []
  let fault: string | undefined
  let faults = 0
  const camera = createActor(
    cameraMachine.provide({
      actors: {
        frameStream: stream.logic,
        frameWatch: watch.logic,
        streamReleased: fromPromise(() => new Promise<void>((resolve) => (release = resolve))),
      },
      delays: {
        reconnectDelay: ({ context }) => {
          rungs.push(context.rung)
          return context.rung === 0 ? 1000 : 5000
        },
      },
    }),
    {
      clock,
      input: {
        ...{ cameraId: dock, connectTimeout: seconds(15), lastFault: () => fault, noPictureAdvice: 'Look' },
        ...(isRecording && { undecodable: () => faults }),
      },
    },
  )
  camera.subscribe({ error: (error) => errors.push(error) })
  camera.start()
  return {
    camera,
    clock,
    stream,
    rungs,
    errors,
    watch,
    failToDecode: (detail: string, count = faults + 1) => {
      fault = detail
      faults = count
    },
    release: async () => {
      release()
      await settle()
    },
    state: () => camera.getSnapshot().value,
    why: () => camera.getSnapshot().context.why,
    begin: () => stream.tell({ type: 'stream.began', rate: 25 }),
  }
}

const connecting = { online: 'connecting' }
const streaming = { online: { open: 'streaming' } }
const lost = new StreamLostError(dock, 'ffmpeg ended with 0')

describe('a camera that answers', () => {
  it('connects first and streams with its first picture', async () => {
    const { state, begin, why } = startCamera()
    expect(state()).toEqual(connecting)
    await begin()
    expect(state()).toEqual(streaming)
    expect(why()).toBe('pictures arrive')
  })

  it('says what it does otherwise than it was asked to', async () => {
    const { stream, why } = startCamera()
    await stream.tell({ type: 'stream.began', rate: 5, remark: 'It was asked for 30' })
    expect(why()).toBe('pictures arrive. It was asked for 30')
  })

  it('says it again after a gap, and no more in a connection in which it does as it was asked', async () => {
    const { stream, watch, why, clock, begin } = startCamera()
    await stream.tell({ type: 'stream.began', rate: 5, remark: 'It was asked for 30' })
    await watch.tell({ type: 'stream.stale', why: 'no picture for 1.0 s' })
    await watch.tell({ type: 'stream.fresh', why: 'pictures arrive' })
    expect(why()).toBe('pictures arrive. It was asked for 30')
    await stream.fail(lost)
    await clock.advanceAsync(seconds(5))
    await begin()
    await watch.tell({ type: 'stream.stale', why: 'no picture for 1.0 s' })
    await watch.tell({ type: 'stream.fresh', why: 'pictures arrive' })
    expect(why()).toBe('pictures arrive')
  })

  it('is finished when its file has been read to the end, and stays so until it is drained', async () => {
    const { camera, state, why, begin, stream, release } = startCamera()
    await begin()
    await stream.end('the file was read to its end; ffmpeg complained: partial file')
    expect(state()).toBe('finished')
    expect(why()).toBe('the file was read to its end; ffmpeg complained: partial file')
    camera.send({ type: 'drain' })
    expect(state()).toBe('draining')
    await release()
    expect(camera.getSnapshot().output).toEqual({ drained: true })
  })
})

describe('a camera whose stream is lost', () => {
  it.each([
    { streamed: seconds(30), rung: 0 },
    { streamed: milliseconds(29_999), rung: 1 },
  ])('waits on rung $rung of the ladder when it had streamed for $streamed ms', async ({ streamed, rung }) => {
    const { clock, begin, stream, state, why, rungs } = startCamera()
    await begin()
    await clock.advanceAsync(streamed)
    await stream.fail(lost)
    expect(state()).toBe('backingOff')
    expect(why()).toBe('Camera dock-1 stopped sending: ffmpeg ended with 0')
    expect(rungs).toEqual([rung])
  })

  it('climbs a rung with each failure and begins anew once it has been steady', async () => {
    const { clock, begin, stream, rungs } = startCamera()
    for (let failure = 0; failure < 3; failure++) {
      await stream.fail(lost)
      await clock.advanceAsync(5000)
    }
    await begin()
    await clock.advanceAsync(seconds(31))
    await stream.fail(lost)
    expect(rungs).toEqual([1, 2, 3, 0])
  })

  it('has its next stream watched with what failed before in mind', async () => {
    const { clock, begin, stream, watch } = startCamera()
    await stream.fail(lost)
    await clock.advanceAsync(5000)
    await begin()
    expect(watch.input).toEqual({ rate: 25, failures: 1 })
    await clock.advanceAsync(seconds(31))
    await stream.fail(lost)
    await clock.advanceAsync(5000)
    await begin()
    expect(watch.input).toEqual({ rate: 25, failures: 0 })
  })

  it('connects again when the wait is over, not before', async () => {
    const { clock, begin, stream, state } = startCamera()
    await begin()
    await stream.fail(lost)
    await clock.advanceAsync(4999)
    expect(state()).toBe('backingOff')
    await clock.advanceAsync(1)
    expect(state()).toEqual(connecting)
    expect(stream.starts).toBe(2)
  })

  it('lets go of a stream that is open but silent', async () => {
    const { begin, watch, state, stream, why } = startCamera()
    await begin()
    await watch.fail(new StreamStalledError(dock, seconds(2)))
    expect(state()).toBe('backingOff')
    expect(stream.running).toBe(false)
    expect(why()).toBe('Camera dock-1 is connected but has sent no picture for 2 s')
  })
})

describe('a stream that is open and not as it should be', () => {
  it.each([
    { type: 'stream.stale', state: 'stale', why: 'no picture for 1.0 s' },
    { type: 'stream.frozen', state: 'frozen', why: 'every picture has been the same for 30 s' },
    { type: 'stream.degraded', state: 'degraded', why: '9.0 pictures a second arrive, of 25 that were announced' },
  ] as const)('is $state, with its reason, until it is well again', async ({ type, state: worse, why: reason }) => {
    const { begin, watch, state, why, stream } = startCamera()
    await begin()
    await watch.tell({ type, why: reason })
    expect(state()).toEqual({ online: { open: worse } })
    expect(why()).toBe(reason)
    await watch.tell({ type: 'stream.fresh', why: 'pictures arrive' })
    expect(state()).toEqual(streaming)
    expect({ streams: stream.starts, watches: watch.starts }).toEqual({ streams: 1, watches: 1 })
  })

  it('is steady all the same: its loss is tried again at once', async () => {
    const { begin, watch, clock, stream, rungs } = startCamera()
    await begin()
    await clock.advanceAsync(seconds(20))
    await watch.tell({ type: 'stream.frozen', why: 'every picture has been the same for 20 s' })
    await clock.advanceAsync(seconds(10))
    await stream.fail(lost)
    expect(rungs).toEqual([0])
  })

  it('ends like any other when it is lost', async () => {
    const { begin, watch, state } = startCamera()
    await begin()
    await watch.tell({ type: 'stream.stale', why: 'no picture for 1.0 s' })
    await watch.fail(new StreamStalledError(dock, seconds(2)))
    expect(state()).toBe('backingOff')
    expect(watch.running).toBe(false)
  })
})

describe('a camera that cannot be had', () => {
  it('says what the camera said', async () => {
    const { stream, state, why } = startCamera()
    await stream.fail(new CameraAuthenticationError(dock, '401 Unauthorized'))
    expect(state()).toBe('backingOff')
    expect(why()).toBe('Camera dock-1 refuses the user name or password: 401 Unauthorized')
  })

  it('gives a connection without a picture up after its time, not before', async () => {
    const { clock, state, stream, why } = startCamera()
    await clock.advanceAsync(14_999)
    expect(state()).toEqual(connecting)
    await clock.advanceAsync(1)
    expect(state()).toBe('backingOff')
    expect(stream.running).toBe(false)
    expect(why()).toBe('Camera dock-1 has sent no picture within 15 s. Look')
  })

  it('says what its decoder failed at last, if it did', async () => {
    const { clock, failToDecode, why } = startCamera()
    failToDecode('no frame (missing picture in access unit)')
    await clock.advanceAsync(seconds(15))
    expect(why()).toBe(
      'Camera dock-1 has sent no picture within 15 s; the decoder said last: no frame (missing picture in access unit). Look',
    )
  })

  it('is waited for on and on while it is a recording of which more and more cannot be decoded', async () => {
    const { clock, stream, failToDecode, state, why } = startCamera({ isRecording: true })
    for (let wait = 0; wait < 4; wait++) {
      failToDecode('no frame')
      await clock.advanceAsync(seconds(15))
      expect(state()).toEqual(connecting)
      expect(stream.running).toBe(true)
    }
    await clock.advanceAsync(seconds(15) - 1)
    expect(state()).toEqual(connecting)
    await clock.advanceAsync(1)
    expect(state()).toBe('backingOff')
    expect(why()).toBe('Camera dock-1 has sent no picture within 15 s; the decoder said last: no frame. Look')
    // The next connection has failed at nothing yet.
    failToDecode('no frame', 1)
    await clock.advanceAsync(seconds(5) + seconds(15))
    expect(state()).toEqual(connecting)
  })

  it('fails on an error that nobody expects, so that its supervisor decides', async () => {
    const { camera, stream, errors } = startCamera()
    const bug = new TypeError('slot is undefined')
    await stream.fail(bug)
    expect(camera.getSnapshot().status).toBe('error')
    expect(errors).toEqual([bug])
  })
})

describe('a camera that an operator pauses', () => {
  it.each([
    ['connecting', async (_: ReturnType<typeof startCamera>) => {}],
    ['streaming', ({ begin }: ReturnType<typeof startCamera>) => begin()],
    ['backing off', ({ stream }: ReturnType<typeof startCamera>) => stream.fail(lost)],
  ])('lets go of its stream and stays without one, while %s', async (_, arrive) => {
    const { camera, state, why, stream, clock, ...rest } = startCamera()
    await arrive({ camera, state, why, stream, clock, ...rest })
    camera.send({ type: 'camera.pause' })
    expect([state(), why()]).toEqual(['paused', 'paused by an operator'])
    expect(stream.running).toBe(false)
    await clock.advanceAsync(seconds(3600))
    expect(state()).toBe('paused')
    expect(clock.pending).toBe(0)
  })

  it('connects at once when it is resumed, at the foot of the ladder', async () => {
    const { camera, state, stream, clock, rungs } = startCamera()
    for (let failure = 0; failure < 3; failure++) {
      await stream.fail(lost)
      await clock.advanceAsync(5000)
    }
    camera.send({ type: 'camera.pause' })
    camera.send({ type: 'camera.resume' })
    await clock.advanceAsync(0)
    expect(state()).toEqual(connecting)
    await stream.fail(lost)
    expect(rungs).toEqual([1, 2, 3, 1])
  })

  it('drains', async () => {
    const { camera, release } = startCamera()
    camera.send({ type: 'camera.pause' })
    camera.send({ type: 'drain' })
    await release()
    expect(camera.getSnapshot().output).toEqual({ drained: true })
  })

  it('is not paused once its file has been read to the end, nor resumed while it runs', async () => {
    const { camera, begin, stream } = startCamera()
    expect(camera.getSnapshot().can({ type: 'camera.resume' })).toBe(false)
    await begin()
    await stream.end('the file was read to its end')
    expect(camera.getSnapshot().can({ type: 'camera.pause' })).toBe(false)
  })
})

describe('a camera that is told to drain', () => {
  it.each([
    ['connecting', async (_: ReturnType<typeof startCamera>) => {}],
    ['streaming', ({ begin }: ReturnType<typeof startCamera>) => begin()],
    ['backing off', ({ stream }: ReturnType<typeof startCamera>) => stream.fail(lost)],
  ])('ends when nothing of its stream is left, while %s', async (_, arrive) => {
    const started = startCamera()
    await arrive(started)
    started.camera.send({ type: 'drain' })
    expect(started.state()).toBe('draining')
    expect(started.why()).toBe('asked to drain')
    expect(started.stream.running).toBe(false)
    started.camera.send({ type: 'drain' })
    expect(started.state()).toBe('draining')
    await started.release()
    expect(started.camera.getSnapshot().output).toEqual({ drained: true })
    expect(started.clock.pending).toBe(0)
  })
})
