import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { createSyntheticSource } from '../../../src/adapters/video/synthetic-source.ts'
import { bytesPerPicture } from '../../../src/domain/frame.ts'
import { CameraCropError } from '../../../src/domain/camera-errors.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import { createBelt } from '../../../src/workers/belt/scene.ts'
import { MemoryFrameSink } from '../../fakes/memory-frame-sink.ts'
import { VirtualClock } from '../../fakes/virtual-clock.ts'

const size = { width: 160, height: 120 }
const seed = 7
const rate = 10

/** What the belt looks like at frame `number`. */
function frame(number: number): Uint8Array {
  const pixels = new Uint8Array(bytesPerPicture(size))
  createBelt({ seed, rate, ...size }).draw(number, pixels)
  return pixels
}

/** Without a list of all pixels where it isn't. */
const isFrame = (picture: Uint8Array | undefined, number: number): boolean =>
  Buffer.compare(picture ?? new Uint8Array(), frame(number)) === 0

function start(sink: MemoryFrameSink, skips: { every?: number; fps?: number } = {}) {
  const clock = new VirtualClock()
  const source = createSyntheticSource({ cameraId: cameraId('belt-1'), seed, rate, clock, ...skips })
  const abort = new AbortController()
  const stop = async () => {
    abort.abort()
    await source.released()
  }
  return { clock, source, stop, opened: source.open(sink, abort.signal), abort }
}

describe('a synthetic belt', () => {
  it('is drawn frame by frame, each at its moment', async () => {
    const sink = new MemoryFrameSink(size)
    const { clock, opened, stop } = start(sink)
    const stream = await opened
    expect({ rate: stream.rate, sourceSize: stream.sourceSize }).toEqual({ rate, sourceSize: size })
    for (let number = 1; number < 4; number++) {
      await clock.advanceAsync(99)
      expect(sink.events).toHaveLength(number)
      await clock.advanceAsync(1)
      await sink.until(() => sink.events.length > number)
    }
    expect(sink.pictures.map((picture) => Buffer.from(picture))).toEqual(
      [0, 1, 2, 3].map((each) => Buffer.from(frame(each))),
    )
    await stop()
    expect(await stream.ended).toEqual({ kind: 'lost', detail: 'stopped' })
    expect(clock.pending).toBe(0)
  })

  it('runs on while nobody draws it: frames that are long past are skipped', async () => {
    const sink = new MemoryFrameSink(size)
    const { clock, opened, stop } = start(sink)
    await opened
    await clock.advanceAsync(100) // frame 1 is asked for, and before it is there
    clock.advance(750) // frames 2 to 7 are due, and frame 8 almost
    await sink.until(() => sink.pictures.length === 2)
    await clock.advanceAsync(0)
    await sink.until(() => sink.pictures.length === 3)
    expect(sink.pictures[2]).toEqual(frame(8))
    await stop()
  })

  it('misses frames while there is no slot', async () => {
    const sink = new MemoryFrameSink(size, { slots: 1, freesAtOnce: false })
    const { clock, opened, stop } = start(sink)
    await opened
    await clock.advanceAsync(100)
    await clock.advanceAsync(100)
    expect(sink.events.map((event) => event.type)).toEqual(['picture', 'missed', 'missed'])
    sink.free()
    await clock.advanceAsync(100)
    await sink.until(() => sink.pictures.length === 2)
    expect(sink.pictures[1]).toEqual(frame(3))
    await stop()
  })

  it('waits for a slot where nothing may be lost', async () => {
    const sink = new MemoryFrameSink(size, { slots: 1, freesAtOnce: false, lossless: true })
    const { clock, opened, stop } = start(sink)
    await opened
    await clock.advanceAsync(1000)
    expect(sink.events).toHaveLength(1)
    sink.free()
    await sink.until(() => sink.pictures.length === 2)
    expect(sink.pictures[1]).toEqual(frame(1))
    await stop()
    expect(sink.count('missed')).toBe(0)
  })
})

