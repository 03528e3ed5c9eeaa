import { describe, expect, it } from 'vitest'
import { bytesPerPicture } from '../../src/domain/frame.ts'
import type { SharedPicture } from '../../src/domain/inference-task.ts'
import { milliseconds } from '../../src/domain/units.ts'
import type { InferenceJob } from '../../src/frame-path/inference-job.ts'
import type { CameraLane } from '../../src/frame-path/camera-lane.ts'
import { settle } from '../fakes/virtual-clock.ts'
import { memoryTaken } from '../support/memory-taken.ts'
import { fillSlot, nothingDropped, nothingFailed, sourceSize, startLane } from './support.ts'

const attached = (options: Parameters<typeof startLane>[0] = {}) => {
  const started = startLane(options)
  let notices = 0
  started.lane.attach(() => notices++)
  return { ...started, notices: () => notices }
}

const take = (lane: { take(): InferenceJob | undefined }): InferenceJob => {
  const job = lane.take()
  if (job === undefined) throw new Error('No frame can be taken')
  return job
}

const answer = (job: InferenceJob) =>
  job.answered({ findings: [{ kind: 'detect', model: 'bolts', detections: [] }], elapsed: milliseconds(1) })

const firstByte = ({ buffer, byteOffset }: SharedPicture) => new Uint8Array(buffer, byteOffset)[0]

describe('a live camera', () => {
  it('has its newest frame wait, and drops the one before it', () => {
    const { lane, capture } = attached()
    for (const fill of [10, 11, 12]) capture(fill)
    const job = take(lane)
    expect(job.frame).toEqual({ cameraId: 'dock-1', epoch: 1, number: 2, capturedAt: Date.UTC(2026, 0, 1) })
    expect(firstByte(job.task.picture)).toBe(12)
    expect(job.task).toMatchObject({ sourceSize, fit: 'letterbox', previous: undefined })
    expect(lane.take()).toBeUndefined()
    expect(lane.stats.counts).toEqual({
      captured: 3,
      inspected: 0,
      dropped: { ...nothingDropped, superseded: 2 },
      failed: nothingFailed,
      inFlight: 1,
    })
  })

  it('has a slot to fill, one to wait, one for each worker, one to be shown and one to be made a preview of; what finds none is dropped(no-slot)', async () => {
    const { lane, capture } = attached({ workers: 2 })
    capture()
    await answer(take(lane))
    lane.lastInspected?.hold()
    capture()
    await answer(take(lane))
    capture()
    take(lane)
    capture()
    take(lane)
    capture()
    const filling = lane.reserve()
    expect(filling).toBeDefined()
    expect(capture()).toBe(false)
    expect(lane.stats.counts).toMatchObject({ captured: 6, dropped: { ...nothingDropped, 'no-slot': 1 } })
  })

  it('has one waiting where a frame is given back: the newer one', async () => {
    const { lane, clock, capture } = attached()
    capture()
    const first = take(lane)
    clock.advance(1)
    capture()
    const second = take(lane)
    first.giveBack()
    second.giveBack()
    expect(lane.takeable).toBe(1)
    const newer = take(lane)
    expect(newer.frame.number).toBe(1)
    clock.advance(1)
    capture()
    newer.giveBack()
    expect(lane.takeable).toBe(1)
    await answer(take(lane))
    await settle()
    expect(lane.lastInspected?.inspection.frame.number).toBe(2)
    expect(lane.stats.counts).toMatchObject({
      inspected: 1,
      dropped: { ...nothingDropped, superseded: 2 },
      inFlight: 0,
    })
  })

  it('has its workers read the very memory that its source has filled', () => {
    const { lane, clock } = attached()
    const slot = lane.reserve()
    if (slot === undefined) throw new Error('No slot is free')
    lane.commit(slot, clock.now())
    const { buffer, byteOffset } = take(lane).task.picture
    expect(buffer).toBe(slot.bytes.buffer)
    expect(byteOffset).toBe(slot.bytes.byteOffset)
  })

  it('counts a missed frame in the numbers of its frames', () => {
    const { lane, clock, capture } = attached()
    capture()
    lane.missed(clock.now())
    capture()
    expect(take(lane).frame.number).toBe(2)
  })

  it('counts each frame once, inspected or failed', async () => {
    const { lane, capture } = attached()
    capture()
    await answer(take(lane))
    capture()
    await take(lane).failed('timeout')
    expect(lane.stats.counts).toEqual({
      captured: 2,
      inspected: 1,
      dropped: nothingDropped,
      failed: { ...nothingFailed, timeout: 1 },
      inFlight: 0,
    })
  })

  it('hands its answers on in the order of its frames, and a failed one holds up nobody', async () => {
    const { lane, capture, recorder } = attached({ workers: 3 })
    const jobs = [0, 1, 2].map(() => {
      capture()
      return take(lane)
    })
    const [first, second, third] = jobs as [InferenceJob, InferenceJob, InferenceJob]
    void answer(third)
    void second.failed('inference-error')
    await settle()
    expect(recorder.frames).toEqual([])
    await answer(first)
    await settle()
    expect(recorder.frames).toEqual([0, 2])
  })

  it('frees the slots of frames whose answers wait for an earlier one', () => {
    const { lane, capture } = attached({ workers: 2 })
    capture()
    take(lane) // hangs
    for (let frame = 0; frame < 255; frame++) {
      capture()
      void answer(take(lane))
    }
    expect(lane.stats.counts).toMatchObject({ inspected: 255, dropped: nothingDropped })
    // 256 are out of order now: no more until the first is settled.
    capture()
    expect(lane.takeable).toBe(0)
    expect(lane.take()).toBeUndefined()
  })

  it('takes frames again when the one that held up the others is settled', async () => {
    const { lane, capture, notices } = attached()
    capture()
    const hanging = take(lane)
    for (let frame = 0; frame < 255; frame++) {
      capture()
      void answer(take(lane))
    }
    capture()
    const before = notices()
    await hanging.failed('timeout')
    expect(lane.takeable).toBe(1)
    expect(notices()).toBeGreaterThan(before)
  })
})

