import { type InferenceSession, Tensor } from 'onnxruntime-node'
import { decodeCtc, type ReadText } from '../../domain/ctc.ts'
import type { Box } from '../../domain/fitting.ts'
import type { PictureSize } from '../../domain/frame.ts'
import { isLikelihood } from '../../domain/likelihood.ts'
import { messageOf } from '../../domain/message-of.ts'
import type { RawOutput } from './model-output.ts'
import { createTextInput } from './text-input.ts'
import { createTextRun, fixedSides, sizeText } from './text-session.ts'

export interface TextRecogniser {
  /** How many it knows. */
  readonly characters: number
  /** What stands in a part of a picture, which is one line. @throws {RangeError} what the model put out cannot be read. */
  readonly readLine: (picture: Tensor, part: Box) => Promise<ReadText>
}

/** PP-OCR's. */
export const lineHeight = 48
/** PP-OCR's for a line of which nothing is known. */
const usualWidth = 320
/** Lines are padded to a multiple of it, and no further: what a line costs is its width. */
const widthStep = 32
const leastWidth = 64
/** Longer lines cost more than they tell. */
const mostWidth = 2048

/** Of a line of which nothing is known. */
export const usualLine = (session: InferenceSession): PictureSize => ({
  width: fixedSides(session).width ?? usualWidth,
  height: lineHeight,
})

/** Reads lines with the characters that are listed, or says why the model doesn't. */
export async function createTextRecogniser(
  session: InferenceSession,
  listed: readonly string[],
): Promise<TextRecogniser | string> {
  const run = await createTextRun(session)
  const fixedWidth = fixedSides(session).width
  const usual = usualLine(session)
  let sample: RawOutput
  try {
    sample = await run(blank(usual))
  } catch (error) {
    return `it fails on an empty line: ${messageOf(error)}`
  }
  const characters = charactersFor(listed, sample.dims)
  if (typeof characters === 'string') return characters
  const odd = sample.data.find((value) => !isLikelihood(value))
  if (odd !== undefined) {
    return `its output for an empty line has ${odd}; expected 0 to 1, as a model with its softmax puts it out`
  }
  if (fixedWidth === undefined) {
    // A width that is fixed within its graph alone shows here, and not with the first line that has another.
    const longer = { ...usual, width: 2 * usual.width }
    try {
      await run(blank(longer))
    } catch (error) {
      return `it fails on an empty line of ${sizeText(longer)}, and its input says that it takes any width: ${messageOf(error)}`
    }
  }

  const toLine = await createTextInput({ mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] })
  const readLine = async (picture: Tensor, part: Box): Promise<ReadText> => {
    const natural = Math.max(8, Math.round((part.width * lineHeight) / part.height))
    // A line that is longer than what there is room for is squeezed into it, as PP-OCR does.
    const width = Math.min(fixedWidth ?? mostWidth, natural)
    const padded = fixedWidth ?? Math.max(leastWidth, Math.ceil(width / widthStep) * widthStep)
    const { data, dims } = await run(await toLine(picture, part, { width, height: lineHeight }, padded))
    return decodeCtc(data, dims, characters)
  }
  return { characters: characters.length, readLine }
}

/** As many as the model has classes: some dictionaries leave the space at the end unsaid. A text is the reason why neither fits. */
function charactersFor(listed: readonly string[], dims: readonly number[]): readonly string[] | string {
  const classes = dims.at(-1)
  if (dims.length === 3 && classes === listed.length + 1) return listed
  if (dims.length === 3 && classes === listed.length + 2) return [...listed, ' ']
  return `its output has the shape [${dims.join(', ')}], and its dictionary ${listed.length} characters: expected [1, steps, ${listed.length + 1}], or one more for the space`
}

/** An empty input of floats. */
export const blank = ({ width, height }: PictureSize): Tensor =>
  new Tensor('float32', new Float32Array(3 * height * width), [1, 3, height, width])
