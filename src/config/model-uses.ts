import type { ModelUse, PictureOfCamera } from '../domain/model.ts'
import type { CameraConfig } from './config.ts'

/** A camera's models in the order in which they answer. */
export const modelUses = ({ detect, classify, read }: CameraConfig): ModelUse[] => [
  ...(detect === undefined ? [] : [detect]),
  // A classifier has no boxes to threshold.
  ...(classify === undefined ? [] : [{ model: classify.model, scoreThreshold: 0, iouThreshold: 1 }]),
  ...(read === undefined ? [] : [{ ...read, iouThreshold: 1 }]),
]

/** What the cameras will give to a model. */
export const picturesFor = (model: string, cameras: readonly CameraConfig[]): PictureOfCamera[] =>
  cameras
    .map((camera) => ({ size: camera.picture, models: modelUses(camera).map((use) => use.model) }))
    .filter(({ models }) => models.includes(model))
