import { Tensor } from 'onnxruntime-node'
import { bytesPerPicture, bytesPerPixel, isSameSize, type PictureSize } from '../../domain/frame.ts'
import type { SharedPicture } from '../../domain/inference-task.ts'

const noPicture = new Tensor('uint8', new Uint8Array(0), [0])

/**
 * The pictures of one frame in memory of this thread, which ONNX Runtime reads where they lie: one, or the one before it and it, in one piece
 * and in that order, as a model of two frames takes them.
 *
 * It is the same memory for frames of every size, as large as the largest of them.
 */
export class OwnPictures {
  #memory = new Uint8Array(0)
  #of: { readonly size: PictureSize; readonly frames: 1 | 2 } | undefined
  #all: Tensor = noPicture
  #picture: Tensor = noPicture
  #previous: Tensor | undefined

  /** Copies each picture once. */
  take(picture: SharedPicture, previous: SharedPicture | undefined): void {
    this.#lay(picture.size, previous === undefined ? 1 : 2)
    copy(picture, this.#picture)
    if (previous !== undefined && this.#previous !== undefined) copy(previous, this.#previous)
  }

  /** Tensors are made only where the frame is of another size than the one before it. */
  #lay(size: PictureSize, frames: 1 | 2): void {
    if (this.#of?.frames === frames && isSameSize(this.#of.size, size)) return
    const bytes = bytesPerPicture(size)
    if (this.#memory.length < frames * bytes) this.#memory = new Uint8Array(frames * bytes)
    const tensor = (from: number, count: number): Tensor => {
      const dims = [1, count * bytesPerPixel, size.height, size.width]
      return new Tensor('uint8', this.#memory.subarray(from * bytes, (from + count) * bytes), dims)
    }
    this.#of = { size, frames }
    this.#all = tensor(0, frames)
    this.#picture = tensor(frames - 1, 1)
    this.#previous = frames === 2 ? tensor(0, 1) : undefined
  }

  /** `[1, 3 * frames, height, width]`, bytes. */
  joined(frames: 1 | 2): Tensor {
    return frames === 2 ? this.#all : this.#picture
  }

  /** By the names that preprocessing gives them, `[1, 3, height, width]` each, bytes. */
  apart(frames: 1 | 2): Readonly<Record<string, Tensor>> {
    const picture = this.#picture
    return frames === 2 && this.#previous !== undefined ? { previous: this.#previous, picture } : { picture }
  }
}

const copy = ({ buffer, byteOffset, size }: SharedPicture, into: Tensor): void =>
  (into.data as Uint8Array).set(new Uint8Array(buffer, byteOffset, bytesPerPicture(size)))
