import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createPiscinaRunner } from '../../../src/adapters/inference/piscina-runner.ts'
import { checkModelFile } from '../../../src/commands/check/check-model-file.ts'
import { csvRequest } from '../../../src/domain/csv-row.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import type { InferenceTask } from '../../../src/domain/inference-task.ts'
import type { ModelToLoad } from '../../../src/domain/model.ts'
import { epochMs } from '../../../src/domain/units.ts'
import { bytesField, concat, textField } from '../../../src/workers/inference/protobuf.ts'
import { MemoryTerminal } from '../../commands/memory-terminal.ts'
import {
  dictionary,
  drawLabel,
  labelSize as size,
  labelTexts,
  recogniser,
  textDetector as detector,
  withoutSpaces,
} from '../../support/text-models.ts'
import { writeModel } from '../../workers/inference/support.ts'

const label = async (): Promise<InferenceTask['picture']> => ({
  buffer: (await drawLabel()).buffer,
  byteOffset: 0,
  size,
})

async function read(spec: Partial<ModelToLoad>, task: Partial<InferenceTask> = {}) {
  const model = {
    name: 'codes',
    kind: 'read',
    file: recogniser,
    labels: undefined,
    layout: 'auto',
    dictionary,
  } as const
  const worker = await createPiscinaRunner().startWorker([{ ...model, ...spec }], new AbortController().signal)
  onTestFinished(() => worker.close())
  const { findings } = await worker.run({
    picture: await label(),
    previous: undefined,
    sourceSize: size,
    fit: 'letterbox',
    models: [{ model: 'codes', scoreThreshold: 0.5, iouThreshold: 1 }],
    ...task,
  })
  const [finding] = findings
  if (finding?.kind !== 'read') throw new Error('Nothing was read')
  return finding
}

describe('PP-OCRv4', () => {
  it('finds and reads the codes on a label, and they become rows, as people read them', async () => {
    const finding = await read({ detector })
    const frame = { cameraId: cameraId('dock-1'), epoch: 1, number: 7, capturedAt: epochMs(0) }
    const { folder, rows } = csvRequest(3, frame, finding)
    expect(folder).toBe('reader')
    expect(rows.map((row) => row.slice(0, 5))).toEqual([1, 2, 3].map((line) => [3, 'dock-1', 1, 7, line]))
    expect(withoutSpaces(rows.map((row) => String(row[7])))).toEqual(labelTexts)
    for (const row of rows) expect(row[8]).toBeGreaterThan(0.8)
    const [lot] = finding.lines
    expect([lot?.x, lot?.y]).toEqual([expect.closeTo(60, -1.4), expect.closeTo(70, -1.4)])
  }, 60_000)

  it('looks for lines in what is shown, and not in the bars', async () => {
    const whole = await label()
    // The label between two bars, of which the lower has the lot code again.
    const boxed = { width: size.width, height: 640 }
    const top = 140
    const planes = new Uint8Array(new SharedArrayBuffer(boxed.width * boxed.height * 3)).fill(114)
    for (let plane = 0; plane < 3; plane++) {
      const rows = new Uint8Array(whole.buffer, plane * size.width * size.height, size.width * size.height)
      planes.set(rows, (plane * boxed.height + top) * boxed.width)
      planes.set(rows.subarray(0, 140 * size.width), (plane * boxed.height + top + size.height) * boxed.width)
    }
    const finding = await read(
      { detector },
      { picture: { buffer: planes.buffer, byteOffset: 0, size: boxed }, fit: 'letterbox' },
    )
    expect(withoutSpaces(finding.lines.map(({ text }) => text))).toEqual(labelTexts)
    const [lot] = finding.lines
    expect([lot?.x, lot?.y]).toEqual([expect.closeTo(60, -1.4), expect.closeTo(70, -1.4)])
  }, 60_000)

  it('reads a picture that is one line, where no detector is named', async () => {
    const whole = new Uint8Array((await label()).buffer)
    const line = { x: 50, y: 60, width: 360, height: 70 }
    const cut = new SharedArrayBuffer(line.width * line.height * 3)
    for (let row = 0; row < 3 * line.height; row++) {
      const plane = Math.floor(row / line.height)
      const from = (plane * size.height + line.y + (row % line.height)) * size.width + line.x
      new Uint8Array(cut, row * line.width).set(whole.subarray(from, from + line.width))
    }
    const shown = { buffer: cut, byteOffset: 0, size: { width: line.width, height: line.height } }
    const { lines } = await read({}, { picture: shown, crop: line })
    expect(withoutSpaces(lines.map(({ text }) => text))).toEqual(labelTexts.slice(0, 1))
    expect(lines[0]).toMatchObject(line)
  }, 60_000)

  it('takes its characters from its own metadata where no dictionary is named', async () => {
    const characters = concat([textField(1, 'character'), textField(2, await readFile(dictionary, 'utf8'))])
    const file = await writeModel(concat([await readFile(recogniser), bytesField(14, characters)]))
    const { lines } = await read({ file, dictionary: undefined, detector })
    expect(withoutSpaces(lines.map(({ text }) => text))).toEqual(labelTexts)
    await expect(read({ dictionary: undefined })).rejects.toThrow('it has no dictionary')
  }, 60_000)

  it('is refused with another dictionary than its own', async () => {
    await expect(read({ dictionary: fileURLToPath(import.meta.url) })).rejects.toThrow(
      'its output has the shape [1, 40, 6625]',
    )
  }, 60_000)

  it('is described by belay check --model', async () => {
    const terminal = new MemoryTerminal()
    expect(await checkModelFile(recogniser, { providers: ['cpu'], dictionary, detector }, terminal)).toBe(0)
    expect(terminal.said.replace(/\s+/g, ' ')).toMatch(
      /rec_infer.onnx can read input x: float32 \[.*, 3, 48, .*\]: each line of text, scaled to the height of 48; the picture is 640x640 .* with a score for 6624 characters and for none lines found by ch_PP-OCRv4_det_infer.onnx, from x: float32 \[.*\] to .*: float32 \[.*\] runs on cpu; what finds the lines on cpu a frame [\d.]+ ms in one thread, the median of 5 without text; each line of text, up to 32 in a frame, takes [\d.]+ ms more at 320x48,/,
    )
  }, 60_000)
})
