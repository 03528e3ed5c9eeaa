import { type InferenceSession, Tensor } from 'onnxruntime-node'
import type { Box } from '../../domain/fitting.ts'
import type { PictureSize } from '../../domain/frame.ts'
import { findTextLines } from '../../domain/text-lines.ts'
import { messageOf } from '../../domain/message-of.ts'
import { createTextInput, type TextInput } from './text-input.ts'
import { createTextRun, faultOfInput, fixedSides, sizeText } from './text-session.ts'

/** The lines within a part of a picture, in the picture's pixels. @throws {RangeError} what the model put out is no map of it. */
export type TextFinder = (picture: Tensor, part: Box) => Promise<Box[]>

/** PP-OCR's detectors take any size. */
const usualSide = 640

/** Sides of a detector's input are multiples of it. */
const detectorStep = 32

const trials: readonly PictureSize[] = [
  { width: 320, height: 320 },
  { width: 320, height: 160 },
]

/** Of a camera's picture, where the configuration doesn't say. */
export function usualPicture(session: InferenceSession): PictureSize {
  const { width = usualSide, height = usualSide } = fixedSides(session)
  return { width, height }
}

/** Finds lines, or says why the model doesn't. */
export async function createTextFinder(session: InferenceSession): Promise<TextFinder | string> {
  const wrongInput = faultOfInput(session, '[1, 3, height, width]', undefined)
  if (wrongInput !== undefined) return wrongInput
  const run = await createTextRun(session)
  const toPicture: TextInput = await createTextInput({
    mean: [0.485, 0.456, 0.406],
    deviation: [0.229, 0.224, 0.225],
  })
  const fixed = fixedSides(session)
  const find: TextFinder = async (picture, part) => {
    const scaledTo = { width: fixed.width ?? toStep(part.width), height: fixed.height ?? toStep(part.height) }
    const { data, dims } = await run(await toPicture(picture, part, scaledTo))
    if (dims.length !== 4 || dims[2] !== scaledTo.height || dims[3] !== scaledTo.width) {
      throw new RangeError(
        `expected a map of [1, 1, ${scaledTo.height}, ${scaledTo.width}], found [${dims.join(', ')}]`,
      )
    }
    const across = part.width / scaledTo.width
    const down = part.height / scaledTo.height
    return findTextLines(data, scaledTo).map((box) => ({
      x: part.x + box.x * across,
      y: part.y + box.y * down,
      width: box.width * across,
      height: box.height * down,
    }))
  }
  // Two: a size that is fixed within its graph alone would show with the first frame of another size.
  for (const part of trials) {
    try {
      await find(emptyPicture(part), { x: 0, y: 0, ...part })
    } catch (error) {
      return `it fails on an empty picture of ${sizeText(part)}: ${messageOf(error)}`
    }
  }
  return find
}

/** Planes of red, green and blue, all of them black. */
export const emptyPicture = ({ width, height }: PictureSize): Tensor =>
  new Tensor('uint8', new Uint8Array(3 * width * height), [1, 3, height, width])

const toStep = (side: number): number => Math.max(1, Math.round(side / detectorStep)) * detectorStep
