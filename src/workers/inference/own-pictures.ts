import { Tensor } from 'onnxruntime-node'
import { bytesPerPicture, bytesPerPixel, type PictureSize } from '../../domain/frame.ts'
import type { SharedPicture } from '../../domain/inference-task.ts'

/**
 * The pictures of one frame in memory of this thread, which ONNX Runtime reads where they lie: one, or the one before it and it, in one piece
 * and in that order, as a model of two frames takes them.
 */
export class OwnPictures {
  readonly #all: Tensor
  readonly #picture: Tensor
  readonly #previous: Tensor | undefined

  constructor(size: PictureSize, frames: 1 | 2) {
    const bytes = bytesPerPicture(size)
    const memory = new Uint8Array(frames * bytes)
    const tensor = (from: number, count: number): Tensor => {
      const dims = [1, count * bytesPerPixel, size.height, size.width]
      return new Tensor('uint8', memory.subarray(from * bytes, (from + count) * bytes), dims)
    }
    this.#all = tensor(0, frames)
    this.#picture = tensor(frames - 1, 1)
    this.#previous = frames === 2 ? tensor(0, 1) : undefined
  }

  /** Copies each picture once. */
  take(picture: SharedPicture, previous: SharedPicture | undefined): void {
    copy(picture, this.#picture)
    if (previous !== undefined && this.#previous !== undefined) copy(previous, this.#previous)
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
