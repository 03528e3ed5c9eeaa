import { describe, expect, it } from 'vitest'
import { cameraId } from '../../src/domain/ids.ts'
import type { Inspection } from '../../src/domain/inspection.ts'
import { epochMs } from '../../src/domain/units.ts'
import { createInspectionRecorder } from '../../src/frame-path/record-inspection.ts'
import { settle } from '../fakes/virtual-clock.ts'
import { FakeRowSink } from './support.ts'

const inspection = (number: number, models: readonly string[] = ['bolts']): Inspection => ({
  frame: { cameraId: cameraId('dock-1'), epoch: 2, number, capturedAt: epochMs(0) },
  findings: models.map((model) => ({ kind: 'detect', model, detections: [] })),
})

const never = () => new AbortController().signal

describe('an inspection of a live camera', () => {
  it('becomes one request for each finding, keyed by boot, camera, epoch and frame', () => {
    const sink = new FakeRowSink()
    createInspectionRecorder(7, sink).record({
      ...inspection(5, ['bolts']),
      findings: [
        { kind: 'detect', model: 'bolts', detections: [] },
        { kind: 'classify', model: 'belt', scores: [{ label: 'moving', score: 0.75 }] },
      ],
    })
    expect(sink.accepted).toEqual([
      {
        cameraId: 'dock-1',
        folder: 'model',
        rows: [[7, 'dock-1', 2, 5, 0, '1970-01-01T00:00:00.000Z', 'bolts', '', '', '', '', '', '']],
      },
      {
        cameraId: 'dock-1',
        folder: 'classifier',
        rows: [[7, 'dock-1', 2, 5, 1, '1970-01-01T00:00:00.000Z', 'belt', 'moving', 0.75]],
      },
    ])
  })

  it('goes on when the writer refuses', () => {
    const sink = new FakeRowSink()
    sink.makeRoom(1)
    createInspectionRecorder(7, sink).record(inspection(0, ['bolts', 'nuts']))
    expect([sink.accepted.length, sink.refused]).toEqual([1, 1])
  })
})

describe('an inspection of a lossless camera', () => {
  it('waits for room before each request', async () => {
    const sink = new FakeRowSink()
    sink.makeRoom(0)
    let recorded = false
    void createInspectionRecorder(7, sink)
      .recordWhenRoom(inspection(0, ['bolts', 'nuts']), never())
      .then(() => (recorded = true))
    await settle()
    expect(sink.accepted).toHaveLength(0)
    sink.makeRoom(1)
    await settle()
    expect([sink.accepted.length, recorded]).toEqual([1, false])
    sink.makeRoom(1)
    await settle()
    expect([sink.accepted.length, sink.refused, recorded]).toEqual([2, 0, true])
  })

  it('does not take the last place from another that waits too', async () => {
    const sink = new FakeRowSink()
    sink.makeRoom(0)
    const recorder = createInspectionRecorder(7, sink)
    for (const number of [0, 1, 2]) void recorder.recordWhenRoom(inspection(number), never())
    await settle()
    sink.makeRoom(1)
    await settle()
    expect([sink.frames, sink.refused]).toEqual([[0], 0])
    sink.makeRoom(2)
    await settle()
    expect([sink.frames, sink.refused]).toEqual([[0, 1, 2], 0])
  })

  it('waits for no other camera, nor for another folder of its own', async () => {
    const sink = new FakeRowSink()
    const room = sink.room.bind(sink)
    const stuck = 'dock-1/model'
    sink.room = (request, signal) =>
      `${request.cameraId}/${request.folder}` === stuck ? new Promise(() => undefined) : room(request, signal)
    const recorder = createInspectionRecorder(7, sink)
    void recorder.recordWhenRoom(inspection(1), never())
    const { frame } = inspection(2)
    await recorder.recordWhenRoom(
      { frame: { ...frame, cameraId: cameraId('dock-2') }, findings: inspection(2).findings },
      never(),
    )
    await recorder.recordWhenRoom(
      { frame: { ...frame, number: 3 }, findings: [{ kind: 'classify', model: 'belt', scores: [] }] },
      never(),
    )
    expect(sink.frames).toEqual([2, 3])
  })

  it('waits again when a live camera took the place it was told of', async () => {
    const sink = new FakeRowSink()
    sink.makeRoom(0)
    const recorder = createInspectionRecorder(7, sink)
    void recorder.recordWhenRoom(inspection(1), never())
    await settle()
    sink.makeRoom(1)
    recorder.record(inspection(9))
    await settle()
    expect(sink.frames).toEqual([9])
    sink.makeRoom(1)
    await settle()
    expect(sink.frames).toEqual([9, 1])
  })

  it('is handed over at once when it is cut off, for the writer to take or count', async () => {
    const sink = new FakeRowSink()
    sink.makeRoom(0)
    const cutOff = new AbortController()
    const recorded = createInspectionRecorder(7, sink).recordWhenRoom(inspection(0, ['bolts', 'nuts']), cutOff.signal)
    await settle()
    cutOff.abort()
    await recorded
    expect([sink.accepted.length, sink.refused]).toEqual([0, 2])
  })

  it('fails with a queue that fails, and leaves the next its turn', async () => {
    const sink = new FakeRowSink()
    const bug = new Error('no queue of ours')
    const room = sink.room.bind(sink)
    sink.room = () => Promise.reject(bug)
    const recorder = createInspectionRecorder(7, sink)
    await expect(recorder.recordWhenRoom(inspection(0), never())).rejects.toBe(bug)
    sink.room = room
    await recorder.recordWhenRoom(inspection(1), never())
    expect(sink.frames).toEqual([1])
  })
})