describe('a lossless camera', () => {
  it('has two of its frames wait, and its source wait until one of them is taken', async () => {
    const { lane, capture } = attached({ policy: 'wait', workers: 2 })
    expect([capture(), capture()]).toEqual([true, true])
    expect(lane.lossless).toBe(true)
    expect(lane.reserve()).toBeUndefined()
    let room = false
    void lane.room(new AbortController().signal).then(() => (room = true))
    await settle()
    expect(room).toBe(false)
    const job = take(lane)
    await settle()
    expect(room).toBe(true)
    expect(capture()).toBe(true)
    expect([job, take(lane), take(lane)].map(({ frame }) => frame.number)).toEqual([0, 1, 2])
    expect(lane.stats.counts).toMatchObject({ captured: 3, dropped: nothingDropped, inFlight: 3 })
  })

  it('has its source wait for a slot while all are held, though none of its frames waits', async () => {
    const { lane, capture } = attached({ policy: 'wait', workers: 2 })
    const jobs = Array.from({ length: 8 }, () => {
      expect(capture()).toBe(true)
      return take(lane)
    })
    expect(lane.reserve()).toBeUndefined()
    let room = false
    void lane.room(new AbortController().signal).then(() => (room = true))
    // The first stays to be shown until the second is.
    await answer(jobs[0] as InferenceJob)
    await settle()
    expect(room).toBe(false)
    await answer(jobs[1] as InferenceJob)
    await settle()
    expect(room).toBe(true)
    expect(lane.stats.counts).toMatchObject({ captured: 8, inspected: 2, dropped: nothingDropped, inFlight: 6 })
  })

  it('is held back while two of its frames wait, or no slot is free; a live camera never is', async () => {
    const { lane, capture } = attached({ policy: 'wait', workers: 1 })
    capture()
    expect(lane.isHeldBack).toBe(false)
    capture()
    expect(lane.isHeldBack).toBe(true)
    const jobs = [take(lane), take(lane)]
    expect(lane.isHeldBack).toBe(false)
    for (let frame = 2; frame < 6; frame++) {
      expect(lane.isHeldBack).toBe(false)
      capture()
      jobs.push(take(lane))
    }
    expect(lane.isHeldBack).toBe(true)
    for (const job of jobs.slice(0, 2)) await answer(job)
    expect(lane.isHeldBack).toBe(false)
    const live = attached({ policy: 'latest', workers: 1 })
    while (live.lane.reserve() !== undefined);
    expect(live.lane.isHeldBack).toBe(false)
  })

  it('is not held back while its source has a slot to fill, though it be the last', () => {
    const { lane, capture } = attached({ policy: 'wait', workers: 1 })
    for (let frame = 0; frame < 5; frame++) {
      capture()
      take(lane)
    }
    expect(lane.reserve()).toBeDefined()
    expect(lane.reserve()).toBeUndefined()
    expect(lane.isHeldBack).toBe(false)
  })

  it('keeps the slot until the rows are accepted', async () => {
    const { lane, capture, recorder } = attached({ policy: 'wait', workers: 1 })
    recorder.holding = true
    const jobs = Array.from({ length: 6 }, () => {
      capture()
      return take(lane)
    })
    for (const job of jobs.slice(0, 2)) void answer(job)
    await settle()
    expect(lane.stats.counts.inspected).toBe(2)
    expect(lane.reserve()).toBeUndefined()
    recorder.held[0]?.()
    await settle()
    expect(recorder.frames).toEqual([0])
    expect(lane.reserve()).toBeDefined()
  })

  it('has a frame that was given back wait before all others, and its rows leave in its place', async () => {
    const { lane, capture, recorder, notices } = attached({ policy: 'wait', workers: 2 })
    for (let frame = 0; frame < 2; frame++) capture()
    const [first, second] = [take(lane), take(lane)]
    capture()
    void answer(second)
    await settle()
    expect(recorder.frames).toEqual([])
    const before = notices()
    first.giveBack()
    expect(notices()).toBe(before + 1)
    const again = take(lane)
    expect(again.frame.number).toBe(0)
    expect(again.task.picture).toEqual(first.task.picture)
    await answer(again)
    await settle()
    expect(recorder.frames).toEqual([0, 1])
    expect(lane.stats.counts).toMatchObject({ captured: 3, inspected: 2, inFlight: 1 })
  })

  it('gives a frame that was given back out again, however many answers wait for it', async () => {
    const { lane, capture, recorder } = attached({ policy: 'wait', workers: 200 })
    capture()
    const first = take(lane)
    recorder.holding = true
    for (let frame = 1; frame < 256; frame++) {
      capture()
      void answer(take(lane))
    }
    capture()
    expect(lane.take()).toBeUndefined()
    first.giveBack()
    expect(take(lane).frame.number).toBe(0)
    expect(lane.take()).toBeUndefined()
  })

  it('drops a frame that is given back once nothing more is taken of it, and holds up nothing', async () => {
    const { lane, capture, recorder } = attached({ policy: 'wait', workers: 2 })
    capture()
    capture()
    const [first, second] = [take(lane), take(lane)]
    void answer(second)
    lane.detach()
    first.giveBack()
    await settle()
    expect(recorder.frames).toEqual([1])
    expect(lane.stats.counts).toMatchObject({ inspected: 1, inFlight: 0, dropped: { ...nothingDropped, stopped: 1 } })
  })

  it('hands over at once what waits for the writer when it is cut off', async () => {
    const { lane, ledger, capture, recorder } = attached({ policy: 'wait' })
    recorder.holding = true
    capture()
    void answer(take(lane))
    await settle()
    expect(recorder.frames).toEqual([])
    ledger.cutOff()
    await settle()
    expect(recorder.frames).toEqual([0])
  })
})

