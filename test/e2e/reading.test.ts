import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { csvColumns } from '../../src/domain/csv-row.ts'
import { makeClip } from '../support/make-clip.ts'
import {
  dictionary,
  drawLabel,
  labelSize,
  labelTexts,
  recogniser,
  textDetector,
  withoutSpaces,
} from '../support/text-models.ts'
import { exportModel, rowsHead } from '../support/yolo-models.ts'
import { killLeftovers, type LogLine, startDaemon } from './support/daemon.ts'
import { createSite, type Site } from './support/site.ts'

let site: Site
beforeEach(async () => {
  site = await createSite()
})
afterEach(async () => {
  killLeftovers()
  await site.tearDown()
})

const size = { width: 1280, height: 720 }
/** Where the label lies in the camera's picture: at odd pixels, as nobody would choose. */
const part = { x: 321, y: 179, ...labelSize }
const frames = 4

/** A grey wall with a label on it. */
async function makeWall(file: string): Promise<void> {
  const label = await drawLabel()
  const draw = (_: number, pixels: Uint8Array): void => {
    pixels.fill(90)
    for (let row = 0; row < 3 * part.height; row++) {
      const plane = Math.floor(row / part.height)
      const to = (plane * size.height + part.y + (row % part.height)) * size.width + part.x
      pixels.set(label.subarray(row * part.width, (row + 1) * part.width), to)
    }
  }
  await makeClip(file, { size, rate: 4, frames, draw })
}

/** Every row of the files that a reader's rows went to, by the names of their columns. */
async function readerRows(folder: string): Promise<Record<string, string>[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => /\/reader\/.*\.csv$/.test(name)).sort()
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  return texts.flatMap((text) => {
    const [header, ...lines] = text.split(/\r?\n/).filter((line) => line !== '')
    expect(header).toBe(csvColumns.reader.join(','))
    return lines.map((line) => {
      const cells = line.split(',')
      return Object.fromEntries(csvColumns.reader.map((column, at) => [column, cells[at] ?? '']))
    })
  })
}

describe('a camera that reads a part of its picture', () => {
  it('delivers the lot code, the expiry date and the serial number of each frame, with their scores and places, beside a detector, and says what is not as it could be', async () => {
    const clip = join(site.folder, 'wall.mp4')
    await makeWall(clip)
    // Of operators so old that its suppression runs beside it.
    const parts = join(site.folder, 'parts.onnx')
    await writeFile(parts, exportModel({ metadata: {}, outputs: [rowsHead('output', 252)], opset: 11 }))
    const crop = `{ x: ${part.x}, y: ${part.y}, width: ${part.width}, height: ${part.height} }`
    const config = await site.configure(
      [
        `{ id: dock-1, source: { type: file, path: ${clip}, lossless: true }, crop: ${crop}, read: { model: codes }, detect: { model: parts } }`,
      ],
      {
        models: `{ codes: { kind: read, file: ${recogniser}, dictionary: ${dictionary}, detector: ${textDetector} }, parts: { kind: detect, file: ${parts}, labels: [bolt, nut] } }`,
        // A busy machine is no part of this.
        inference: '{ workers: 1, deadline: 60s, providers: [cuda, cpu] }',
      },
    )
    const daemon = startDaemon(config)
    await daemon.until('every frame', ({ cameras: [dock] }) => dock?.frames.inspected === frames)
    daemon.signal('SIGTERM')
    expect(await daemon.exit).toEqual({ code: 0, signal: null })

    const declined = daemon.log.filter(({ fact }) => fact === 'provider.declined')
    expect(declined).toEqual([
      expect.objectContaining({ level: 'warn', model: 'codes', provider: 'cuda', instead: 'cpu' }) as LogLine,
      expect.objectContaining({ level: 'warn', model: 'parts', provider: 'cuda', instead: 'cpu' }) as LogLine,
    ])
    // ONNX Runtime has its own words for it, which go past the log.
    expect(daemon.stderr).toBe('')
    expect(daemon.log.filter(({ fact }) => fact === 'model.slower')).toEqual([
      expect.objectContaining({
        model: 'parts',
        why: "suppression wants version 12 of ONNX's operators, and it has 11; export it with a newer one",
      }) as LogLine,
    ])

    const nuts = (await site.deliveredRows()).filter(({ folder }) => folder === 'model')
    expect(nuts.map(({ detection }) => detection)).toEqual(Array<number>(frames).fill(1))

    const rows = await readerRows(site.delivered)
    const seen = [...new Set(rows.map((row) => row['frame']))]
    expect(seen).toHaveLength(frames)
    for (const frame of seen) {
      const ofFrame = rows.filter((row) => row['frame'] === frame)
      expect(ofFrame.map((row) => row['detection'])).toEqual(['1', '2', '3'])
      expect(withoutSpaces(ofFrame.map((row) => row['text'] ?? ''))).toEqual(labelTexts)
      for (const row of ofFrame) expect(Number(row['score'])).toBeGreaterThan(0.8)
    }
    expect(rows).toHaveLength(3 * frames)
    // The lot code stands at 60, 70 on the label.
    expect([Number(rows[0]?.['x_px']) - part.x, Number(rows[0]?.['y_px']) - part.y]).toEqual([
      expect.closeTo(60, -1.4),
      expect.closeTo(70, -1.4),
    ])
  })
})
