import { z } from 'zod'
import { scoreScales } from '../domain/score-scale.ts'
import { yoloLayouts } from '../domain/yolo-layout.ts'
import { builtinModels } from './builtin-files.ts'
import { choice, path, pictureSize, text } from './scalars.ts'
import { orList, section } from './section.ts'

const file = path()
  .refine((name) => !name.startsWith('builtin:') || name.slice('builtin:'.length) in builtinModels, {
    error: `${orList(Object.keys(builtinModels).map((name) => `builtin:${name}`))}, or a path`,
  })
  .describe(
    'The ONNX file; `builtin:belt-particles` and `builtin:belt-state` come with Belay. Floats are given as 0 to 1: a mean and a deviation, such as ImageNet’s, have to be in the model.',
  )

const labels = z
  .union([z.literal('from-model'), z.array(text()).min(1).max(10_000)], { error: 'from-model, or a list of texts' })
  .default('from-model')
  .describe('Names of the classes in the model’s order; `from-model`: as its own metadata says.')

const inputMeans =
  'Size of the pictures that a model is given which takes any; `from-model`: as its own metadata says (`imgsz`), or 640x640.'
const sizeExpected = 'from-model, or a size in pixels such as 640x480, 16 to 8192 a side'
const input = z
  .union([z.literal('from-model'), pictureSize(sizeExpected)], { error: sizeExpected })
  .prefault('from-model')
  .describe(inputMeans)

const nameExpected = 'a name of letters, digits and (not the first) dots, dashes and underscores, at most 64'
const modelName = z.string({ error: nameExpected }).regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, { error: nameExpected })

export const modelsSchema = z.record(
  modelName,
  z.discriminatedUnion(
    'kind',
    [
      section({
        kind: z.literal('detect').describe('Finds things and gives a box for each.'),
        file,
        labels,
        input,
        layout: choice(['auto', ...yoloLayouts])
          .default('auto')
          .describe('YOLO output layout; `auto`: recognised from the output’s shape and the model’s metadata.'),
      }),
      section({
        kind: z.literal('classify').describe('Gives a score to each of its labels.'),
        file,
        labels,
        input: input.describe(
          `${inputMeans} The picture is fitted to it as the camera’s \`fit\` says: a classifier that was trained on a square from the middle of pictures, as Ultralytics’ are, wants \`cover\`.`,
        ),
        scores: choice(['auto', ...scoreScales])
          .default('auto')
          .describe(
            'What its numbers are. `probabilities`: 0 to 1, taken as they are; `logits`: of labels of which one is true, made probabilities by softmax (of one label, by sigmoid); `independent-logits`: of labels of which any number may be true, each by its sigmoid; `auto`: probabilities or logits, as what it says of a black picture shows; where that could be either, the model is refused until this key says which.',
          ),
      }),
      section({
        kind: z.literal('read').describe('Reads lines of text, such as lot and expiry codes.'),
        file: path().describe('The ONNX file of the recogniser, as PP-OCR exports it: lines of 48 pixels height.'),
        dictionary: z
          .union([z.literal('from-model'), path()], { error: 'from-model, or a path' })
          .default('from-model')
          .describe(
            'File with the recogniser’s characters, one a line; `from-model`: as its own metadata says (`character`).',
          ),
        detector: path()
          .optional()
          .describe(
            'The ONNX file of a detector that finds the lines, as PP-OCR exports it; without it, the picture is one line.',
          ),
      }),
    ],
    { error: (issue) => (issue.code === 'invalid_union' ? 'detect, classify or read' : 'a map with a `kind`') },
  ),
  { error: 'a map from names to models' },
)
