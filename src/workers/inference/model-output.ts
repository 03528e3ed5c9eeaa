import { counted } from '../../domain/counted.ts'
import { readDetectionRows } from '../../domain/detection-rows.ts'
import type { PictureSize } from '../../domain/frame.ts'
import type { Detection, LabelScore } from '../../domain/inspection.ts'
import type { ModelToLoad } from '../../domain/model.ts'
import { type ScoreScale, scoreScales } from '../../domain/score-scale.ts'
import { type Exporter, layoutClasses, recogniseLayout, type YoloLayout } from '../../domain/yolo-layout.ts'
import { classScores, scaleOf } from './class-scores.ts'

/** A model's output, whole. */
export interface RawOutput {
  readonly data: Float32Array
  readonly dims: readonly number[]
}

export interface DetectorReader {
  readonly layout: YoloLayout
  /** Boxes in the pixels of the model's input, from an output that is end-to-end by now. @throws {RangeError} */
  readonly read: (output: RawOutput, scoreThreshold: number) => Detection[]
}

export interface ClassifierReader {
  readonly scale: ScoreScale
  /** @throws {RangeError} */
  readonly read: (output: RawOutput) => LabelScore[]
}

/** The names of a model's classes, and whose word that is. */
export interface Labels {
  readonly names: readonly string[]
  readonly given: string
}

/** `stated`: by the model's metadata. */
export function labelsOf({ labels }: ModelToLoad, stated: readonly string[] | undefined): Labels | undefined {
  const names = labels ?? stated
  if (names === undefined || names.length === 0) return undefined
  const count = counted(names.length, 'label')
  const given =
    labels !== undefined ? `${count} ${names.length === 1 ? 'is' : 'are'} given` : `its metadata has ${count}`
  return { names, given }
}

/** Settles how a detector is read, by its output's shape where it is not told; a text is the reason why it is none. */
export function chooseDetector(
  asked: YoloLayout | 'auto',
  dims: readonly number[],
  input: PictureSize,
  { names, given }: Labels,
  exporter: Exporter,
): DetectorReader | string {
  let layout: YoloLayout
  if (asked === 'auto') {
    const recognised = recogniseLayout(dims, input, names.length, exporter)
    if ('reason' in recognised) return `${recognised.reason} (${given})`
    layout = recognised.layout
  } else {
    const wrong = faultOfLayout(asked, dims, { names, given })
    if (wrong !== undefined) return wrong
    layout = asked
  }
  return {
    layout,
    read: ({ data, dims }, scoreThreshold) =>
      readDetectionRows(data, dims, scoreThreshold).map(({ classIndex, ...box }) => {
        const label = names[classIndex]
        if (label === undefined) throw new RangeError(`it found class ${classIndex}, and ${given}`)
        return { ...box, label }
      }),
  }
}

function faultOfLayout(layout: YoloLayout, dims: readonly number[], { names, given }: Labels): string | undefined {
  const [batch, rows, columns] = dims
  const shape = `[${dims.join(', ')}]`
  if (dims.length !== 3 || batch !== 1 || rows === undefined || columns === undefined) {
    return `its output has the shape ${shape}; layout ${layout} has three dimensions, the first of them 1`
  }
  const classes = layoutClasses(layout, rows, columns)
  if (classes === undefined) {
    return columns === 6 ? undefined : `its output has the shape ${shape}; layout ${layout} has [1, N, 6]`
  }
  if (classes === names.length) return undefined
  return `its output of shape ${shape} has ${classes} classes in layout ${layout}, and ${given}`
}

/** Settles how a classifier is read, by what it put out for an empty picture where it is not told; a text is the reason why it is none. */
export function chooseClassifier(
  { data, dims }: RawOutput,
  { names, given }: Labels,
  asked: ScoreScale | 'auto',
): ClassifierReader | string {
  if (data.length !== names.length) {
    return `its output of shape [${dims.join(', ')}] has ${data.length} scores, and ${given}`
  }
  const judged = scaleOf(data)
  const scale = asked === 'auto' ? judged : asked
  const seen = `its scores for an empty picture (${fewOf(data)})`
  if (scale === undefined) {
    return `${seen} could be probabilities or logits: say which in the configuration (\`scores\`: ${scoreScales.join(', ')})`
  }
  if (scale === 'probabilities' && judged === 'logits') {
    return `${seen} are not all from 0 to 1, and \`scores\` says that they are probabilities`
  }
  return {
    scale,
    read: ({ data }) => {
      if (data.length !== names.length) throw new RangeError(`it gave ${data.length} scores, and ${given}`)
      return classScores(data, names, scale)
    },
  }
}

const fewOf = (scores: Float32Array): string =>
  Array.from(scores.subarray(0, 5), (score) => String(Number(score.toPrecision(3)))).join(', ') +
  (scores.length > 5 ? ', …' : '')
