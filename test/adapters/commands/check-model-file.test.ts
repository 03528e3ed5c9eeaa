import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { checkModelFile, type ModelFileOptions } from '../../../src/commands/check/check-model-file.ts'
import { MemoryTerminal } from '../../commands/memory-terminal.ts'
import { channelsHead, endToEndHead, exportModel, rowsHead, ultralytics } from '../../support/yolo-models.ts'
import { constantModel, writeModel } from '../../workers/inference/support.ts'

const bundled = (name: string) => fileURLToPath(new URL(`../../../models/${name}.onnx`, import.meta.url))

/** What is said, row by row: a row whose text is wrapped is one row. */
const check = async (file: string, options: Partial<ModelFileOptions> = {}) => {
  const terminal = new MemoryTerminal()
  const code = await checkModelFile(file, { providers: ['cpu'], ...options }, terminal)
  const [found = '', configuration = ''] = terminal.said.split('\n\nIn a configuration:\n')
  const rows = found
    .replaceAll(/\n {2,}/g, ' ')
    .replace(/\n$/, '')
    .split('\n')
    .map((row) => row.replaceAll(/ +/g, ' '))
  return { code, rows, configuration }
}
const time = expect.stringMatching(/^a frame [\d.]+ ms in one thread, the median of 5$/) as string

describe('a model that is checked by itself', () => {
  it('is told with each of its outputs, those that are not read too', async () => {
    const aside = { name: 'aside', dims: [1, 4, 2], values: new Float32Array(8) }
    const made = exportModel({
      metadata: ultralytics('YOLOv9c', 'detect'),
      outputs: [channelsHead('output0', 84), aside],
      opset: 17,
    })
    const { rows } = await check(await writeModel(made))
    expect(rows).toContainEqual(expect.stringMatching(/^output output0: float32 \[1, 6, 84\]: layout v8/))
    expect(rows).toContain('not read aside: float32 [1, 4, 2]')
  })

  it('is found to be a detector, with its input, output, labels and time, and how it is used', async () => {
    const file = bundled('belt-particles')
    expect(await check(file)).toEqual({
      code: 0,
      rows: [
        `${file} can detect`,
        'input images: float32 [1, 3, 640, 640]: a picture of 640x640, red, green and blue, 0 to 1, without mean and deviation',
        'output output0: float32 [1, 6, 300]: layout v8 (also v9, v11, v12), candidates side by side, each a box and 2 scores; suppressed by Belay',
        'labels bright, dark (its own metadata)',
        'runs on cpu',
        time,
      ],
      configuration: `  models:\n    belt-particles:\n      kind: detect\n      file: ${file}\n`,
    })
  })

  it('is told with what could not be had, on its line', async () => {
    const { code, rows } = await check(bundled('belt-particles'), { providers: ['tensorrt', 'cuda', 'cpu'] })
    expect(code).toBe(0)
    const runsOn = /^runs on cpu; not on tensorrt: \S.*; not on cuda: \S.*$/
    expect(rows).toContainEqual(expect.stringMatching(runsOn))
  })

  it('is found to be a classifier of two pictures', async () => {
    const file = bundled('belt-state')
    expect(await check(file)).toEqual({
      code: 0,
      rows: [
        `${file} can classify`,
        'input images: float32 [1, 6, 160, 160]: two pictures of 160x160, the earlier first, each red, green and blue, 0 to 1, without mean and deviation',
        'output output0: float32 [1, 3]: a score for each of 3 labels',
        'scores probabilities, taken as they are (as those of a black picture look)',
        'labels moving, stopped, empty (its own metadata)',
        'runs on cpu',
        time,
      ],
      configuration: `  models:\n    belt-state:\n      kind: classify\n      file: ${file}\n`,
    })
  })

  it('is told what its numbers are taken for, and may be told', async () => {
    const file = await writeModel(constantModel([1, 3], [0.75, 0.5, 0.5], { metadata: { names: "['a', 'b', 'c']" } }))
    const { code, rows } = await check(file)
    expect(code).toBe(1)
    expect(rows).toContain(
      'to classify its scores for an empty picture (0.75, 0.5, 0.5) could be probabilities or logits: say which in the configuration (`scores`: probabilities, logits, independent-logits)',
    )
    const told = await check(file, { scores: 'independent-logits' })
    expect(told.rows).toContain('scores independent logits, each made a probability by its sigmoid (--scores)')
    expect(told.configuration).toContain('\n      scores: independent-logits\n')
  })

  it('is told that a model of bytes is given bytes', async () => {
    const made = exportModel({
      metadata: ultralytics('YOLOv8n', 'detect'),
      outputs: [channelsHead('output0', 84)],
      opset: 17,
      type: 'uint8',
    })
    const { rows } = await check(await writeModel(made))
    expect(rows).toContain('input images: uint8 [1, 3, 64, 64]: a picture of 64x64, red, green and blue, 0 to 255')
  })

  it.each([
    {
      what: 'v5, of half precision and any size, without labels of its own',
      made: exportModel({
        metadata: { stride: '32', imgsz: '[60, 60]' },
        outputs: [rowsHead('output0', 252)],
        opset: 17,
        type: 'float16',
        sides: ['height', 'width'],
        isDynamic: true,
      }),
      options: { labels: ['bolt', 'nut'] },
      input:
        'input images: float16 [batch, 3, height, width]: a picture of 64x64, red, green and blue, 0 to 1, without mean and deviation',
      output:
        'output output0: float16 [1, 252, 7]: layout v5 (also v6, v7), a candidate a row: box, objectness and 2 scores; suppressed by Belay',
      labels: 'labels bolt, nut (--labels)',
    },
    {
      what: 'what it is said to be, of the size that is given',
      made: exportModel({
        metadata: { stride: '32', names: "{0: 'part'}" },
        outputs: [{ name: 'o', dims: [1, 300, 6], values: new Float32Array(1800) }],
        opset: 17,
        sides: ['height', 'width'],
      }),
      options: { input: { width: 128, height: 96 }, layout: 'v5' as const },
      input:
        'input images: float32 [1, 3, height, width]: a picture of 128x96, red, green and blue, 0 to 1, without mean and deviation',
      output:
        'output o: float32 [1, 300, 6]: layout v5 (also v6, v7), a candidate a row: box, objectness and 1 score; suppressed by Belay',
      labels: 'labels part (its own metadata)',
      more: '      input: 128x96\n      layout: v5\n',
    },
    {
      what: 'v10',
      made: exportModel({
        metadata: ultralytics('YOLOv10n', 'detect'),
        outputs: [endToEndHead('output0', 300)],
        opset: 17,
      }),
      options: {},
      input:
        'input images: float32 [1, 3, 64, 64]: a picture of 64x64, red, green and blue, 0 to 1, without mean and deviation',
      output:
        'output output0: float32 [1, 300, 6]: layout end-to-end (also v10), a detection a row: corners, score and class; suppressed by the model, without `iouThreshold`',
      labels: 'labels bolt, nut (its own metadata)',
    },
    {
      what: 'v5 of before its operators could be suppressed',
      made: exportModel({ metadata: {}, outputs: [rowsHead('output', 252)], opset: 11 }),
      options: { labels: ['bolt', 'nut'] },
      input:
        'input images: float32 [1, 3, 64, 64]: a picture of 64x64, red, green and blue, 0 to 1, without mean and deviation',
      output:
        'output output: float32 [1, 252, 7]: layout v5 (also v6, v7), a candidate a row: box, objectness and 2 scores; suppressed by Belay',
      labels: 'labels bolt, nut (--labels)',
      slower: "slower suppression wants version 12 of ONNX's operators, and it has 11; export it with a newer one",
    },
  ])('is found to be $what', async ({ made, options, input, output, labels, slower, more = '' }) => {
    const file = await writeModel(made)
    const { code, rows, configuration } = await check(file, options)
    expect(code).toBe(0)
    expect(rows.slice(1, -1)).toEqual([input, output, labels, 'runs on cpu', ...(slower === undefined ? [] : [slower])])
    const named = 'labels' in options ? '      labels: ["bolt","nut"]\n' : ''
    expect(configuration).toBe(`  models:\n    model:\n      kind: detect\n      file: ${file}\n${named}${more}`)
  })
})

