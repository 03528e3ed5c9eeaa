import { describe, expect, it } from 'vitest'
import { milliseconds } from '../../src/domain/units.ts'
import { FrameScheduler } from '../../src/frame-path/frame-scheduler.ts'
import type { InferenceJob } from '../../src/frame-path/inference-job.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'
import { nothingDropped, startLane } from './support.ts'

const never = () => new AbortController().signal

function startCameras(...ids: string[]) {
  const scheduler = new FrameScheduler()
  const cameras = ids.map((id) => startLane({ id }))
  for (const { lane } of cameras) scheduler.add(lane)
  return { scheduler, cameras: cameras as [ReturnType<typeof startLane>, ...ReturnType<typeof startLane>[]] }
}

const name = (job: InferenceJob | undefined) => job && `${job.frame.cameraId} ${job.frame.number}`

describe('frames of several cameras', () => {
  it('are given out in turn, the camera first that was served longest ago', () => {
    const { scheduler, cameras } = startCameras('a', 'b', 'c')
    const [a, b, c] = cameras
    a.capture()
    a.lane.take() // so that a's next frame is number 1
    for (const { capture } of cameras) capture()
    expect(scheduler.waiting).toBe(3)
    expect([scheduler.takeNow(), scheduler.takeNow()].map(name)).toEqual(['a 1', 'b 0'])
    a.capture()
    b?.capture()
    expect([scheduler.takeNow(), scheduler.takeNow(), scheduler.takeNow(), scheduler.takeNow()].map(name)).toEqual([
      'c 0',
      'a 2',
      'b 1',
      undefined,
    ])
    expect(c?.lane.stats.counts.inFlight).toBe(1)
  })

  it('are shared equally at overload, whatever the cameras send', async () => {
    const { scheduler, cameras } = startCameras('a', 'b', 'c', 'd')
    const served = new Map<string, number>()
    for (let round = 0; round < 400; round++) {
      // a sends ten times as much as the others, and all send more than is taken.
      for (let frame = 0; frame < 10; frame++) cameras[0].capture()
      for (const { capture } of cameras.slice(1)) capture()
      const job = scheduler.takeNow()
      if (job === undefined) throw new Error('Nothing waits')
      served.set(job.frame.cameraId, (served.get(job.frame.cameraId) ?? 0) + 1)
      await job.answered({ findings: [], elapsed: milliseconds(1) })
    }
    expect(Object.fromEntries(served)).toEqual({ a: 100, b: 100, c: 100, d: 100 })
  })
})

describe('frames of different age', () => {
  const startCamerasInTime = (...ids: string[]) => {
    const [scheduler, clock] = [new FrameScheduler(), new VirtualClock()]
    const cameras = ids.map((id) => startLane({ id, clock }))
    for (const { lane } of cameras) scheduler.add(lane)
    return { scheduler, clock, cameras: cameras as [ReturnType<typeof startLane>, ...ReturnType<typeof startLane>[]] }
  }

  it('are given out the youngest first', async () => {
    const { scheduler, clock, cameras } = startCamerasInTime('a', 'b', 'c')
    for (const { capture } of cameras) {
      capture()
      clock.advance(milliseconds(5))
    }
    cameras[1]?.capture()
    expect([scheduler.takeNow(), scheduler.takeNow(), scheduler.takeNow()].map(name)).toEqual(['b 1', 'c 0', 'a 0'])
  })

  it('put no camera ahead of its share by more than one turn', async () => {
    const { scheduler, clock, cameras } = startCamerasInTime('old', 'young')
    const served: (string | undefined)[] = []
    for (let round = 0; round < 8; round++) {
      for (const { capture } of cameras) {
        capture()
        clock.advance(milliseconds(5))
      }
      const job = scheduler.takeNow()
      served.push(job?.frame.cameraId)
      await job?.answered({ findings: [], elapsed: milliseconds(1) })
    }
    expect(served).toEqual(['young', 'young', 'old', 'young', 'old', 'young', 'old', 'young'])
  })
})

