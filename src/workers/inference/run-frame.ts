import { fitting, regionOf, unfit } from '../../domain/fitting.ts'
import { InferenceError } from '../../domain/inference-errors.ts'
import type { Detection, Finding } from '../../domain/inspection.ts'
import type { FrameToRun, ModelToRun } from '../inference-protocol.ts'
import { messageOf, type ReadyModel } from './load-model.ts'
import type { Preprocessor } from './preprocessor.ts'

/**
 * Runs all models of a camera on one frame, in their order.
 *
 * @throws {InferenceError} a model failed; the frame has no findings then, not fewer.
 */
export async function runFrame(
  frame: FrameToRun,
  models: ReadonlyMap<string, ReadyModel>,
  preprocessor: Preprocessor,
): Promise<Finding[]> {
  preprocessor.begin(frame)
  const findings: Finding[] = []
  for (const use of frame.models) {
    const model = models.get(use.model)
    if (model === undefined) throw new InferenceError(use.model, 'it is not loaded')
    try {
      findings.push(await runModel(frame, model, use, preprocessor))
    } catch (error) {
      throw new InferenceError(use.model, messageOf(error), { cause: error })
    }
  }
  return findings
}

async function runModel(
  frame: FrameToRun,
  model: ReadyModel,
  use: ModelToRun,
  preprocessor: Preprocessor,
): Promise<Finding> {
  const { facts, reader } = model
  const output = await model.run(await preprocessor.input(model.input))
  if (reader.kind === 'classify') return { kind: 'classify', model: use.model, scores: reader.read(output) }

  const picture = frame.picture.size
  const ofModel = fitting(picture, facts.input, frame.fit)
  const region = regionOf(frame.sourceSize, frame.crop)
  const ofCamera = fitting(region, picture, frame.fit)
  const detections = reader.read(output, use).map((found): Detection => {
    // Undone in the reverse order: first what brought the picture to the model, then what brought the camera's to the picture.
    const box = unfit(unfit(found, ofModel, picture), ofCamera, region)
    return { ...box, x: box.x + region.x, y: box.y + region.y, label: found.label, score: found.score }
  })
  // What lies in the grey bars alone is cut down to nothing, and is nothing.
  return {
    kind: 'detect',
    model: use.model,
    detections: detections.filter(({ width, height }) => width > 0 && height > 0),
  }
}
