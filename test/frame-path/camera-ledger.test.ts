import { describe, expect, it } from 'vitest'
import { milliseconds } from '../../src/domain/units.ts'
import { FrameScheduler } from '../../src/frame-path/frame-scheduler.ts'
import type { InferenceJob } from '../../src/frame-path/inference-job.ts'
import { settle } from '../fakes/virtual-clock.ts'
import { FakeRecorder, nothingDropped, startLane } from './support.ts'

const answer = (job: InferenceJob | undefined) => {
  if (job === undefined) throw new Error('No frame can be taken')
  return job.answered({ findings: [], elapsed: milliseconds(1) })
}

const frameOf = ({ frame: { epoch, number } }: { frame: { epoch: number; number: number } }) => `${epoch}/${number}`

/** A camera whose lane was replaced while a frame was in a worker and another waited. */
function replaceLane(policy: 'latest' | 'wait' = 'latest') {
  const scheduler = new FrameScheduler()
  const recorder = new FakeRecorder()
  const before = startLane({ policy, recorder })
  scheduler.add(before.lane)
  before.capture()
  const inWorker = scheduler.takeNow()
  before.capture()
  scheduler.remove(before.lane)
  const after = startLane({ ledger: before.ledger, epoch: 2, recorder, size: { width: 6, height: 4 } })
  scheduler.add(after.lane)
  return { scheduler, recorder, before, after, inWorker, ledger: before.ledger }
}

describe('a camera that gets a new lane', () => {
  it('has one account: what waited is dropped(stopped), what was in a worker is counted when it is answered', async () => {
    const { scheduler, after, inWorker, ledger } = replaceLane()
    expect(ledger.account.counts).toMatchObject({
      captured: 2,
      dropped: { ...nothingDropped, stopped: 1 },
      inFlight: 1,
    })
    after.capture()
    const next = scheduler.takeNow()
    expect(after.lane.stats.counts).toMatchObject({ captured: 3, inspected: 0, inFlight: 2 })
    await answer(inWorker)
    await answer(next)
    expect(after.lane.stats.counts).toMatchObject({ captured: 3, inspected: 2, inFlight: 0 })
  })

  it('has its answers leave in the order of its frames, those of the old lane first', async () => {
    const { scheduler, recorder, after, inWorker } = replaceLane()
    after.capture()
    void answer(scheduler.takeNow())
    await settle()
    expect(recorder.inspections).toEqual([])
    await answer(inWorker)
    await settle()
    expect(recorder.inspections.map(frameOf)).toEqual(['1/0', '2/0'])
  })

  it('never begins an epoch again', () => {
    const { ledger } = replaceLane()
    expect(() => startLane({ ledger, epoch: 1 })).toThrow('Epoch 1 of camera dock-1 is over: 2 runs')
    const again = startLane({ ledger, epoch: 2 })
    again.lane.attach(() => undefined)
    again.capture()
    again.capture()
    const other = startLane({ ledger, epoch: 2 })
    other.lane.attach(() => undefined)
    other.capture()
    expect(other.lane.take()?.frame).toMatchObject({ epoch: 2, number: 2 })
  })

  it('takes frames again once what held up the old lane is settled, however much it held up', async () => {
    const scheduler = new FrameScheduler()
    const before = startLane()
    scheduler.add(before.lane)
    before.capture()
    const hanging = scheduler.takeNow()
    for (let frame = 0; frame < 255; frame++) {
      before.capture()
      void answer(scheduler.takeNow())
    }
    scheduler.remove(before.lane)
    const after = startLane({ ledger: before.ledger, epoch: 2, policy: 'wait' })
    scheduler.add(after.lane)
    after.capture()
    expect(scheduler.waiting).toBe(1)
    await hanging?.failed('timeout')
    await answer(scheduler.takeNow())
    expect(before.ledger.account.counts).toMatchObject({ captured: 257, inspected: 256, inFlight: 0 })
  })
})

describe('a ledger that is cut off', () => {
  it('hands over at once what any of its lanes has waiting for the writer', async () => {
    const { recorder, inWorker, ledger } = replaceLane('wait')
    recorder.holding = true
    void answer(inWorker)
    await settle()
    expect(recorder.inspections).toEqual([])
    ledger.cutOff()
    await settle()
    expect(recorder.inspections.map(frameOf)).toEqual(['1/0'])
  })
})