describe('a camera whose model takes two frames', () => {
  it('drops the first frame of a stream, and gives each other the one before it', () => {
    const { lane, capture } = attached({ frames: 2, policy: 'wait' })
    for (const fill of [10, 11, 12]) capture(fill)
    const jobs = [take(lane), take(lane)]
    expect(jobs.map(({ task }) => [task.previous && firstByte(task.previous), firstByte(task.picture)])).toEqual([
      [10, 11],
      [11, 12],
    ])
    expect(lane.stats.counts).toMatchObject({ captured: 3, dropped: { ...nothingDropped, 'no-predecessor': 1 } })
  })

  it('keeps the predecessor of the newest frame when the frames between are superseded', () => {
    const { lane, capture } = attached({ frames: 2 })
    for (const fill of [10, 11, 12, 13]) capture(fill)
    const { task } = take(lane)
    expect([task.previous && firstByte(task.previous), firstByte(task.picture)]).toEqual([12, 13])
  })

  it('does not take a frame of one stream for the predecessor of another', () => {
    const { lane, capture } = attached({ frames: 2, policy: 'wait' })
    for (const fill of [10, 11]) capture(fill)
    lane.endStream()
    lane.beginStream(sourceSize)
    for (const fill of [20, 21]) capture(fill)
    take(lane)
    const { task, frame } = take(lane)
    expect([task.previous && firstByte(task.previous), firstByte(task.picture)]).toEqual([20, 21])
    expect(frame.number).toBe(3)
    expect(lane.stats.counts.dropped['no-predecessor']).toBe(2)
  })

  it('has a slot more for the latest picture where a gate may have dropped it while another frame waits', async () => {
    const { lane, capture } = attached({ frames: 2, motionGate: 5, workers: 1 })
    for (const fill of [0, 0]) capture(fill)
    await answer(take(lane))
    lane.lastInspected?.hold()
    capture(100)
    await answer(take(lane))
    for (const fill of [100, 0]) capture(fill)
    const { task } = take(lane)
    expect([task.previous && firstByte(task.previous), firstByte(task.picture)]).toEqual([100, 0])
    for (const fill of [10, 20, 100]) capture(fill)
    expect(lane.stats.counts.dropped).toMatchObject({ unchanged: 2, superseded: 1, 'no-slot': 0 })
    expect(lane.reserve()).toBeDefined()
    expect(lane.reserve()).toBeUndefined()
  })

  it.each(['latest', 'wait'] as const)('gives all slots back in the end (policy %s)', async (policy) => {
    const { lane, capture } = attached({ frames: 2, policy, workers: 2 })
    for (let round = 0; round < 50; round++) {
      capture()
      capture()
      for (let job = lane.take(); job !== undefined; job = lane.take()) await answer(job)
    }
    lane.endStream()
    lane.detach()
    const slots = 8 // and the one that is shown
    expect(Array.from({ length: slots + 1 }, () => lane.reserve() !== undefined)).toEqual([
      ...Array.from({ length: slots }, () => true),
      false,
    ])
    expect(lane.stats.counts).toMatchObject({ captured: 100, inFlight: 0, dropped: { 'no-slot': 0 } })
  })
})

