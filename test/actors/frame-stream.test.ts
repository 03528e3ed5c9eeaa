import { createActor, setup } from 'xstate'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createFrameStream } from '../../src/actors/frame-stream.ts'
import { Loose } from '../../src/actors/loose.ts'
import { cameraId } from '../../src/domain/ids.ts'
import type { StreamBegan } from '../../src/machines/camera-machine.ts'
import type { VideoSource } from '../../src/ports/video-source.ts'
import { MemoryFrameSink } from '../fakes/memory-frame-sink.ts'
import { settle } from '../fakes/virtual-clock.ts'

/** The rate that is told of a camera that announces so many pictures a second. */
async function toldRate(announced: number | undefined, skips: { every?: number; maxRate: number | undefined }) {
  const size = { width: 8, height: 4 }
  const source: VideoSource = {
    open: () => Promise.resolve({ rate: announced, sourceSize: size, ended: new Promise(() => undefined) }),
    released: () => Promise.resolve(),
  }
  const sink = Object.assign(new MemoryFrameSink(size), { beginStream: () => undefined, endStream: () => undefined })
  const options = { cameraId: cameraId('dock-1'), source, sink, loose: new Loose(), ...skips }
  const told: StreamBegan[] = []
  const stream = createActor(
    setup({ actors: { stream: createFrameStream(options) }, types: {} as { events: StreamBegan } }).createMachine({
      invoke: { src: 'stream' },
      on: { 'stream.began': { actions: ({ event }) => void told.push(event) } },
    }),
  )
  onTestFinished(() => void stream.stop())
  stream.start()
  await settle()
  expect(told).toHaveLength(1)
  return told[0]?.rate
}

describe('a stream that has begun', () => {
  it.each([
    { announced: 25, every: undefined, fps: undefined, rate: 25 },
    { announced: 30, every: 5, fps: undefined, rate: 6 },
    { announced: 30, every: undefined, fps: 10, rate: 10 },
    { announced: 30, every: 5, fps: 10, rate: 6 },
    { announced: 30, every: 2, fps: 10, rate: 10 },
    { announced: undefined, every: 2, fps: 10, rate: undefined },
  ])(
    'of $announced pictures a second is told to have $rate with every $every and fps $fps',
    async ({ announced, every, fps, rate }) => {
      expect(await toldRate(announced, { ...(every !== undefined && { every }), maxRate: fps })).toBe(rate)
    },
  )
})
