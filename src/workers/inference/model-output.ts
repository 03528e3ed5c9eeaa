import type { Detection, LabelScore } from '../../domain/inspection.ts'
import { layoutClasses, recogniseLayout } from '../../domain/yolo-layout.ts'
import { type YoloLayout, type YoloThresholds, decodeYolo } from '../../domain/yolo-output.ts'
import type { ModelToLoad } from '../inference-protocol.ts'
import { classScores, scaleOf } from './class-scores.ts'

/** A model's first output, whole. */
export interface RawOutput {
  readonly data: Float32Array
  readonly dims: readonly number[]
}

/** How a model's output is read; settled when the model is loaded. */
export type OutputReader =
  | {
      readonly kind: 'detect'
      readonly layout: YoloLayout
      readonly labels: readonly string[]
      /** Boxes in the pixels of the model's input. @throws {RangeError} */
      readonly read: (output: RawOutput, thresholds: YoloThresholds) => Detection[]
    }
  | {
      readonly kind: 'classify'
      readonly labels: readonly string[]
      /** @throws {RangeError} */
      readonly read: (output: RawOutput) => LabelScore[]
    }

/** Settles how to read a model by what it put out for an empty picture; a text is the reason why it doesn't fit. */
export function chooseReader(
  spec: ModelToLoad,
  sample: RawOutput,
  stated: readonly string[] | undefined,
): OutputReader | string {
  const labels = spec.labels ?? stated
  if (labels === undefined || labels.length === 0) {
    return 'it has no labels: its metadata has no `names`, and the configuration gives no labels'
  }
  const whose = spec.labels === undefined ? "the model's metadata" : 'the configuration'
  return spec.kind === 'detect' ? detector(spec.layout, sample, labels, whose) : classifier(sample, labels, whose)
}

function detector(
  asked: YoloLayout | 'auto',
  { dims }: RawOutput,
  labels: readonly string[],
  whose: string,
): OutputReader | string {
  const given = `${whose} gives ${labels.length} labels`
  let layout: YoloLayout
  if (asked === 'auto') {
    const recognised = recogniseLayout(dims, labels.length)
    if ('reason' in recognised) return `${recognised.reason} (${given})`
    layout = recognised.layout
  } else {
    const [batch, rows, columns] = dims
    const shape = `[${dims.join(', ')}]`
    if (dims.length !== 3 || batch !== 1 || rows === undefined || columns === undefined) {
      return `its output has the shape ${shape}; layout ${asked} has three dimensions, the first of them 1`
    }
    const classes = layoutClasses(asked, rows, columns)
    if (classes !== undefined && classes !== labels.length) {
      return `its output of shape ${shape} has ${classes} classes in layout ${asked}, and ${given}`
    }
    if (classes === undefined && columns !== 6) {
      return `its output has the shape ${shape}; layout ${asked} has [1, N, 6]`
    }
    layout = asked
  }
  return {
    kind: 'detect',
    layout,
    labels,
    read: ({ data, dims }, thresholds) =>
      decodeYolo(data, dims, layout, thresholds).map(({ classIndex, ...box }) => {
        const label = labels[classIndex]
        if (label === undefined) throw new RangeError(`it found class ${classIndex}, and ${given}`)
        return { ...box, label }
      }),
  }
}

function classifier({ data, dims }: RawOutput, labels: readonly string[], whose: string): OutputReader | string {
  if (data.length !== labels.length) {
    return `its output of shape [${dims.join(', ')}] has ${data.length} scores, and ${whose} gives ${labels.length} labels`
  }
  const scale = scaleOf(data)
  return {
    kind: 'classify',
    labels,
    read: ({ data }) => {
      if (data.length !== labels.length)
        throw new RangeError(`it gave ${data.length} scores for ${labels.length} labels`)
      return classScores(data, labels, scale)
    },
  }
}