describe('a model that fits no kind', () => {
  it('is refused with the reason for each', async () => {
    const file = bundled('belt-particles')
    expect(await check(file, { labels: ['one'] })).toEqual({
      code: 1,
      rows: [
        `${file} cannot be used`,
        'to detect its output has the shape [1, 6, 300]; with 1 label expected [1, 5, N] (v8), [1, N, 6] (v5) or [1, N, 6] (end-to-end) (1 label is given). In layout v8 it is of 2 labels: give as many (`labels`)',
        'to classify its metadata has the task detect; set its `kind` to detect',
        'to read its input images is float32 [1, 3, 640, 640]; expected float32 or float16 [1, 3, 48, width]',
      ],
      configuration: '',
    })
  })

  it('is told to be for something else, where its metadata says so', async () => {
    const segments = exportModel({
      metadata: ultralytics('YOLOv8n-seg', 'segment'),
      outputs: [{ ...channelsHead('output0', 84), dims: [1, 38, 84], values: new Float32Array(38 * 84) }],
      opset: 17,
    })
    const { rows } = await check(await writeModel(segments))
    expect(rows[1]).toBe(
      'to detect or classify its metadata has the task segment; export a model for detect or classify',
    )
  })

  it('is told to be the detector of another, where it puts out a map', async () => {
    const map = { name: 'map', dims: [1, 1, 64, 64], values: new Float32Array(64 * 64) }
    const { rows } = await check(await writeModel(exportModel({ metadata: {}, outputs: [map], opset: 17 })))
    expect(rows[1]).toMatch(
      /Its output has the shape \[1, 1, 64, 64\], a map of its input: if that is of text, it is the `detector` of a model that reads$/,
    )
  })

  it('is told once what is wrong whatever it is for', async () => {
    const { code, rows } = await check(await writeModel('This is not a model'))
    expect(code).toBe(1)
    expect(rows).toEqual([expect.stringMatching(/ cannot be used$/), expect.stringMatching(/^why it cannot be read: /)])
  })

  it('is told to want labels, and how many, where it has none', async () => {
    const { rows } = await check(await writeModel(constantModel([1, 84, 189], Array<number>(84 * 189).fill(0))))
    expect(rows[1]).toBe(
      'to detect or classify it has no labels: its metadata has no `names`, and none are given (`labels`). Its output has the shape [1, 84, 189], in layout v8 that of 80 labels',
    )
  })
})