describe('a synthetic belt of which not all frames are wanted', () => {
  it.each([
    { skips: { every: 3 }, numbers: [0, 3, 6] },
    { skips: { fps: 7.5 }, numbers: [0, 1, 2, 4] },
    { skips: { every: 2, fps: 2.5 }, numbers: [0, 4, 8] },
  ])('draws $numbers, each at its moment, with $skips', async ({ skips, numbers }) => {
    const sink = new MemoryFrameSink(size)
    const { clock, opened, stop } = start(sink, skips)
    // What it declares is the belt's own rate, as a camera does.
    expect((await opened).rate).toBe(rate)
    for (const [index, number] of numbers.entries()) {
      if (index > 0) {
        await clock.advanceAsync((number - (numbers[index - 1] ?? 0)) * 100 - 1)
        expect(sink.pictures).toHaveLength(index)
        await clock.advanceAsync(1)
      }
      await sink.until(() => sink.pictures.length > index)
      expect(isFrame(sink.pictures[index], number)).toBe(true)
    }
    await stop()
  })

  it('has its next frame on time after some that are long past', async () => {
    const sink = new MemoryFrameSink(size)
    const { clock, opened, stop } = start(sink, { every: 3 })
    await opened
    await clock.advanceAsync(300) // frame 3 is asked for, and before it is there
    clock.advance(450) // frame 6 is past, and frame 7 is due
    await sink.until(() => sink.pictures.length === 2)
    await clock.advanceAsync(149)
    expect(sink.pictures).toHaveLength(2)
    await clock.advanceAsync(1)
    await sink.until(() => sink.pictures.length === 3)
    expect(isFrame(sink.pictures[2], 9)).toBe(true)
    await stop()
  })
})

describe('a synthetic belt that is aborted', () => {
  it('gives back the slot that was being drawn, and only then is gone', async () => {
    const sink = new MemoryFrameSink(size)
    const { clock, opened, stop, source } = start(sink)
    await opened
    await clock.advanceAsync(100)
    expect(sink.taken).toBe(1)
    await stop()
    expect(sink.taken).toBe(0)
    const again = new AbortController()
    const open = source.open(sink, again.signal)
    await open
    again.abort()
    await source.released()
  })

  it('rejects with the reason while it is being opened', async () => {
    const { abort, opened, source } = start(new MemoryFrameSink(size))
    abort.abort(new Error('enough'))
    await expect(opened).rejects.toThrow('enough')
    await source.released()
  })

  it('leaves no thread, however often', async () => {
    const source = createSyntheticSource({ cameraId: cameraId('belt-1'), seed, rate: 1000, clock: systemClock })
    for (let round = 0; round < 5; round++) {
      const abort = new AbortController()
      const stream = await source.open(new MemoryFrameSink(size), abort.signal)
      abort.abort()
      expect(await stream.ended).toEqual({ kind: 'lost', detail: 'stopped' })
      await source.released()
    }
    expect(process.getActiveResourcesInfo().filter((name) => name === 'MessagePort' || name === 'Worker')).toEqual([])
  })
})

describe('a synthetic belt of which a part is looked at', () => {
  const source = (crop: { x: number; y: number; width: number; height: number }) =>
    createSyntheticSource({ cameraId: cameraId('belt-1'), seed, rate, crop, clock: new VirtualClock() })

  it('gives that part at the size of the whole, between grey bars', async () => {
    const sink = new MemoryFrameSink(size)
    const abort = new AbortController()
    const part = source({ x: 40, y: 20, width: 60, height: 60 })
    const stream = await part.open(sink, abort.signal)
    expect(stream.sourceSize).toEqual(size)
    const [picture = new Uint8Array()] = sink.pictures
    const whole = frame(0)
    // 60x60 are twice as large in 160x120, at x 20 to 140.
    const at = (x: number, y: number) => picture[y * size.width + x]
    expect([at(0, 0), at(19, 60), at(140, 60)]).toEqual([114, 114, 114])
    for (const [x, y] of [
      [20, 0],
      [139, 119],
      [80, 61],
    ] as const) {
      expect(at(x, y)).toBe(whole[(20 + Math.floor(y / 2)) * size.width + 40 + Math.floor((x - 20) / 2)])
    }
    abort.abort()
    await part.released()
  })

  it('cannot be opened where that part reaches beyond it', async () => {
    const part = { x: 101, y: 20, width: 60, height: 60 }
    await expect(source(part).open(new MemoryFrameSink(size), new AbortController().signal)).rejects.toThrow(
      new CameraCropError(cameraId('belt-1'), part, size),
    )
  })
})