describe('cameras that send at moments of their own', () => {
  it('have equal shares, whichever frame is the youngest whenever one is taken', async () => {
    const [scheduler, clock] = [new FrameScheduler(), new VirtualClock()]
    const cameras = [0, 3, 4, 20, 21, 50, 77, 80].map((moment) => ({
      moment,
      ...startLane({ id: `c-${moment}`, clock }),
    }))
    for (const { lane } of cameras) scheduler.add(lane)
    for (let at = 0; at < 30_000; at++) {
      for (const { moment, capture } of cameras) if (at % 100 === moment) capture()
      if (at % 59 === 0) await scheduler.takeNow()?.answered({ findings: [], elapsed: milliseconds(1) })
      clock.advance(milliseconds(1))
    }
    const inspected = cameras.map(({ lane }) => lane.stats.counts.inspected)
    expect(Math.min(...inspected)).toBeGreaterThan(60)
    expect(Math.max(...inspected) - Math.min(...inspected)).toBeLessThanOrEqual(2)
  })
})

describe('a frame ahead of its worker', () => {
  it('is given while no live camera sends', () => {
    const scheduler = new FrameScheduler()
    const lossless = startLane({ id: 'file', policy: 'wait', workers: 4 })
    const live = startLane({ id: 'live' })
    for (const { lane } of [lossless, live]) scheduler.add(lane)
    for (let frame = 0; frame < 2; frame++) lossless.capture()
    expect(scheduler.takeAhead()).toBeUndefined()
    live.lane.endStream()
    expect(name(scheduler.takeAhead())).toBe('file 0')
    live.lane.beginStream({ width: 4, height: 3 })
    expect(scheduler.takeAhead()).toBeUndefined()
  })
})

describe('how many frames may wait', () => {
  it('is one of each live camera and two of each lossless one, and no more do', () => {
    const scheduler = new FrameScheduler()
    const [live, lossless] = [startLane({ id: 'live' }), startLane({ id: 'lossless', policy: 'wait' })]
    expect(scheduler.waitingLimit).toBe(0)
    scheduler.add(live.lane)
    expect(scheduler.waitingLimit).toBe(1)
    scheduler.add(lossless.lane)
    for (let frame = 0; frame < 9; frame++) for (const { capture } of [live, lossless]) capture()
    expect({ waiting: scheduler.waiting, limit: scheduler.waitingLimit }).toEqual({ waiting: 3, limit: 3 })
    expect(scheduler.owed).toBe(2)
    scheduler.remove(lossless.lane)
    expect({ waiting: scheduler.waiting, limit: scheduler.waitingLimit }).toEqual({ waiting: 1, limit: 1 })
  })
})

describe('cameras of different priorities that send more than is taken', () => {
  const shares = async (priorities: readonly number[], rounds: number) => {
    const scheduler = new FrameScheduler()
    const cameras = priorities.map((priority, index) => startLane({ id: `c-${index}`, priority }))
    for (const { lane } of cameras) scheduler.add(lane)
    for (let round = 0; round < rounds; round++) {
      for (const { capture } of cameras) capture()
      await scheduler.takeNow()?.answered({ findings: [], elapsed: milliseconds(1) })
    }
    return cameras.map(({ lane }) => lane.stats.counts.inspected)
  }

  it('have twice the share for each step, and the lowest is not forgotten', async () => {
    expect(await shares([5, 6, 7], 700)).toEqual([100, 200, 400])
    expect(await shares([0, 9], 1026)).toEqual([2, 1024])
  })

  it('save up one turn while they have nothing to give, and no more', async () => {
    const scheduler = new FrameScheduler()
    const [busy, quiet] = [startLane({ id: 'busy' }), startLane({ id: 'quiet' })]
    for (const { lane } of [busy, quiet]) scheduler.add(lane)
    const serve = async () => {
      const job = scheduler.takeNow()
      await job?.answered({ findings: [], elapsed: milliseconds(1) })
      return job?.frame.cameraId
    }
    for (let round = 0; round < 50; round++) {
      busy.capture()
      await serve()
    }
    const served = []
    for (let round = 0; round < 6; round++) {
      busy.capture()
      quiet.capture()
      served.push(await serve())
    }
    expect(served).toEqual(['quiet', 'quiet', 'busy', 'quiet', 'busy', 'quiet'])
  })
})

