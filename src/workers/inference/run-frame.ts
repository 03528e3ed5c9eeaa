import { mostDetections } from '../../domain/detection-rows.ts'
import { type Box, fitting, regionOf, unfit } from '../../domain/fitting.ts'
import { InferenceError } from '../../domain/inference-errors.ts'
import type { InferenceTask } from '../../domain/inference-task.ts'
import type { Detection, Finding } from '../../domain/inspection.ts'
import type { ModelUse } from '../../domain/model.ts'
import type { ReadyModel } from './load-model.ts'
import { messageOf } from '../../domain/message-of.ts'
import type { Preprocessor } from './preprocessor.ts'
import type { ReadyReader } from './text-reader.ts'

export type AnyModel = ReadyModel | ReadyReader

/**
 * Runs all models of a camera on one frame, in their order.
 *
 * @throws {InferenceError} a model failed; the frame has no findings then, not fewer.
 */
export async function runFrame(
  frame: InferenceTask,
  models: ReadonlyMap<string, AnyModel>,
  preprocessor: Preprocessor,
): Promise<Finding[]> {
  preprocessor.begin(frame)
  const findings: Finding[] = []
  for (const use of frame.models) {
    const model = models.get(use.model)
    if (model === undefined) throw new InferenceError(use.model, 'it is not loaded')
    try {
      findings.push(
        'readLines' in model
          ? await readText(frame, model, use, preprocessor)
          : await runModel(frame, model, use, preprocessor),
      )
    } catch (error) {
      throw new InferenceError(use.model, messageOf(error), { cause: error })
    }
  }
  return findings
}

async function runModel(
  frame: InferenceTask,
  model: ReadyModel,
  use: ModelUse,
  preprocessor: Preprocessor,
): Promise<Finding> {
  const images = await preprocessor.input(model.input)
  if ('classify' in model) return { kind: 'classify', model: use.model, scores: await model.classify(images) }

  const picture = frame.picture.size
  const ofModel = fitting(picture, model.facts.input, frame.fit)
  const inCamera = toCamera(frame)
  const all = await model.detect(images, use)
  const detections = all.map((found): Detection => {
    // Undone in the reverse order: first what brought the picture to the model, then what brought the camera's to the picture.
    return { ...inCamera(unfit(found, ofModel, picture)), label: found.label, score: found.score }
  })
  // What lies in the grey bars alone is cut down to nothing, and is nothing.
  return {
    kind: 'detect',
    model: use.model,
    detections: detections.filter(({ width, height }) => width > 0 && height > 0),
    ...(all.length >= mostDetections && { isAtBound: true }),
  }
}

async function readText(
  frame: InferenceTask,
  model: ReadyReader,
  { model: name, scoreThreshold }: ModelUse,
  preprocessor: Preprocessor,
): Promise<Finding> {
  const { size } = frame.picture
  const region = regionOf(frame.sourceSize, frame.crop)
  const { scaleX, scaleY, offsetX, offsetY } = fitting(region, size, frame.fit)
  const shown = {
    x: Math.max(0, offsetX),
    y: Math.max(0, offsetY),
    width: Math.min(size.width, region.width * scaleX),
    height: Math.min(size.height, region.height * scaleY),
  }
  const { lines, isAtBound } = await model.readLines(
    await preprocessor.input({ size, frames: 1, type: 'uint8' }),
    shown,
  )
  const inCamera = toCamera(frame)
  return {
    kind: 'read',
    model: name,
    lines: lines
      .filter(({ score }) => score >= scoreThreshold)
      .map(({ text, score, ...box }) => ({ ...inCamera(box), text, score })),
    ...(isAtBound && { isAtBound }),
  }
}

/** From the pixels of the picture that we were given to those of the camera's own, of which it may be a part. */
function toCamera({ picture, sourceSize, crop, fit }: InferenceTask): (box: Box) => Box {
  const region = regionOf(sourceSize, crop)
  const fitted = fitting(region, picture.size, fit)
  return (inPicture) => {
    const box = unfit(inPicture, fitted, region)
    return { ...box, x: box.x + region.x, y: box.y + region.y }
  }
}
