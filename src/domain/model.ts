import type { DeclinedProvider, ExecutionProvider } from './execution-provider.ts'
import type { PictureSize } from './frame.ts'
import type { ModelKind } from './inspection.ts'
import type { ScoreScale } from './score-scale.ts'
import type { YoloLayout } from './yolo-layout.ts'

/** A model as the configuration names it. */
export interface ModelSpec {
  readonly name: string
  readonly kind: ModelKind
  /** Absolute path of the .onnx file. */
  readonly file: string
  /** In the order of the model's classes; `undefined`: from the model's own metadata (`names`). */
  readonly labels: readonly string[] | undefined
  /** Of the pictures that it is given, where it takes any; `undefined`: as its own metadata says. */
  readonly input?: PictureSize | undefined
  /** Of a detector's output. `auto`: recognised from its shape; also of models of another kind. */
  readonly layout: YoloLayout | 'auto'
  /** Of a classifier. `auto`, or not given: judged by what it says of an empty picture. */
  readonly scores?: ScoreScale | 'auto' | undefined
  /** Of a model that reads: absolute path of a file with one character a line; `undefined`: from the model's own metadata (`character`). */
  readonly dictionary?: string | undefined
  /** Of a model that reads: absolute path of the .onnx file that finds the lines; `undefined`: the picture is one line. */
  readonly detector?: string | undefined
}

/** A model, and what it may run on. */
export interface ModelToLoad extends ModelSpec {
  /** Tried in this order; `cpu` is always the last, and the only one where nothing is said. */
  readonly providers?: readonly ExecutionProvider[]
  /** Of a model that reads: what is given to it, so that no frame is the first of its size; where it isn't known, a picture as large as its `input`. */
  readonly pictures?: readonly PictureOfCamera[]
}

/** The picture of a camera, and all models that look at it. */
export interface PictureOfCamera {
  readonly size: PictureSize | 'auto'
  readonly models: readonly string[]
}

/** What a model turned out to be, and of which files. */
export interface LoadedModel extends ModelFacts {
  /** Of all its files, as they were when they were read: SHA-256. */
  readonly digest: string
}

export interface ModelFacts {
  readonly name: string
  readonly kind: ModelKind
  readonly input: PictureSize
  /** How many of the camera's latest frames it takes, the older first. */
  readonly frames: 1 | 2
  readonly labels: readonly string[]
  readonly layout: YoloLayout | undefined
  /** Of a classifier: as what its numbers are taken. */
  readonly scores?: ScoreScale | undefined
  /** What its input is made of. */
  readonly type: 'float32' | 'float16' | 'uint8'
  /** Where it runs. */
  readonly provider: ExecutionProvider
  /** What was to be tried before that and could not be had. */
  readonly declined: readonly DeclinedProvider[]
  /** Of a model that reads: how many characters it knows, the name of what finds the lines, and what that is and where it runs. */
  readonly reads?: {
    readonly characters: number
    readonly detector: string | undefined
    readonly finds?: Pick<ModelFacts, 'provider' | 'declined' | 'tensors'> | undefined
  }
  /** Its input, its output and outputs that are not read, as its file has them, such as `images: float32 [1, 3, 640, 640]`; for people. */
  readonly tensors: { readonly input: string; readonly output: string; readonly unread: readonly string[] }
  /** What may be wrong with it, which its file doesn't tell for certain; for people. */
  readonly doubt?: string | undefined
  /** Why something that could run in the model runs beside it, which is slower; for people. */
  readonly beside?: string | undefined
}

/** How one camera uses a model. */
export interface ModelUse {
  readonly model: string
  /** Detections below it are left out; 0..1. */
  readonly scoreThreshold: number
  /** Of two boxes of one label that overlap more than this, the lesser goes; 0..1. */
  readonly iouThreshold: number
}

/** Wide enough and high enough for every model of a camera, so that none has to enlarge. */
export const largestInput = (models: readonly Pick<ModelFacts, 'input'>[]): PictureSize => ({
  width: Math.max(...models.map(({ input }) => input.width)),
  height: Math.max(...models.map(({ input }) => input.height)),
})