describe('a camera that comes later', () => {
  it('has its share from then on, and nothing of what was given out before', async () => {
    const scheduler = new FrameScheduler()
    const [early, late] = [startLane({ id: 'early' }), startLane({ id: 'late' })]
    const serve = async () => {
      const job = scheduler.takeNow()
      await job?.answered({ findings: [], elapsed: milliseconds(1) })
      return job?.frame.cameraId
    }
    scheduler.add(early.lane)
    for (let round = 0; round < 50; round++) {
      early.capture()
      await serve()
    }
    scheduler.add(late.lane)
    const served = []
    for (let round = 0; round < 6; round++) {
      for (const { capture } of [early, late]) capture()
      served.push(await serve())
    }
    expect(served).toEqual(['late', 'early', 'late', 'early', 'late', 'early'])
  })
})

describe('taking when nothing waits', () => {
  it('waits for a frame', async () => {
    const { scheduler, cameras } = startCameras('a')
    const job = scheduler.take(never())
    cameras[0].capture()
    expect(name(await job)).toBe('a 0')
  })

  it('waits for a camera', async () => {
    const scheduler = new FrameScheduler()
    const job = scheduler.take(never())
    const { lane, capture } = startLane({ id: 'late' })
    scheduler.add(lane)
    capture()
    expect(name(await job)).toBe('late 0')
  })

  it('serves those who wait in the order in which they came', async () => {
    const { scheduler, cameras } = startCameras('a')
    const first = scheduler.take(never())
    const second = scheduler.take(never())
    cameras[0].capture()
    cameras[0].capture()
    expect([name(await first), name(await second)]).toEqual(['a 0', 'a 1'])
  })

  it('rejects with the reason of its signal, and loses no frame by it', async () => {
    const { scheduler, cameras } = startCameras('a')
    const stop = new AbortController()
    const job = scheduler.take(stop.signal)
    stop.abort(new Error('enough'))
    await expect(job).rejects.toThrow('enough')
    await expect(scheduler.take(stop.signal)).rejects.toThrow('enough')
    cameras[0].capture()
    expect(name(scheduler.takeNow())).toBe('a 0')
  })
})

describe('a camera that is removed while running', () => {
  it('has what waits dropped as stopped, and is given out no more', async () => {
    const { scheduler, cameras } = startCameras('a', 'b')
    const [a, b] = cameras
    for (const { capture } of cameras) capture()
    scheduler.remove(a.lane)
    a.capture()
    expect(scheduler.waiting).toBe(1)
    expect([scheduler.takeNow(), scheduler.takeNow()].map(name)).toEqual(['b 0', undefined])
    expect(a.lane.stats.counts).toMatchObject({ dropped: { ...nothingDropped, stopped: 2 }, inFlight: 0 })
    expect(b?.lane.stats.counts).toMatchObject({ dropped: nothingDropped })
  })
})

describe('a scheduler that is closed', () => {
  it('drops what waits, and takes in no camera', () => {
    const scheduler = new FrameScheduler()
    const { lane, capture } = startLane({ policy: 'wait' })
    scheduler.add(lane)
    capture()
    capture()
    scheduler.takeNow()
    scheduler.close()
    expect(lane.stats.counts).toMatchObject({ dropped: { ...nothingDropped, stopped: 1 }, inFlight: 1 })
    const late = startLane({ id: 'late' })
    scheduler.add(late.lane)
    late.capture()
    expect(late.lane.stats.counts).toMatchObject({ dropped: { ...nothingDropped, stopped: 1 } })
  })
})