describe('a stream', () => {
  it('has its frames wait until the size of the camera is known', () => {
    const { lane, capture, notices } = attached({ begun: false })
    capture()
    expect(lane.take()).toBeUndefined()
    const before = notices()
    lane.beginStream(sourceSize)
    expect(notices()).toBe(before + 1)
    expect(take(lane).task.sourceSize).toEqual(sourceSize)
  })

  it('leaves its frames waiting when it ends, at the scale they were taken', () => {
    const { lane, capture } = attached()
    capture()
    lane.endStream()
    lane.beginStream({ width: 100, height: 100 })
    expect(take(lane).task.sourceSize).toEqual(sourceSize)
  })

  it('whose pictures change their size lets go of what waits: it may be of the new size', () => {
    const { lane, capture } = attached()
    capture()
    lane.resized()
    lane.endStream()
    expect(lane.take()).toBeUndefined()
    expect(lane.stats.counts).toMatchObject({ captured: 1, dropped: { ...nothingDropped, stopped: 1 }, inFlight: 0 })
  })

  it('whose pictures change their size leaves what waits of the stream before it', () => {
    const { lane, capture } = attached({ policy: 'wait' })
    capture()
    const before = take(lane)
    lane.endStream()
    lane.beginStream({ width: 100, height: 100 })
    before.giveBack()
    capture()
    lane.resized()
    expect(lane.takeable).toBe(1)
    expect(take(lane)).toMatchObject({ frame: { number: 0 }, task: { sourceSize } })
  })

  it('takes with it, if it never began, the frames whose scale nobody knows', () => {
    const { lane, capture } = attached({ begun: false })
    capture()
    lane.endStream()
    expect(lane.stats.counts).toMatchObject({ captured: 1, dropped: { ...nothingDropped, stopped: 1 }, inFlight: 0 })
  })

  it('does not count what its source commits after its end', () => {
    const { lane, clock } = attached()
    const late = lane.reserve()
    lane.endStream()
    lane.beginStream(sourceSize)
    if (late !== undefined) lane.commit(late, clock.now())
    expect(lane.stats.counts.captured).toBe(0)
    expect(Array.from({ length: 7 }, () => lane.reserve() !== undefined)).toEqual([
      ...Array.from({ length: 6 }, () => true),
      false,
    ])
  })
})

