import { type InferenceSession, Tensor } from 'onnxruntime-node'
import type { Box } from '../../domain/fitting.ts'
import type { PictureSize } from '../../domain/frame.ts'
import { findTextLines } from '../../domain/text-lines.ts'
import { messageOf } from './message-of.ts'
import { createTextInput, type TextInput } from './text-input.ts'
import { createTextRun, faultOfInput } from './text-session.ts'

/** The lines within a part of a picture, in the picture's pixels. @throws {RangeError} what the model put out is no map of it. */
export type TextFinder = (picture: Tensor, part: Box) => Promise<Box[]>

/** Of a camera's picture, where the configuration doesn't say. */
export const wholePicture: PictureSize = { width: 640, height: 640 }

/** Sides of a detector's input are multiples of it. */
const detectorStep = 32

/** Finds lines, or says why the model doesn't. */
export async function createTextFinder(session: InferenceSession): Promise<TextFinder | string> {
  const wrongInput = faultOfInput(session, '[1, 3, height, width]', undefined)
  if (wrongInput !== undefined) return wrongInput
  const run = await createTextRun(session)
  const toPicture: TextInput = await createTextInput({
    mean: [0.485, 0.456, 0.406],
    deviation: [0.229, 0.224, 0.225],
  })
  const find: TextFinder = async (picture, part) => {
    const scaledTo = { width: toStep(part.width), height: toStep(part.height) }
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
  // Twice, and as large as most pictures: ONNX Runtime takes its memory in the first two runs, which last up to five times as long as all others.
  const { width, height } = wholePicture
  const empty = new Tensor('uint8', new Uint8Array(3 * width * height), [1, 3, height, width])
  try {
    for (let time = 0; time < 2; time++) await find(empty, { x: 0, y: 0, width, height })
    return find
  } catch (error) {
    return `it fails on an empty picture: ${messageOf(error)}`
  }
}

const toStep = (side: number): number => Math.max(1, Math.round(side / detectorStep)) * detectorStep
