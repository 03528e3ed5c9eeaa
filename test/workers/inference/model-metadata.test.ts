import { describe, expect, it } from 'vitest'
import { exporterOf, readMetadata } from '../../../src/workers/inference/model-metadata.ts'
import { bytesField, concat, floatField, intField, textField } from '../../../src/workers/inference/protobuf.ts'
import { constantModel, writeModel } from './support.ts'

describe('the metadata of a model', () => {
  it('is read from the file, past everything else that is in it', async () => {
    const metadata = { names: "{0: 'bolt'}", imgsz: '[640, 640]', description: 'ö'.repeat(300), empty: '' }
    const file = await writeModel(constantModel([1, 5, 1], [0, 0, 0, 0, 0], { metadata }))
    expect(Object.fromEntries(readMetadata(file))).toEqual(metadata)
  })

  it('is empty where there is none', async () => {
    expect(readMetadata(await writeModel(constantModel([1, 5, 1], [0, 0, 0, 0, 0]))).size).toBe(0)
  })

  it('is read past fields of every wire type', async () => {
    const entry = concat([textField(1, 'a'), intField(7, 300), textField(2, 'b')])
    const fixed64 = Uint8Array.of((9 << 3) | 1, 255, 0, 0, 0, 0, 0, 0, 0)
    const file = await writeModel(concat([intField(1, -1), floatField(15, 1.5), fixed64, bytesField(14, entry)]))
    expect(Object.fromEntries(readMetadata(file))).toEqual({ a: 'b' })
  })

  it.each([
    { what: 'text', bytes: 'This is not a model' },
    { what: 'a number without an end', bytes: Uint8Array.from({ length: 30 }, () => 0xff) },
    { what: 'half a number', bytes: Uint8Array.from([8, 0x80]) },
  ])('is not read from $what', async ({ bytes }) => {
    const file = await writeModel(bytes)
    expect(() => readMetadata(file)).toThrow('not a protobuf message')
  })
})

describe('the exporter of a model', () => {
  const args = (nms: string) => ({ args: `{'batch': 1, 'simplify': True, 'nms': ${nms}}` })

  it.each([
    { metadata: {}, is: 'unknown' },
    { metadata: { stride: '32', names: "{0: 'part'}" }, is: 'unknown' }, // v5
    { metadata: { author: 'us', task: 'detect' }, is: 'unknown' },
    { metadata: { author: 'Ultralytics', task: 'detect' }, is: 'ultralytics' },
    { metadata: { author: 'Ultralytics', end2end: 'False', ...args('False') }, is: 'ultralytics' },
    { metadata: { author: 'Ultralytics', end2end: 'True' }, is: 'suppressing' }, // v10
    { metadata: { author: 'Ultralytics', end2end: 'False', ...args('True') }, is: 'suppressing' },
    { metadata: { author: 'Ultralytics', description: 'Ultralytics rtdetr-l model trained on a.yaml' }, is: 'rt-detr' },
    { metadata: { author: 'Ultralytics', description: 'Ultralytics YOLOv8-rtdetr model ' }, is: 'rt-detr' },
    { metadata: { author: 'Ultralytics', head: 'RTDETRDecoder' }, is: 'rt-detr' },
    { metadata: { author: 'Ultralytics', description: 'Ultralytics YOLO11n model trained on rtdetr.yaml' }, is: 'ultralytics' }, // prettier-ignore
  ])('of $metadata is $is', ({ metadata, is }) => {
    expect(exporterOf(new Map(Object.entries(metadata)))).toBe(is)
  })
})