describe('an epoch', () => {
  it('ends the stream of the one before, if nobody else has', () => {
    const { lane, capture } = attached({ frames: 2, policy: 'wait' })
    for (const fill of [10, 11]) capture(fill)
    lane.beginEpoch(2)
    lane.beginStream(sourceSize)
    for (const fill of [20, 21]) capture(fill)
    take(lane)
    const { task } = take(lane)
    expect([task.previous && firstByte(task.previous), firstByte(task.picture)]).toEqual([20, 21])
    expect(lane.stats.counts.dropped['no-predecessor']).toBe(2)
  })

  it('numbers its frames from 0, over all its streams', () => {
    const { lane, capture } = attached({ policy: 'wait' })
    capture()
    lane.endStream()
    lane.beginStream(sourceSize)
    capture()
    const first = take(lane)
    lane.beginEpoch(2)
    lane.beginStream(sourceSize)
    capture()
    expect([first, take(lane), take(lane)].map(({ frame }) => [frame.epoch, frame.number])).toEqual([
      [1, 0],
      [1, 1],
      [2, 0],
    ])
  })

  it('never starts its numbers again, and never comes again', () => {
    const { lane, capture } = attached({ policy: 'wait' })
    capture()
    lane.beginEpoch(1)
    lane.beginStream(sourceSize)
    capture()
    expect([take(lane), take(lane)].map(({ frame }) => frame.number)).toEqual([0, 1])
    lane.beginEpoch(2)
    expect(() => lane.beginEpoch(1)).toThrow('Epoch 1 of camera dock-1 is over: 2 runs')
  })

  it('takes back the slots that the source before it left reserved, and hears no more of them', () => {
    const { lane, clock } = attached()
    const left = lane.reserve()
    lane.beginEpoch(2)
    lane.beginStream(sourceSize)
    const slots = Array.from({ length: 6 }, () => lane.reserve())
    expect(slots.every((slot) => slot !== undefined)).toBe(true)
    if (left !== undefined) lane.commit(left, clock.now())
    if (left !== undefined) lane.abandon(left)
    expect(lane.reserve()).toBeUndefined()
    expect(lane.stats.counts.captured).toBe(0)
  })
})

describe('a lane that nobody serves', () => {
  it('drops what waits and what comes as stopped, and lets what is in a worker go on', async () => {
    const { lane, capture, recorder } = attached()
    capture()
    const job = take(lane)
    capture()
    lane.detach()
    capture()
    expect(lane.stats.counts).toMatchObject({ captured: 3, dropped: { ...nothingDropped, stopped: 2 }, inFlight: 1 })
    await answer(job)
    expect(recorder.frames).toEqual([0])
    expect(lane.stats.counts).toMatchObject({ inspected: 1, inFlight: 0 })
  })
})

