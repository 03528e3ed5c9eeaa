import { describe, expect, it } from 'vitest'
import { previewRequest } from '../../../src/adapters/preview/preview-request.ts'
import { inspected } from './inspected.ts'

// What is looked at: 128x64 pixels of the camera's picture, from 100, 50 on. Right of its middle lies a box of a quarter of its width and half of its height.
const region = { x: 100, y: 50, width: 128, height: 64 }
const box = { x: 164, y: 66, width: 32, height: 32 }
const { picture } = inspected().hold()
const bolt = { ...box, label: 'bolt', score: 0.9 }

describe('what is drawn into a preview', () => {
  it.each([
    {
      what: 'scaled alone',
      size: { width: 64, height: 32 },
      fit: 'letterbox',
      boxes: { x: 32, y: 8, width: 16, height: 16 },
      shows: { x: 0, y: 0, width: 64, height: 32 },
      shown: { width: 64, height: 32 },
    },
    {
      what: 'letter-boxed, with bars above and below',
      size: { width: 64, height: 64 },
      fit: 'letterbox',
      boxes: { x: 32, y: 24, width: 16, height: 16 },
      shows: { x: 0, y: 16, width: 64, height: 32 },
      shown: { width: 64, height: 32 },
    },
    {
      what: 'letter-boxed, with bars left and right',
      size: { width: 96, height: 32 },
      fit: 'letterbox',
      boxes: { x: 48, y: 8, width: 16, height: 16 },
      shows: { x: 16, y: 0, width: 64, height: 32 },
      shown: { width: 64, height: 32 },
    },
    {
      what: 'stretched, which is undone',
      size: { width: 64, height: 64 },
      fit: 'stretch',
      boxes: { x: 32, y: 16, width: 16, height: 32 },
      shows: { x: 0, y: 0, width: 64, height: 64 },
      shown: { width: 64, height: 32 },
    },
    {
      what: 'in it by its middle alone',
      size: { width: 64, height: 64 },
      fit: 'cover',
      boxes: { x: 32, y: 16, width: 32, height: 32 },
      shows: { x: 0, y: 0, width: 64, height: 64 },
      shown: { width: 64, height: 64 },
    },
  ] as const)('lies in the picture as it does in the region of the camera that is $what', (given) => {
    const { size, fit, boxes, shows, shown } = given
    expect(previewRequest(inspected({ region, size, fit, detections: [bolt] }), picture)).toMatchObject({
      picture,
      boxes: [{ ...boxes, label: 'bolt' }],
      region: shows,
      shown,
    })
  })

  it('is every line that was read, all under the name of their model, and nothing of a classifier', () => {
    const looked = inspected({ region, size: { width: 64, height: 32 } })
    const { frame } = looked.inspection
    const line = { ...box, text: 'LOT 7', score: 0.9 }
    const findings = [
      { kind: 'classify', model: 'state', scores: [{ label: 'full', score: 1 }] },
      { kind: 'read', model: 'lots', lines: [line, { ...line, x: 100, y: 50, text: 'LOT 8' }] },
    ] as const
    expect(previewRequest({ ...looked, inspection: { frame, findings } }, picture).boxes).toMatchObject([
      { label: 'lots', x: 32, y: 8, width: 16, height: 16 },
      { label: 'lots', x: 0, y: 0, width: 16, height: 16 },
    ])
  })
})
