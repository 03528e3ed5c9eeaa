import { Tensor } from 'onnxruntime-node'
import { bytesPerPixel } from '../../domain/frame.ts'
import type { ModelInput } from './model-input.ts'

/** A model's input of zeros, to be filled. */
export function emptyInput({ size: { width, height }, frames, type }: Omit<ModelInput, 'name'>): Tensor {
  const channels = bytesPerPixel * frames
  const count = channels * height * width
  const dims = [1, channels, height, width]
  switch (type) {
    case 'float32':
      return new Tensor('float32', new Float32Array(count), dims)
    case 'float16':
      // Halves as they lie in memory: Node 20 has no array of its own for them.
      return new Tensor('float16', new Uint16Array(count), dims)
    case 'uint8':
      return new Tensor('uint8', new Uint8Array(count), dims)
  }
}
