import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { Tensor } from 'onnxruntime-node'
import { decodeCtc } from '../../domain/ctc.ts'
import type { Box } from '../../domain/fitting.ts'
import type { PictureSize } from '../../domain/frame.ts'
import { ModelRefusedError } from '../../domain/inference-errors.ts'
import type { TextLine } from '../../domain/inspection.ts'
import type { ModelFacts, ModelToLoad } from '../../domain/model.ts'
import { createSession, type ModelSession } from './create-session.ts'
import { readMetadata } from './model-metadata.ts'
import { faultOfFile } from './file-fault.ts'
import { messageOf } from './message-of.ts'
import { tensorsOf } from './tensor-text.ts'
import { createTextFinder, wholePicture } from './text-finder.ts'
import { createTextInput } from './text-input.ts'
import { createTextRun, faultOfInput, inputType } from './text-session.ts'

/** A recogniser, and where it has one a detector that finds the lines for it, ready to run. */
export interface ReadyReader {
  readonly facts: ModelFacts
  /**
   * The lines of text in a picture (planes of red, green and blue, bytes), in its pixels. Only what is `shown` is looked at: of a letter-boxed picture not
   * the bars. Without a detector, that is one line.
   *
   * @throws {RangeError} what a model put out cannot be read.
   */
  readLines(picture: Tensor, shown: Box): Promise<TextLine[]>
}

/** PP-OCR's. */
const lineHeight = 48
/** PP-OCR's for a line of which nothing is known. */
const usualWidth = 320
/** Lines are padded to a multiple of it, and no further: what a line costs is its width. */
const widthStep = 32
const leastWidth = 64
/** Longer lines cost more than they tell. */
const mostWidth = 2048

const blankLine: PictureSize = { width: usualWidth, height: lineHeight }

/** @throws {ModelRefusedError} it cannot be read or run, or doesn't fit its dictionary. */
export async function loadReader(spec: ModelToLoad): Promise<ReadyReader> {
  const refused = (file: string, detail: string, cause?: unknown): ModelRefusedError =>
    new ModelRefusedError(spec.name, file, detail, { cause })
  const open = (file: string, size: PictureSize): Promise<ModelSession> =>
    createSession(file, spec.providers ?? [], async (session) => (await createTextRun(session))(blank(size))).catch(
      async (error: unknown) => {
        throw refused(file, `it cannot be read: ${await faultOfFile(file, error)}`, error)
      },
    )

  const recogniser = await open(spec.file, blankLine)
  const wrongInput = faultOfInput(recogniser.session, `[1, 3, ${lineHeight}, width]`, lineHeight)
  if (wrongInput !== undefined) throw refused(spec.file, wrongInput)
  const toLine = await createTextInput({ mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] })
  const listed = await readDictionary(spec).catch((error: unknown) => {
    throw refused(spec.dictionary ?? spec.file, `its dictionary cannot be read: ${messageOf(error)}`, error)
  })
  if (listed === undefined) {
    throw refused(
      spec.file,
      'it has no dictionary: its metadata has no `character`, and no file is given (`dictionary`)',
    )
  }
  const run = await createTextRun(recogniser.session)
  const sample = await run(blank(blankLine)).catch((error: unknown) => {
    throw refused(spec.file, `it fails on an empty line: ${messageOf(error)}`, error)
  })
  const characters = charactersFor(listed, sample.dims)
  if (typeof characters === 'string') throw refused(spec.file, characters)

  const detector = spec.detector === undefined ? undefined : await open(spec.detector, wholePicture)
  const finder = detector === undefined ? undefined : await createTextFinder(detector.session)
  if (spec.detector !== undefined && typeof finder === 'string') throw refused(spec.detector, finder)
  const findLines = typeof finder === 'string' ? undefined : finder

  const { session, provider } = recogniser
  const readLines = async (picture: Tensor, shown: Box): Promise<TextLine[]> => {
    const lines: TextLine[] = []
    for (const box of findLines === undefined ? [shown] : await findLines(picture, wholePixels(shown, picture))) {
      const part = wholePixels(box, picture)
      const width = Math.min(mostWidth, Math.max(8, Math.round((part.width * lineHeight) / part.height)))
      const padded = Math.max(leastWidth, Math.ceil(width / widthStep) * widthStep)
      const input = await toLine(picture, part, { width, height: lineHeight }, padded)
      const { data, dims } = await run(input)
      const read = decodeCtc(data, dims, characters)
      if (read.text.trim() !== '') lines.push({ ...box, ...read })
    }
    return lines
  }
  const facts: ModelFacts = {
    name: spec.name,
    kind: 'read',
    input: findLines === undefined ? { width: usualWidth, height: lineHeight } : wholePicture,
    frames: 1,
    type: inputType(session) ?? 'float32',
    labels: [],
    layout: undefined,
    provider,
    declined: declinedBy(recogniser, detector),
    tensors: tensorsOf(session),
    reads: {
      characters: characters.length,
      detector: spec.detector === undefined ? undefined : basename(spec.detector),
    },
  }
  return { facts, readLines }
}

/** By one session or the other, each provider once. */
function declinedBy(recogniser: ModelSession, detector: ModelSession | undefined): ModelFacts['declined'] {
  const { declined } = recogniser
  const more = detector?.declined ?? []
  return [...declined, ...more.filter(({ provider }) => declined.every((each) => each.provider !== provider))]
}

/** One character a line; `undefined`: neither file nor metadata. */
async function readDictionary({ file, dictionary }: ModelToLoad): Promise<string[] | undefined> {
  const text = dictionary === undefined ? readMetadata(file).get('character') : await readFile(dictionary, 'utf8')
  return text?.replace(/\r?\n$/, '').split(/\r?\n/)
}

/** As many as the model has classes: some dictionaries leave the space at the end unsaid. A text is the reason why neither fits. */
function charactersFor(listed: readonly string[], dims: readonly number[]): readonly string[] | string {
  const classes = dims.at(-1)
  if (dims.length === 3 && classes === listed.length + 1) return listed
  if (dims.length === 3 && classes === listed.length + 2) return [...listed, ' ']
  return `its output has the shape [${dims.join(', ')}], and its dictionary ${listed.length} characters: expected [1, steps, ${listed.length + 1}], or one more for the space`
}

const blank = ({ width, height }: PictureSize): Tensor =>
  new Tensor('float32', new Float32Array(3 * height * width), [1, 3, height, width])

const sizeOf = ({ dims: [, , height = 0, width = 0] }: Tensor): PictureSize => ({ width, height })

function wholePixels(box: Box, picture: Tensor): Box {
  const size = sizeOf(picture)
  const x = Math.min(size.width - 1, Math.max(0, Math.floor(box.x)))
  const y = Math.min(size.height - 1, Math.max(0, Math.floor(box.y)))
  return {
    x,
    y,
    width: Math.max(1, Math.min(size.width, Math.ceil(box.x + box.width)) - x),
    height: Math.max(1, Math.min(size.height, Math.ceil(box.y + box.height)) - y),
  }
}
