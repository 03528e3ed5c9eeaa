import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { createPiscinaRunner } from '../../../src/adapters/inference/piscina-runner.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import type { Inspection } from '../../../src/domain/inspection.ts'
import { seconds } from '../../../src/domain/units.ts'
import { CameraLane } from '../../../src/frame-path/camera-lane.ts'
import { CameraLedger } from '../../../src/frame-path/camera-ledger.ts'
import { FrameScheduler } from '../../../src/frame-path/frame-scheduler.ts'
import { HungThreads } from '../../../src/frame-path/hung-threads.ts'
import { serveInference } from '../../../src/frame-path/inference-pool.ts'
import { VirtualClock } from '../../fakes/virtual-clock.ts'
import { eventually } from '../../support/eventually.ts'
import { writeModel } from '../../workers/inference/support.ts'
import { slowOnWhite } from '../../support/slow-model.ts'

const deadline = seconds(0.3)

describe('a model that takes longer than its deadline on one frame', () => {
  it('costs that frame and no other: a fresh thread goes on while the old one finishes, and the process lives', async () => {
    const inspections: Inspection[] = []
    const scheduler = new FrameScheduler()
    const lane = new CameraLane({
      cameraId: cameraId('dock-1'),
      ledger: new CameraLedger(),
      size: { width: 8, height: 8 },
      fit: 'letterbox',
      policy: 'wait',
      models: [{ model: 'belt', scoreThreshold: 0.5, iouThreshold: 0.5 }],
      frames: 1,
      workers: 1,
      clock: systemClock,
      recorder: {
        record: (inspection) => void inspections.push(inspection),
        recordWhenRoom: async (inspection) => void inspections.push(inspection),
      },
    })
    lane.beginEpoch(1)
    lane.beginStream({ width: 8, height: 8 })
    scheduler.add(lane)
    const capture = (fill: number): void => {
      const slot = lane.reserve()
      if (slot === undefined) throw new Error('No slot is free')
      slot.bytes.fill(fill)
      lane.commit(slot, systemClock.now())
    }
    // Deadlines pass when they are told to: how long a frame takes is the machine's business.
    const clock = new VirtualClock()
    const timeOut = async (): Promise<void> => {
      await eventually('the frame has its deadline', () => (clock.pending > 0 ? true : undefined))
      clock.advance(deadline)
    }
    const finish = new AbortController()
    const pool = serveInference({
      runner: createPiscinaRunner(),
      models: [
        {
          name: 'belt',
          kind: 'classify',
          file: await writeModel(slowOnWhite({ side: 2000, rounds: 6 })),
          labels: ['a', 'b', 'c'],
          layout: 'auto',
        },
      ],
      workers: 1,
      hung: new HungThreads(),
      deadline,
      scheduler,
      clock,
      onFailedFrame: (_, error) => {
        throw error
      },
      signal: new AbortController().signal,
      finish: finish.signal,
    })

    const events: string[] = []
    for (let next = await pool.next(); ; next = await pool.next()) {
      if (next.done === true) {
        expect(next.value).toEqual({ drained: true, wedged: 0 })
        break
      }
      events.push(next.value.type)
      if (next.value.type === 'pool.ready') {
        capture(255)
        void timeOut()
      }
      if (next.value.type === 'worker.replaced') capture(0)
      // The slow thread may come back before or after the fresh one is there.
      if (events.includes('worker.returned') && events.includes('worker.replaced')) finish.abort()
    }
    expect(events.toSorted()).toEqual(['pool.ready', 'worker.replaced', 'worker.retired', 'worker.returned'])
    expect(inspections.map(({ frame }) => frame.number)).toEqual([1])
    expect(lane.stats.counts).toMatchObject({ captured: 2, inspected: 1, failed: { timeout: 1 }, inFlight: 0 })
  })
})
