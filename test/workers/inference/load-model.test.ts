import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { ModelRefusedError } from '../../../src/domain/inference-errors.ts'
import { loadModel } from '../../../src/workers/inference/load-model.ts'
import { OnnxGraph } from '../../../src/workers/inference/onnx-graph.ts'
import { ultralytics } from '../../support/yolo-models.ts'
import { classifier, constantModel, detector, layouts, makeModel } from './support.ts'

describe('a model that does not fit', () => {
  const { dims, values } = layouts.v8
  const input = (...shape: (number | string)[]) =>
    constantModel(dims, values, { input: { name: 'images', dims: shape } })
  const integerInput = () => {
    const graph = new OnnxGraph()
    graph.output('output0', graph.op('Cast', ['images'], { to: { int: 1 } }))
    return graph.encode({
      name: 'test',
      inputs: [{ name: 'images', dims: [1, 3, 8, 8], type: 'int64' }],
      outputs: [{ name: 'output0', dims: [1, 3, 8, 8] }],
    })
  }
  const integerOutput = () => {
    const graph = new OnnxGraph()
    graph.output('output0', graph.op('Cast', ['images'], { to: { int: 7 } }))
    return graph.encode({
      name: 'test',
      inputs: [{ name: 'images', dims: [1, 3, 8, 8] }],
      outputs: [{ name: 'output0', dims: [1, 3, 8, 8], type: 'int64' }],
    })
  }

  it.each([
    {
      what: 'no model',
      bytes: () => 'This is not a model',
      says: /^it cannot be read: .*protobuf.* Expected an ONNX model; if it was cut off, copy it again$/i,
    },
    { what: 'an empty file', bytes: () => '', says: 'it cannot be read: it is empty; copy or export it again' },
    {
      what: 'an archive of PyTorch',
      bytes: () => 'PK\x03\x04bolts/data.pkl',
      says: 'it cannot be read: it is a ZIP archive, as PyTorch makes them, and no ONNX model; export it as ONNX',
    },
    {
      what: 'a compressed file',
      bytes: () => gzipSync('bolts'),
      says: 'it cannot be read: it is compressed (gzip); unpack it',
    },
    {
      what: 'a pointer of Git LFS',
      bytes: () => 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n',
      says: 'it cannot be read: it is a pointer of Git LFS, and not the model; fetch that with: git lfs pull',
    },
    {
      what: 'a web page',
      bytes: () => '<!DOCTYPE html><title>404</title>',
      says: 'it cannot be read: it is a web page, and no ONNX model; download the model itself',
    },
    {
      what: 'three dimensions',
      bytes: () => input(3, 8, 8),
      says: 'its input images has the shape [3, 8, 8]; expected [1, 3, height, width]',
    },
    {
      what: 'a batch of four',
      bytes: () => input(4, 3, 8, 8),
      says: 'its input images has the shape [4, 3, 8, 8]: a batch of 4; expected 1',
    },
    {
      what: 'grey pictures',
      bytes: () => input(1, 1, 8, 8),
      says: 'its input images has the shape [1, 1, 8, 8]: 1 channels; expected 3 (a picture in RGB) or 6 (the picture before it and the picture)',
    },
    {
      what: 'channels last',
      bytes: () => input(1, 8, 8, 3),
      says: 'its input images has the shape [1, 8, 8, 3]: channels come last; export it with channels first, [1, 3, height, width]',
    },
    {
      what: 'integer input',
      bytes: integerInput,
      says: 'its input images is int64; export it with float32, float16 or uint8 input',
    },
    {
      what: 'integer output',
      bytes: integerOutput,
      says: 'its output output0 is int64; export it with float32 or float16 output',
    },
    {
      what: 'other labels',
      bytes: () => constantModel(dims, values),
      spec: { labels: ['bolt'] },
      says: 'its output has the shape [1, 6, 2]; with 1 label expected [1, 5, N] (v8), [1, N, 6] (v5) or [1, N, 6] (end-to-end) (1 label is given)',
    },
    {
      what: 'no labels',
      bytes: () => constantModel(dims, values),
      spec: { labels: undefined },
      says: 'it has no labels: its metadata has no `names`, and none are given (`labels`). Its output has the shape [1, 6, 2]',
    },
    {
      what: 'names that are no labels',
      bytes: () => constantModel(dims, values, { metadata: { names: '{0: bolt}' } }),
      spec: { labels: undefined },
      says: 'it has no labels: its metadata has `names` that are no list of labels ({0: bolt}), and none are given (`labels`). Its output has the shape [1, 6, 2]',
    },
    {
      what: 'an output of another number of labels',
      bytes: () => constantModel([1, 6, 9], Array<number>(54).fill(0)),
      spec: { labels: ['bolt', 'nut', 'gear'] },
      says: 'its output has the shape [1, 6, 9]; with 3 labels expected [1, 7, N] (v8), [1, N, 8] (v5) or [1, N, 6] (end-to-end) (3 labels are given). In layout v8 it is of 2 labels: give as many (`labels`)',
    },
    {
      what: 'a size that no picture has',
      bytes: () =>
        constantModel(dims, values, {
          input: { name: 'images', dims: [1, 3, 'height', 'width'] },
          metadata: { imgsz: '[100000, 64]' },
        }),
      says: 'its input images has the shape [1, 3, height, width], of which it is to be given 64x100000; expected height and width of 1 to 8192',
    },
    {
      what: 'another layout than said',
      bytes: () => constantModel(dims, values),
      spec: { layout: 'v5' as const },
      says: 'its output of shape [1, 6, 2] has -3 classes in layout v5, and 2 labels are given',
    },
    {
      what: 'scores where boxes are asked for',
      bytes: () => constantModel([1, 3], [0, 0, 0]),
      says: "its output has the shape [1, 3]; a detector's has three dimensions, the first of them 1 (2 labels are given)",
    },
    {
      what: 'fewer scores than labels',
      bytes: () => constantModel([1, 3], [0, 0, 0]),
      spec: { kind: 'classify' as const },
      says: 'its output of shape [1, 3] has 3 scores, and 2 labels are given',
    },
    {
      what: 'rows of corners, score and class that have no class, wherever they stand',
      bytes: () => constantModel([1, 2, 6], [0, 0, 0, 0, 0, 1, 0.5, 0.5, 0.25, 0.25, 0.03125, 0.0078125]),
      says: 'its output has a row whose class is 0.0078125; expected a whole number, as an end-to-end output has it. RT-DETR of two labels has the same shape, and is not read; export a YOLO',
    },
    {
      what: 'the same, where it is said to be end-to-end',
      bytes: () => constantModel([1, 1, 6], [0.5, 0.5, 0.25, 0.25, 0.75, 0.5]),
      spec: { layout: 'end-to-end' as const },
      says: 'its output has a row whose class is 0.5; expected a whole number, as an end-to-end output has it. RT-DETR of two labels has the same shape, and is not read; export a YOLO',
    },
    {
      what: 'RT-DETR by its metadata',
      bytes: () =>
        constantModel([1, 1, 6], [0.5, 0.5, 0.25, 0.25, 0.75, 0], {
          metadata: ultralytics('rtdetr-l', 'detect'),
        }),
      says: 'its metadata says that it is RT-DETR, whose output of shape [1, 1, 6] has a layout that is not read; export a YOLO (2 labels are given)',
    },
    {
      what: 'turned boxes, by its metadata',
      bytes: () =>
        constantModel([1, 1, 7], [1, 1, 2, 2, 0.75, 0, 0.5], {
          metadata: ultralytics('YOLO26n-obb', 'obb', { end2end: 'True' }),
        }),
      says: 'its metadata has the task obb; export a model for detect or classify',
    },
    {
      what: 'turned boxes of one label more than it names, in the shape of a detector',
      bytes: () => constantModel(dims, values, { metadata: ultralytics('YOLO11n-obb', 'obb') }),
      says: 'its metadata has the task obb; export a model for detect or classify',
    },
    {
      what: 'points, where scores are asked for',
      bytes: () => constantModel([1, 2], [0.5, 0.5], { metadata: ultralytics('YOLO11n-pose', 'pose') }),
      spec: { kind: 'classify' as const },
      says: 'its metadata has the task pose; export a model for detect or classify',
    },
    {
      what: 'scores, where boxes are asked for',
      bytes: () => constantModel(dims, values, { metadata: ultralytics('YOLO11n-cls', 'classify') }),
      says: 'its metadata has the task classify; set its `kind` to classify',
    },
    {
      what: 'scores that could be of either scale',
      bytes: () => constantModel([1, 2], [0.75, 0.6665]),
      spec: { kind: 'classify' as const },
      says: 'its scores for an empty picture (0.75, 0.666) could be probabilities or logits: say which in the configuration (`scores`: probabilities, logits, independent-logits)',
    },
    {
      what: 'scores that are not what is said',
      bytes: () => constantModel([1, 6], [3.25, -1, 0, 0, 0, 0]),
      spec: { kind: 'classify' as const, labels: ['a', 'b', 'c', 'd', 'e', 'f'], scores: 'probabilities' as const },
      says: 'its scores for an empty picture (3.25, -1, 0, 0, 0, …) are not all from 0 to 1, and `scores` says that they are probabilities',
    },
    {
      what: 'metadata against its shape',
      bytes: () => constantModel(dims, values, { metadata: { frames: '2' } }),
      says: 'its input images has the shape [1, 3, 8, 8]: 3 channels; its metadata asks for frames 2, which have 6',
    },
    {
      what: 'three frames',
      bytes: () => constantModel(dims, values, { metadata: { frames: '3' } }),
      says: 'its metadata asks for frames 3; expected 1 or 2',
    },
    {
      what: 'a stride that is none, where its size is open',
      bytes: () =>
        constantModel(dims, values, {
          input: { name: 'images', dims: [1, 3, 'height', 'width'] },
          metadata: { stride: '0' },
        }),
      says: 'its input images has the shape [1, 3, height, width], and its metadata has the stride 0; expected a whole number from 1 to 1024, or a size that is given (`input`)',
    },
    {
      what: 'a size that its stride does not divide',
      bytes: () =>
        constantModel(dims, values, {
          input: { name: 'images', dims: [1, 3, 'height', 'width'] },
          metadata: { stride: '32' },
        }),
      spec: { input: { width: 96, height: 72 } },
      says: 'its input images has the shape [1, 3, height, width], and `input` is 96x72; expected multiples of its stride 32',
    },
    {
      what: 'another size than it takes',
      bytes: () => constantModel(dims, values),
      spec: { input: { width: 8, height: 16 } },
      says: 'its input images has the shape [1, 3, 8, 8], which leaves no choice: `input` is 8x16',
    },
    {
      what: 'an imgsz that is none, where its size is open',
      bytes: () =>
        constantModel(dims, values, {
          input: { name: 'images', dims: [1, 3, 'height', 8] },
          metadata: { imgsz: '[a, b]' },
        }),
      says: 'its input images has the shape [1, 3, height, 8], and its metadata has the imgsz [a, b]; expected [height, width], or a size that is given (`input`)',
    },
    {
      what: 'an output that could have either layout',
      bytes: () => constantModel([1, 6, 7], Array<number>(42).fill(0)),
      says: 'its output of shape [1, 6, 7] could be v8 or v5: say which in the configuration (`layout`) (2 labels are given)',
    },
    {
      what: 'a run that fails',
      bytes: () => makeModel((graph) => graph.op('Reshape', ['images', graph.ints([7, 7], [2])])),
      says: /^it fails on an empty picture of 8x8: /,
    },
  ])('is refused for $what, with the reason', async ({ bytes, spec, says }) => {
    const refused = await loadModel(await detector(bytes(), spec)).catch((error: unknown) => error)
    if (!(refused instanceof ModelRefusedError)) throw refused
    expect(refused.model).toBe('bolts')
    expect(refused.detail).toEqual(says instanceof RegExp ? expect.stringMatching(says) : says)
  })

  it('is refused when its file is missing, by its path', async () => {
    const spec = await detector('', { file: '/nowhere/bolts.onnx' })
    await expect(loadModel(spec)).rejects.toThrow(
      "Model bolts (/nowhere/bolts.onnx) is refused: it cannot be read: there is no such file; set the model's `file` to one that is there",
    )
  })

  it('is refused when its file is a folder', async () => {
    const spec = await detector('', { file: import.meta.dirname })
    await expect(loadModel(spec)).rejects.toMatchObject({
      detail: "it cannot be read: it is a folder; set the model's `file` to an ONNX file in it",
    })
  })
})

describe('a classifier with the metadata of YOLOv5', () => {
  const names = "{0: 'empty', 1: 'full', 2: 'jammed'}"
  const doubtOf = async (metadata: Readonly<Record<string, string>>) =>
    (await loadModel(await classifier(constantModel([1, 3], [3, -1, 0], { metadata })))).facts.doubt

  it('is loaded, with a word about the scaling that it may lack', async () => {
    expect(await doubtOf({ stride: '32', names })).toMatch(/^its metadata is as YOLOv5 writes it, .* ImageNet/)
  })

  it.each([{ metadata: {} }, { metadata: { names } }, { metadata: ultralytics('YOLO11n-cls', 'classify', { names }) }])(
    'has none with that of others: $metadata',
    async ({ metadata }) => expect(await doubtOf(metadata)).toBeUndefined(),
  )
})
