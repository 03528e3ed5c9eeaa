import { InferenceSession, type Tensor } from 'onnxruntime-node'
import { type Fit, isSameSize } from '../../domain/frame.ts'
import type { SharedPicture } from '../../domain/inference-task.ts'
import { emptyInput } from './input-tensor.ts'
import type { ModelInput } from './model-input.ts'
import { OwnPictures } from './own-pictures.ts'
import { preprocessingModel } from './preprocessing.ts'
import { sessionOptions } from './session-options.ts'

/** More cameras of different sizes than this in one daemon, and the session that was idle longest is made anew. */
const maxSessions = 64

export interface PicturesOfFrame {
  readonly picture: SharedPicture
  readonly previous: SharedPicture | undefined
  readonly fit: Fit
}

/**
 * Makes model inputs out of pictures in shared memory.
 *
 * ONNX Runtime takes no shared memory, so `begin` copies each picture once into memory of this thread; `input` then gives a model's
 * tensor, which is valid until the next call for the same shape.
 */
export class Preprocessor {
  readonly #sessions = new Map<string, InferenceSession>()
  readonly #outputs = new Map<string, Tensor>()
  readonly #own = new OwnPictures()
  readonly #done = new Set<string>()
  #frame: PicturesOfFrame | undefined

  /** Takes a frame in; what `input` gives from here on is of this frame. */
  begin(frame: PicturesOfFrame): void {
    this.#own.take(frame.picture, frame.previous)
    this.#done.clear()
    this.#frame = frame
  }

  /** `[1, 3 * frames, height, width]` of what the model takes. @throws {RangeError} two frames are asked for and one is there. */
  async input(wanted: Omit<ModelInput, 'name'>): Promise<Tensor> {
    const { size, frames, type } = wanted
    const frame = this.#frame
    if (frame === undefined) throw new Error('begin() comes before input()')
    const { picture, previous, fit } = frame
    if (frames === 2 && previous === undefined) throw new RangeError('it takes two frames and was given one')
    // Bytes of the right size are there already.
    if (type === 'uint8' && isSameSize(size, picture.size)) return this.#own.joined(frames)
    const shape = `${size.width}x${size.height}x${frames} ${type}`
    const output = this.#outputs.get(shape) ?? emptyInput(wanted)
    this.#outputs.set(shape, output)
    // Models of one input size share the work.
    if (!this.#done.has(shape)) {
      const key = `${picture.size.width}x${picture.size.height}>${shape}:${fit}`
      const session = await this.#session(key, () =>
        preprocessingModel({ picture: picture.size, input: size, fit, frames, type }),
      )
      await session.run(this.#own.apart(frames), { images: output })
      this.#done.add(shape)
    }
    return output
  }

  async #session(key: string, model: () => Uint8Array): Promise<InferenceSession> {
    const session = this.#sessions.get(key) ?? (await InferenceSession.create(model(), sessionOptions))
    // Taken out and put in again: a Map keeps the order of insertion, so the first is the one idle longest.
    this.#sessions.delete(key)
    this.#sessions.set(key, session)
    const [oldest] = this.#sessions
    if (this.#sessions.size > maxSessions && oldest !== undefined) {
      this.#sessions.delete(oldest[0])
      await oldest[1].release()
    }
    return session
  }
}
