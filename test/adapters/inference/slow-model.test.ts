import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { createPiscinaRunner } from '../../../src/adapters/inference/piscina-runner.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import type { Inspection } from '../../../src/domain/inspection.ts'
import { seconds } from '../../../src/domain/units.ts'
import { CameraLane } from '../../../src/frame-path/camera-lane.ts'
import { FrameScheduler } from '../../../src/frame-path/frame-scheduler.ts'
import { serveInference } from '../../../src/frame-path/inference-pool.ts'
import { makeModel, writeModel } from '../../workers/inference/support.ts'

/** Multiplies matrices whose side follows from the brightest pixel: nothing for black, 96 GFLOP or about a second for white. */
const slowOnWhite = (): Uint8Array =>
  makeModel(
    (graph) => {
      const brightest = graph.op('ReduceMax', ['images'], { keepdims: { int: 0 } })
      const side = graph.op('Add', [graph.op('Mul', [brightest, graph.floats(2000)]), graph.floats(1)])
      const whole = graph.op('Unsqueeze', [graph.op('Cast', [side], { to: { int: 7 } }), graph.ints([0], [1])])
      const zeros = graph.op('ConstantOfShape', [graph.op('Concat', [whole, whole], { axis: { int: 0 } })])
      let matrix = zeros
      for (let round = 0; round < 6; round++) matrix = graph.op('MatMul', [matrix, zeros])
      const sum = graph.op('ReduceSum', [matrix], { keepdims: { int: 0 } })
      return graph.op('Add', [graph.floats([0.5, 0.25, 0.25], [1, 3]), sum])
    },
    { outputDims: [1, 3] },
  )

describe('a model that takes longer than its deadline on one frame', () => {
  it('costs that frame and no other: a fresh thread goes on while the old one finishes, and the process lives', async () => {
    const inspections: Inspection[] = []
    const scheduler = new FrameScheduler()
    const lane = new CameraLane({
      cameraId: cameraId('dock-1'),
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
    const finish = new AbortController()
    const pool = serveInference({
      runner: createPiscinaRunner(),
      models: [
        {
          name: 'belt',
          kind: 'classify',
          file: await writeModel(slowOnWhite()),
          labels: ['a', 'b', 'c'],
          layout: 'auto',
        },
      ],
      workers: 1,
      mostWedged: 2,
      deadline: seconds(0.3),
      scheduler,
      clock: systemClock,
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
      if (next.value.type === 'pool.ready') capture(255)
      if (next.value.type === 'worker.replaced') capture(0)
      // The slow thread may come back before or after the fresh one is there.
      if (events.includes('worker.returned') && events.includes('worker.replaced')) finish.abort()
    }
    expect(events.toSorted()).toEqual(['pool.ready', 'worker.replaced', 'worker.retired', 'worker.returned'])
    expect(inspections.map(({ frame }) => frame.number)).toEqual([1])
    expect(lane.stats.counts).toMatchObject({ captured: 2, inspected: 1, failed: { timeout: 1 }, inFlight: 0 })
  })
})
