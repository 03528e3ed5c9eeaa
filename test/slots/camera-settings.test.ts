import { describe, expect, it } from 'vitest'
import { cameraId } from '../../src/domain/ids.ts'
import { lastInspected } from '../../src/slots/camera-lanes.ts'
import { milliseconds, seconds } from '../../src/domain/units.ts'
import { answer, configText, plain, runCameras } from './run-cameras.ts'

const a = cameraId('a')

/** Runs one camera with these settings beside the plain ones. */
async function runCamera(settings: string) {
  const cameras = await runCameras(configText({ a: `${plain}, ${settings}` }))
  await cameras.start()
  return cameras
}

/** A picture every 100 ms, all of them the same, for so long. */
async function sendFor(cameras: Awaited<ReturnType<typeof runCamera>>, time: number): Promise<void> {
  for (let sent = 0; sent < time; sent += 100) {
    await cameras.clock.advanceAsync(milliseconds(100))
    cameras.source('a').send()
  }
}

describe('a camera with a motion gate', () => {
  it('costs no inference while its belt stands still', async () => {
    const cameras = await runCamera('motionGate: 5')
    await answer(cameras.take())
    await sendFor(cameras, seconds(2))
    expect(cameras.stage.scheduler.waiting).toBe(0)
    expect(cameras.frames('a')).toMatchObject({ captured: 21, inspected: 1, dropped: { unchanged: 20 } })
  })

  it('has every frame inspected where it is off', async () => {
    const cameras = await runCamera('motionGate: off')
    await answer(cameras.take())
    cameras.source('a').send()
    expect(cameras.stage.scheduler.waiting).toBe(1)
  })
})

describe('what a camera has to show', () => {
  it('is its last inspected frame, and where there is no such camera that is said', async () => {
    const cameras = await runCamera('motionGate: off')
    expect(lastInspected(cameras.stage, 'a')).toBe('none')
    expect(lastInspected(cameras.stage, 'nobody')).toBe('unknown')
    await answer(cameras.take())
    expect(lastInspected(cameras.stage, 'a')).toMatchObject({ inspection: { frame: { cameraId: 'a', number: 0 } } })
  })
})

describe('what a camera is configured for', () => {
  it('is what the models are told', async () => {
    const cameras = await runCamera('fit: stretch, crop: { x: 1, y: 2, width: 16, height: 17 }')
    expect(cameras.take().task).toMatchObject({
      fit: 'stretch',
      crop: { x: 1, y: 2, width: 16, height: 17 },
      models: [{ model: 'particles', scoreThreshold: 0.5, iouThreshold: 0.45 }],
      picture: { size: { width: 32, height: 16 } },
    })
  })

  it.each([
    { settings: 'priority: 7', priority: 7 },
    { settings: 'fps: all', priority: 5 },
  ])('is its share of inference: $settings', async ({ settings, priority }) => {
    const { stage } = await runCamera(settings)
    expect(stage.lanes.get(a)?.lane.priority).toBe(priority)
  })

  it.each([
    { lossless: true, waiting: 2 },
    { lossless: false, waiting: 1 },
  ])('is whether frames may be lost: $lossless', async ({ lossless, waiting }) => {
    const recording = `{ type: file, path: /a.mp4, lossless: ${lossless} }`
    const text = configText({ a: plain }).replace(/\{ type: rtsp, [^}]*\}/, recording)
    const cameras = await runCameras(text)
    await cameras.start()
    cameras.source('a').send()
    expect(cameras.stage.scheduler.waiting).toBe(waiting)
  })
})

describe('what a camera is watched by', () => {
  const streaming = { online: { open: 'streaming' } }

  it.each([
    { settings: 'frozenAfter: 3s', after: { online: { open: 'frozen' } } },
    { settings: 'frozenAfter: off', after: streaming },
    { settings: 'frozenAfter: 30s', after: streaming },
  ])('is $settings, where pictures are the same for 4 s', async ({ settings, after }) => {
    const cameras = await runCamera(settings)
    await sendFor(cameras, seconds(4))
    expect(cameras.saying('a').state).toEqual(after)
  })

  it.each([
    { settings: 'fps: all', after: 'backingOff' },
    { settings: 'stallAfter: 4s', after: { online: { open: 'stale' } } },
    // Of a camera that doesn't say its rate, so many pictures are supposed.
    { settings: 'every: 30', after: streaming },
    { settings: 'fps: 0.1', after: streaming },
  ])('is $settings, where it has been silent for 3 s', async ({ settings, after }) => {
    const cameras = await runCamera(settings)
    await cameras.clock.advanceAsync(seconds(3))
    expect(cameras.saying('a').state).toEqual(after)
  })
  it.each([
    { source: "{ type: rtsp, url: 'rtsp://10.0.0.5/a' }", after: 'backingOff' },
    { source: '{ type: device, path: /dev/video0 }', after: 'backingOff' },
    { source: '{ type: synthetic, seed: 1 }', after: 'backingOff' },
    { source: '{ type: file, path: /a.mp4 }', after: { online: { open: 'stale' } } },
    { source: "{ type: http, url: 'http://10.0.0.6/a.mp4' }", after: { online: { open: 'stale' } } },
  ])('knows a recording, whose silence is no loss: $source', async ({ source, after }) => {
    const cameras = await runCameras(configText({ a: plain }).replace(/\{ type: rtsp, [^}]*\}/, source))
    await cameras.start()
    await cameras.clock.advanceAsync(seconds(3))
    expect(cameras.saying('a').state).toEqual(after)
  })
})
