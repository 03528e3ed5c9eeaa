import type { Tensor } from 'onnxruntime-node'
import { counted } from '../../domain/counted.ts'
import { faultOfClasses } from '../../domain/detection-rows.ts'
import type { PictureSize } from '../../domain/frame.ts'
import { ModelRefusedError } from '../../domain/inference-errors.ts'
import type { Detection, LabelScore } from '../../domain/inspection.ts'
import type { ModelFacts, ModelToLoad } from '../../domain/model.ts'
import { type Exporter, recogniseLayout } from '../../domain/yolo-layout.ts'
import { anyThresholds, type Thresholds } from './end-to-end.ts'
import { emptyInput } from './input-tensor.ts'
import { parseLabelNames } from './label-names.ts'
import { lookAtModel } from './look-at-model.ts'
import { messageOf } from '../../domain/message-of.ts'
import type { ModelInput } from './model-input.ts'
import { exporterOf } from './model-metadata.ts'
import { chooseClassifier, chooseDetector, labelsOf } from './model-output.ts'
import { openModel } from './open-model.ts'

/** A model ready to run. */
export type ReadyModel = ReadyDetector | ReadyClassifier

export interface ReadyDetector {
  readonly facts: ModelFacts
  readonly input: ModelInput
  /** Boxes in the pixels of its input. @throws {Error} what ONNX Runtime says, or that what it put out is no answer. */
  detect(images: Tensor, by: Thresholds): Promise<Detection[]>
}

export interface ReadyClassifier {
  readonly facts: ModelFacts
  readonly input: ModelInput
  /** @throws {Error} likewise. */
  classify(images: Tensor): Promise<LabelScore[]>
}

/**
 * Reads a model, finds out what it takes and gives, and runs it once on an empty picture.
 *
 * @throws {ModelRefusedError} it cannot be read, run, or doesn't fit.
 */
export async function loadModel(spec: ModelToLoad): Promise<ReadyModel> {
  const refused = (detail: string, cause?: unknown): ModelRefusedError =>
    new ModelRefusedError(spec.name, spec.file, detail, { cause })
  const seen = await lookAtModel(spec)
  if (typeof seen === 'string') throw refused(seen)
  const otherTask = faultOfTask(spec, seen.metadata)
  if (otherTask !== undefined) throw refused(otherTask)
  const exporter = exporterOf(seen.metadata)
  const names = seen.metadata.get('names')
  const labels = labelsOf(spec, names === undefined ? undefined : parseLabelNames(names))
  if (labels === undefined) {
    const stated = names === undefined ? 'no `names`' : `\`names\` that are no list of labels (${names.slice(0, 60)})`
    throw refused(
      `it has no labels: its metadata has ${stated}, and none are given (\`labels\`). ${howMany(seen.output.dims, seen.input.size, exporter)}`,
    )
  }
  const { size, frames, type } = seen.input
  const { dims } = seen.output
  const detector = spec.kind === 'detect' ? chooseDetector(spec.layout, dims, size, labels, exporter) : undefined
  if (typeof detector === 'string') {
    throw refused(detector + howManyLabels(spec, dims, size, labels.names.length, exporter))
  }

  const layout = detector?.layout
  const isRaw = layout !== undefined && layout !== 'end-to-end'
  const head = isRaw ? { ...seen.output, layout, classes: labels.names.length } : undefined
  const { input, run, ...how } = await openModel(spec, seen, head).catch((error: unknown) => {
    throw refused(`it cannot be read: ${messageOf(error)}`, error)
  })
  const sample = await run(emptyInput(input), anyThresholds).catch((error: unknown) => {
    throw refused(`it fails on an empty picture of ${size.width}x${size.height}: ${messageOf(error)}`, error)
  })
  const fault = layout === 'end-to-end' ? faultOfClasses(sample.data) : undefined
  if (fault !== undefined) throw refused(fault)
  const { name, kind } = spec
  const facts = {
    name,
    kind,
    input: size,
    frames,
    type,
    labels: labels.names,
    layout,
    tensors: seen.tensors,
    ...how,
  }
  if (detector !== undefined) {
    return { facts, input, detect: async (images, by) => detector.read(await run(images, by), by.scoreThreshold) }
  }
  const classifier = chooseClassifier(sample, labels, spec.scores ?? 'auto')
  if (typeof classifier === 'string') throw refused(classifier)
  const scores = classifier.scale
  const doubt = doubtOf(seen.metadata, dims)
  return {
    facts: { ...facts, scores, ...(doubt !== undefined && { doubt }) },
    input,
    classify: async (images) => classifier.read(await run(images, anyThresholds)),
  }
}

/** Its exporter's word counts before any shape: turned boxes, masks and points may have the shape of a detector of other labels. */
function faultOfTask({ kind }: ModelToLoad, metadata: ReadonlyMap<string, string>): string | undefined {
  const task = metadata.get('task')
  if (task === undefined || task === kind) return undefined
  const isOtherKind = task === 'detect' || task === 'classify'
  return `its metadata has the task ${task}; ${isOtherKind ? `set its \`kind\` to ${task}` : 'export a model for detect or classify'}`
}

/** YOLOv5's exports have these two and no author; those of Ultralytics' package have the scaling in them that they were trained with. */
function doubtOf(metadata: ReadonlyMap<string, string>, dims: readonly number[]): string | undefined {
  const isV5 = metadata.has('names') && metadata.has('stride') && !metadata.has('author') && dims.length === 2
  return isV5
    ? 'its metadata is as YOLOv5 writes it, whose classifiers are trained with the mean and deviation of ImageNet and exported without: put these into the model, or its scores are wrong'
    : undefined
}

/** Where the output would be a detector's with another number of labels. */
function howManyLabels(
  { layout: asked }: ModelToLoad,
  dims: readonly number[],
  input: PictureSize,
  given: number,
  exporter: Exporter,
): string {
  const recognised = recogniseLayout(dims, input, undefined, exporter)
  if (asked !== 'auto' || 'reason' in recognised || recognised.classes === undefined) return ''
  if (recognised.classes === given) return ''
  return `. In layout ${recognised.layout} it is of ${counted(recognised.classes, 'label')}: give as many (\`labels\`)`
}

/** For whoever has to name them. */
function howMany(dims: readonly number[], input: PictureSize, exporter: Exporter): string {
  const shape = `Its output has the shape [${dims.join(', ')}]`
  const recognised = recogniseLayout(dims, input, undefined, exporter)
  if (!('reason' in recognised)) {
    const { layout, classes } = recognised
    return `${shape}, in layout ${layout}${classes === undefined ? '' : ` that of ${counted(classes, 'label')}`}`
  }
  if (dims.length === 2) return `${shape}, a classifier's of ${dims[1]} labels`
  const isMap = dims.length === 4 && dims[1] === 1 && dims[2] === input.height && dims[3] === input.width
  return isMap
    ? `${shape}, a map of its input: if that is of text, it is the \`detector\` of a model that reads`
    : shape
}
