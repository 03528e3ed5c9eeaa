import ort from 'onnxruntime-node'
import type { PictureSize } from '../../src/domain/frame.ts'
import { preprocessingModel } from '../../src/workers/inference/preprocessing.ts'

/** Makes a model's input of one or two pictures, planes of red, green and blue, as the daemon does. */
export type ModelInput = (...pictures: readonly Uint8Array[]) => Promise<ort.Tensor>

/** For pictures of size `picture`, letter-boxed to `input`; with two frames the previous one comes first. */
export async function createModelInput(picture: PictureSize, input: PictureSize, frames: 1 | 2): Promise<ModelInput> {
  const model = preprocessingModel({ picture, input, fit: 'letterbox', frames, type: 'float32' })
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 })
  const tensor = (pixels: Uint8Array) => new ort.Tensor('uint8', pixels, [1, 3, picture.height, picture.width])
  return async (...pictures) => {
    const named = pictures.map((pixels, i) => [session.inputNames[i] ?? '', tensor(pixels)] as const)
    const { images } = await session.run(Object.fromEntries(named))
    if (images === undefined) throw new Error('the preprocessing put nothing out')
    return images
  }
}