describe('what a lane shows', () => {
  it('counts decode errors until a good frame or the end of the stream', () => {
    const { lane, capture, clock } = attached()
    lane.decodeFailed('bad slice')
    lane.decodeFailed('bad header')
    expect([lane.seen.decodeErrorsInARow, lane.seen.lastDecodeError]).toEqual([2, 'bad header'])
    capture()
    expect(lane.seen.decodeErrorsInARow).toBe(0)
    lane.decodeFailed('bad slice')
    lane.missed(clock.now())
    expect(lane.seen.decodeErrorsInARow).toBe(0)
    lane.decodeFailed('bad slice')
    lane.endStream()
    expect([lane.seen.decodeErrorsInARow, lane.seen.lastDecodeError]).toEqual([0, undefined])
  })

  it('counts damaged pictures of the last 5 s, never more than came, until the end of the stream', () => {
    const { lane, capture, clock } = attached()
    for (let frame = 0; frame < 10; frame++) {
      capture()
      if (frame % 4 === 0) lane.damaged()
      clock.advance(100)
    }
    expect(lane.seen.damage(clock.monotonic())).toEqual({ damaged: 3, pictures: 10 })
    for (let said = 0; said < 20; said++) lane.damaged()
    expect(lane.seen.damage(clock.monotonic())).toEqual({ damaged: 10, pictures: 10 })
    lane.endStream()
    expect(lane.seen.damage(clock.monotonic())).toEqual({ damaged: 0, pictures: 10 })
    lane.damaged()
    clock.advance(6000)
    expect(lane.seen.damage(clock.monotonic())).toEqual({ damaged: 0, pictures: 0 })
  })

  it('counts pictures that were lost among the damaged ones and among all', () => {
    const { lane, capture, clock } = attached()
    for (let frame = 0; frame < 6; frame++) capture()
    for (let said = 0; said < 20; said++) lane.damaged()
    for (let frame = 0; frame < 4; frame++) lane.lost()
    expect(lane.seen.damage(clock.monotonic())).toEqual({ damaged: 10, pictures: 10 })
    lane.endStream()
    expect(lane.seen.damage(clock.monotonic())).toEqual({ damaged: 0, pictures: 6 })
  })

  it('tells when the last frame came by the clock that never steps', () => {
    const { lane, capture, clock } = attached()
    expect(lane.seen.lastFrameAt).toBeUndefined()
    clock.advance(100)
    clock.step(-5000)
    capture()
    clock.advance(50)
    expect(lane.seen.lastFrameAt).toBe(100)
  })

  it('measures from a frame to its answer, and the rates of what was captured and inspected', async () => {
    const { lane, capture, clock } = attached()
    for (let frame = 0; frame < 20; frame++) {
      capture()
      const job = take(lane)
      clock.advance(40)
      await answer(job)
      clock.advance(60)
    }
    expect(lane.stats).toMatchObject({ captureRate: 10, latency: { p50: 40, p95: 40 } })
    expect(lane.stats.inspectedRate).toBeCloseTo(10, 0)
    expect(lane.stats.lastInspection).toMatchObject({ frame: { number: 19 }, findings: [{ model: 'bolts' }] })
  })

  it('is failing while frames have failed in the last minute, and none was inspected', async () => {
    const { lane, clock, capture } = attached()
    const fail = async (cause: Parameters<InferenceJob['failed']>[0]) => {
      capture()
      await take(lane).failed(cause)
    }
    capture()
    await answer(take(lane))
    await fail('inference-error')
    expect(lane.stats.failing).toBe(false)
    clock.advance(60_001)
    expect(lane.stats.failing).toBe(false)
    await fail('cut-off')
    expect(lane.stats.failing).toBe(false)
    await fail('timeout')
    expect(lane.stats.failing).toBe(true)
    clock.advance(60_000)
    expect(lane.stats.failing).toBe(true)
    clock.advance(1)
    expect(lane.stats.failing).toBe(false)
    await fail('worker-died')
    expect(lane.stats.failing).toBe(true)
    capture()
    await answer(take(lane))
    expect(lane.stats.failing).toBe(false)
  })

  it('frees an abandoned slot and counts no frame', () => {
    const { lane } = attached()
    const slots = Array.from({ length: 4 }, () => lane.reserve())
    for (const slot of slots) if (slot !== undefined) lane.abandon(slot)
    expect(lane.stats.counts.captured).toBe(0)
    const again = lane.reserve()
    expect(again).toBeDefined()
    if (again !== undefined) fillSlot(again, 1)
  })
})

