import { InferenceSession, Tensor } from 'onnxruntime-node'
import { type Fit, type PictureSize, bytesPerPicture, bytesPerPixel } from '../../domain/frame.ts'
import type { PictureInMemory } from '../inference-protocol.ts'
import type { ModelInput } from './model-input.ts'
import { emptyInput } from './input-tensor.ts'
import { preprocessingModel } from './preprocessing.ts'
import { sessionOptions } from './session-options.ts'

/** More cameras of different sizes than this in one daemon, and the session that was idle longest is made anew. */
const maxSessions = 64

export interface PicturesOfFrame {
  readonly picture: PictureInMemory
  readonly previous: PictureInMemory | undefined
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
  readonly #own = new Map<string, Tensor>()
  readonly #done = new Set<string>()
  #feeds: Readonly<Record<string, Tensor>> = {}
  #frame: PicturesOfFrame | undefined

  /** Takes a frame in; what `input` gives from here on is of this frame. */
  begin(frame: PicturesOfFrame): void {
    this.#done.clear()
    this.#frame = frame
    this.#feeds = { picture: this.#copy('picture', frame.picture) }
    if (frame.previous !== undefined) {
      this.#feeds = { ...this.#feeds, previous: this.#copy('previous', frame.previous) }
    }
  }

  /** `[1, 3 * frames, height, width]` of what the model takes. @throws {RangeError} two frames are asked for and one is there. */
  async input(wanted: Omit<ModelInput, 'name'>): Promise<Tensor> {
    const { size, frames, type } = wanted
    const frame = this.#frame
    if (frame === undefined) throw new Error('begin() comes before input()')
    const { picture, previous, fit } = frame
    if (frames === 2 && previous === undefined) throw new RangeError('it takes two frames and was given one')
    // Bytes of the right size are there already.
    if (type === 'uint8' && isSame(size, picture.size)) return this.#asTheyAre(frames)
    const shape = `${size.width}x${size.height}x${frames} ${type}`
    const output = this.#outputs.get(shape) ?? emptyInput(wanted)
    this.#outputs.set(shape, output)
    // Models of one input size share the work.
    if (!this.#done.has(shape)) {
      const key = `${picture.size.width}x${picture.size.height}>${shape}:${fit}`
      const session = await this.#session(key, () =>
        preprocessingModel({ picture: picture.size, input: size, fit, frames, type }),
      )
      const feeds = frames === 2 ? this.#feeds : { picture: this.#feeds['picture'] as Tensor }
      await session.run(feeds, { images: output })
      this.#done.add(shape)
    }
    return output
  }

  #asTheyAre(frames: 1 | 2): Tensor {
    const { picture, previous } = this.#feeds
    if (picture === undefined) throw new Error('begin() comes before input()')
    if (frames === 1 || previous === undefined) return picture
    const [, planes = 0, height = 0, width = 0] = picture.dims
    const shape = `${width}x${height}x2 as they are`
    const both = this.#outputs.get(shape) ?? emptyInput({ size: { width, height }, frames, type: 'uint8' })
    this.#outputs.set(shape, both)
    const bytes = both.data as Uint8Array
    bytes.set(previous.data as Uint8Array)
    bytes.set(picture.data as Uint8Array, planes * height * width)
    return both
  }

  #copy(role: 'picture' | 'previous', { buffer, byteOffset, size }: PictureInMemory): Tensor {
    const key = `${role} ${size.width}x${size.height}`
    const own = this.#own.get(key) ?? emptyPicture(size)
    this.#own.set(key, own)
    ;(own.data as Uint8Array).set(new Uint8Array(buffer, byteOffset, bytesPerPicture(size)))
    return own
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

const emptyPicture = (size: PictureSize): Tensor =>
  new Tensor('uint8', new Uint8Array(bytesPerPicture(size)), [1, bytesPerPixel, size.height, size.width])

const isSame = (a: PictureSize, b: PictureSize): boolean => a.width === b.width && a.height === b.height
