import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { Box } from '../../domain/fitting.ts'
import type { PictureSize } from '../../domain/frame.ts'
import { ModelRefusedError } from '../../domain/inference-errors.ts'
import type { TextLine } from '../../domain/inspection.ts'
import type { ModelFacts, ModelToLoad } from '../../domain/model.ts'
import { createSession, type ModelSession } from './create-session.ts'
import { readMetadata } from './model-metadata.ts'
import { faultOfFile } from './file-fault.ts'
import { messageOf } from '../../domain/message-of.ts'
import { mostLines } from '../../domain/text-lines.ts'
import { tensorsOf } from './tensor-text.ts'
import { createTextFinder, usualPicture } from './text-finder.ts'
import { blank, createTextRecogniser, lineHeight, usualLine } from './text-recogniser.ts'
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
  readLines(picture: Tensor, shown: Box): Promise<TextRead>
}

export interface TextRead {
  readonly lines: TextLine[]
  /** As many were found, with text or without, as are read of a picture. */
  readonly isAtBound: boolean
}

/** @throws {ModelRefusedError} it cannot be read or run, or doesn't fit its dictionary. */
export async function loadReader(spec: ModelToLoad): Promise<ReadyReader> {
  const refused = (file: string, detail: string, cause?: unknown): ModelRefusedError =>
    new ModelRefusedError(spec.name, file, detail, { cause })
  const open = (file: string, sizeOf: (session: InferenceSession) => PictureSize): Promise<ModelSession> => {
    const trial = async (session: InferenceSession) => (await createTextRun(session))(blank(sizeOf(session)))
    return createSession(file, spec.providers ?? [], trial).catch(async (error: unknown) => {
      throw refused(file, `it cannot be read: ${await faultOfFile(file, error)}`, error)
    })
  }

  const { session, provider, declined } = await open(spec.file, usualLine)
  const wrongInput = faultOfInput(session, `[1, 3, ${lineHeight}, width]`, lineHeight)
  if (wrongInput !== undefined) throw refused(spec.file, wrongInput)
  const listed = await readDictionary(spec).catch((error: unknown) => {
    throw refused(spec.dictionary ?? spec.file, `its dictionary cannot be read: ${messageOf(error)}`, error)
  })
  if (listed === undefined) {
    throw refused(
      spec.file,
      'it has no dictionary: its metadata has no `character`, and no file is given (`dictionary`)',
    )
  }
  const recogniser = await createTextRecogniser(session, listed)
  if (typeof recogniser === 'string') throw refused(spec.file, recogniser)

  const detector = spec.detector === undefined ? undefined : await open(spec.detector, usualPicture)
  const finder = detector === undefined ? undefined : await createTextFinder(detector.session)
  if (spec.detector !== undefined && typeof finder === 'string') throw refused(spec.detector, finder)
  const findLines = typeof finder === 'string' ? undefined : finder

  const readLines = async (picture: Tensor, shown: Box): Promise<TextRead> => {
    const boxes = findLines === undefined ? [shown] : await findLines(picture, wholePixels(shown, picture))
    const lines: TextLine[] = []
    for (const box of boxes) {
      const read = await recogniser.readLine(picture, wholePixels(box, picture))
      if (read.text.trim() !== '') lines.push({ ...box, ...read })
    }
    return { lines, isAtBound: boxes.length >= mostLines }
  }
  const facts: ModelFacts = {
    name: spec.name,
    kind: 'read',
    input: detector === undefined ? usualLine(session) : usualPicture(detector.session),
    frames: 1,
    type: inputType(session) ?? 'float32',
    labels: [],
    layout: undefined,
    provider,
    declined,
    tensors: tensorsOf(session),
    reads: {
      characters: recogniser.characters,
      detector: spec.detector === undefined ? undefined : basename(spec.detector),
      finds: detector && {
        provider: detector.provider,
        declined: detector.declined,
        tensors: tensorsOf(detector.session),
      },
    },
  }
  return { facts, readLines }
}

/** One character a line; `undefined`: neither file nor metadata. */
async function readDictionary({ file, dictionary }: ModelToLoad): Promise<string[] | undefined> {
  const text = dictionary === undefined ? readMetadata(file).get('character') : await readFile(dictionary, 'utf8')
  return text?.replace(/\r?\n$/, '').split(/\r?\n/)
}

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