describe('a camera whose pictures are compared', () => {
  const compared = (options: Parameters<typeof startLane>[0] = {}) => attached({ comparesPictures: true, ...options })

  it('knows since when they are all the same, to the last bit', () => {
    const { lane, clock, capture } = compared()
    capture(7)
    expect(lane.seen.unchangedSince).toBeUndefined()
    clock.advance(100)
    capture(7)
    clock.advance(100)
    capture(7)
    expect(lane.seen.unchangedSince).toBe(100)
    const slot = lane.reserve()
    if (slot === undefined) throw new Error('No slot is free')
    fillSlot(slot, 7)
    slot.bytes[slot.bytes.length - 1] = 8
    lane.commit(slot, clock.now())
    expect(lane.seen.unchangedSince).toBeUndefined()
  })

  it('compares no picture with one of the stream before', () => {
    const { lane, capture } = compared()
    capture(7)
    capture(7)
    lane.endStream()
    expect(lane.seen.unchangedSince).toBeUndefined()
    lane.beginStream(sourceSize)
    capture(7)
    expect(lane.seen.unchangedSince).toBeUndefined()
  })

  it.each([{ frames: 1 }, { frames: 2 }] as const)(
    'has as many slots for its $frames frames as others, and keeps the latest beside them',
    async ({ frames }) => {
      const { lane, capture } = compared({ workers: 2, frames })
      const jobs: InferenceJob[] = []
      for (let frame = 0; frame < 3; frame++) {
        expect(capture(frame)).toBe(true)
        jobs.push(...[lane.take()].filter((job) => job !== undefined).slice(0, 2))
      }
      expect(capture(9)).toBe(true)
      await Promise.all(jobs.map(answer))
      lane.detach()
      lane.endStream()
      const free = []
      for (let slot = lane.reserve(); slot !== undefined; slot = lane.reserve()) free.push(slot)
      expect(free).toHaveLength(frames === 1 ? 6 : 8)
    },
  )

  it('has nobody know where they are not', () => {
    const { lane, capture } = attached()
    capture(7)
    capture(7)
    expect(lane.seen.unchangedSince).toBeUndefined()
  })
})

describe('a frame on its way through a lane', () => {
  it.each(['latest', 'wait'] as const)('lies in its slot and nowhere else (policy %s)', async (policy) => {
    const size = { width: 640, height: 360 }
    const { lane, capture } = attached({ policy, size, frames: 2, comparesPictures: true, motionGate: 5 })
    capture(1)
    const way = (): Promise<void> => {
      capture(7)
      capture(200)
      return answer(take(lane))
    }
    expect(await memoryTaken(5, way)).toBeLessThan(bytesPerPicture(size) / 2)
    expect(lane.lastInspected?.size).toEqual(size)
  })
})

