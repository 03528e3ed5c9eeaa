import { describe, expect, it } from 'vitest'
import { csvColumns, csvRequest } from '../../src/domain/csv-row.ts'
import { cameraId } from '../../src/domain/ids.ts'
import { epochMs } from '../../src/domain/units.ts'

const frame = {
  cameraId: cameraId('dock-1'),
  epoch: 3,
  number: 41,
  capturedAt: epochMs(Date.UTC(2026, 10, 22, 2, 8, 36, 123)),
}
const key = (detection: number) => [7, 'dock-1', 3, 41, detection, '2026-11-22T02:08:36.123Z', 'm']

describe('the rows of a detector', () => {
  const detection = { label: 'particle', score: 0.5, x: 1, y: 2, width: 3, height: 4 }

  it('are one for each detection, by falling score, counted from 1', () => {
    const detections = [detection, { ...detection, score: 0.9, label: 'void' }]
    expect(csvRequest(7, frame, { kind: 'detect', model: 'm', detections })).toEqual({
      cameraId: 'dock-1',
      folder: 'model',
      rows: [
        [...key(1), 'void', 0.9, 1, 2, 3, 4],
        [...key(2), 'particle', 0.5, 1, 2, 3, 4],
      ],
    })
  })

  it('keep the order that equal scores came in', () => {
    const detections = ['a', 'b', 'c'].map((label) => ({ ...detection, label }))
    const { rows } = csvRequest(7, frame, { kind: 'detect', model: 'm', detections })
    expect(rows.map((row) => row[7])).toEqual(['a', 'b', 'c'])
  })

  it('round scores to four places and pixels to one', () => {
    const detections = [{ label: 'l', score: 0.123_45, x: 1.25, y: 2.249, width: 3.04, height: 4.06 }]
    const { rows } = csvRequest(7, frame, { kind: 'detect', model: 'm', detections })
    expect(rows).toEqual([[...key(1), 'l', 0.1235, 1.3, 2.2, 3, 4.1]])
  })

  it('are one row, detection 0, where it saw nothing', () => {
    const request = csvRequest(7, frame, { kind: 'detect', model: 'm', detections: [] })
    expect(request.rows).toEqual([[...key(0), '', '', '', '', '', '']])
    expect(request.rows[0]?.length).toBe(csvColumns.model.length)
  })

  it('leave the finding as it is', () => {
    const detections = [detection, { ...detection, score: 0.9 }]
    csvRequest(7, frame, { kind: 'detect', model: 'm', detections })
    expect(detections.map(({ score }) => score)).toEqual([0.5, 0.9])
  })
})

describe('the row of a classifier', () => {
  it('is its best label, as detection 1', () => {
    const scores = [
      { label: 'moving', score: 0.912_34 },
      { label: 'empty', score: 0.08 },
    ]
    const request = csvRequest(7, frame, { kind: 'classify', model: 'm', scores })
    expect(request).toEqual({ cameraId: 'dock-1', folder: 'classifier', rows: [[...key(1), 'moving', 0.9123]] })
    expect(request.rows[0]?.length).toBe(csvColumns.classifier.length)
  })
})