describe('what a lane has to show', () => {
  const bytesIn = ({ buffer, byteOffset, size }: SharedPicture) => [
    ...new Uint8Array(buffer, byteOffset, bytesPerPicture(size)),
  ]
  const bytesOf = ({ lastInspected }: CameraLane) => {
    const held = lastInspected?.hold()
    held?.release()
    return held === undefined ? [] : bytesIn(held.picture)
  }

  it('is nothing before a frame has been inspected', async () => {
    const { lane, capture } = attached()
    capture(7)
    await take(lane).failed('timeout')
    expect(lane.lastInspected).toBeUndefined()
  })

  it('is the picture that was inspected last, with what was seen in it and the scale it was taken at', async () => {
    const { lane, capture } = attached()
    capture(7)
    await answer(take(lane))
    capture(8)
    take(lane)
    expect(lane.lastInspected).toMatchObject({
      inspection: { frame: { number: 0 }, findings: [{ model: 'bolts', detections: [] }] },
      region: { x: 0, y: 0, ...sourceSize },
      size: lane.size,
      fit: 'letterbox',
    })
    expect(bytesOf(lane)).toEqual(Array.from({ length: 24 }, () => 7))
  })

  it('is the part of the camera that is looked at, and so is what the models are told', async () => {
    const crop = { x: 2, y: 1, width: 4, height: 2 }
    const { lane, capture } = attached({ crop })
    capture()
    const job = take(lane)
    await answer(job)
    expect(job.task).toMatchObject({ sourceSize, crop })
    expect(lane.lastInspected?.region).toEqual(crop)
  })

  it('stays when the stream ends and when the next epoch begins, and nothing is written over it', async () => {
    const { lane, capture } = attached()
    capture(7)
    await answer(take(lane))
    lane.endStream()
    lane.beginEpoch(2)
    lane.beginStream({ width: 100, height: 100 })
    for (let frame = 0; frame < 10; frame++) capture(9)
    expect(lane.lastInspected?.region).toEqual({ x: 0, y: 0, ...sourceSize })
    expect(bytesOf(lane)).toEqual(Array.from({ length: 24 }, () => 7))
    await answer(take(lane))
    expect(bytesOf(lane)).toEqual(Array.from({ length: 24 }, () => 9))
  })

  it('stays as it is while it is held, whatever comes meanwhile, and no longer', async () => {
    const { lane, capture } = attached()
    capture(7)
    await answer(take(lane))
    const held = lane.lastInspected?.hold()
    for (const fill of [8, 9, 10, 11]) {
      capture(fill)
      await answer(take(lane))
    }
    if (held === undefined) throw new Error('Nothing is held')
    expect(bytesIn(held.picture)).toEqual(Array.from({ length: 24 }, () => 7))
    held.release()
    // The slot that was freed last is filled first.
    lane.reserve()?.bytes.fill(9)
    expect(bytesIn(held.picture)).toEqual(Array.from({ length: 24 }, () => 9))
  })

  it.each(['latest', 'wait'] as const)('takes no place from frames while it is held (policy %s)', async (policy) => {
    const { lane, capture } = attached({ policy, workers: 1 })
    capture(7)
    await answer(take(lane))
    lane.lastInspected?.hold()
    capture(8)
    await answer(take(lane))
    const inWorkers = policy === 'wait' ? 2 : 1
    const jobs = Array.from({ length: inWorkers }, () => (capture(9), take(lane)))
    expect(jobs).toHaveLength(inWorkers)
    capture(9)
    expect(lane.reserve()).toBeDefined()
    expect(lane.stats.counts.dropped).toEqual(nothingDropped)
  })

  it('never goes back to an older frame, in whatever order the answers come', async () => {
    const { lane, capture } = attached()
    capture(7)
    const older = take(lane)
    capture(8)
    void answer(take(lane))
    void answer(older)
    await settle()
    expect(lane.lastInspected?.inspection.frame.number).toBe(1)
    expect(bytesOf(lane)[0]).toBe(8)
  })
})

describe.each(['latest', 'wait'] as const)('a camera with a motion gate (policy %s)', (policy) => {
  const gated = () => attached({ policy, motionGate: 5 })

  it('drops what differs from the last inspected frame by no more than the threshold, as unchanged', async () => {
    const { lane, capture } = gated()
    capture(100)
    await answer(take(lane))
    for (const fill of [100, 105, 95]) capture(fill)
    expect(lane.takeable).toBe(0)
    capture(106)
    expect(take(lane).frame.number).toBe(4)
    expect(lane.stats.counts).toMatchObject({
      captured: 5,
      inspected: 1,
      dropped: { ...nothingDropped, unchanged: 3 },
      inFlight: 1,
    })
  })

  it('compares with what was inspected, however slowly the picture changes', async () => {
    const { lane, capture } = gated()
    capture(100)
    await answer(take(lane))
    for (const fill of [102, 104, 106]) capture(fill)
    expect(take(lane).frame.number).toBe(3)
  })

  it('inspects a frame like one that has failed: nobody has looked at it', async () => {
    const { lane, capture } = gated()
    capture(100)
    await take(lane).failed('timeout')
    capture(100)
    expect(take(lane).frame.number).toBe(1)
  })

  it('is not misled by an older frame that is answered after a newer one', async () => {
    const { lane, capture } = gated()
    capture(100)
    const older = take(lane)
    capture(200)
    void answer(take(lane))
    void answer(older)
    await settle()
    capture(200)
    expect(lane.takeable).toBe(0)
  })

  it('lets a frame wait that shows something new when an unchanged one follows', async () => {
    const { lane, capture } = gated()
    capture(100)
    await answer(take(lane))
    capture(200)
    capture(100)
    expect(take(lane).frame.number).toBe(1)
    expect(lane.stats.counts.dropped).toEqual({ ...nothingDropped, unchanged: 1 })
  })
})
