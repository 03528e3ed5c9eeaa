import { describe, expect, it } from 'vitest'
import { bytesPerPicture } from '../../../src/domain/frame.ts'
import { OwnPictures } from '../../../src/workers/inference/own-pictures.ts'
import { Preprocessor } from '../../../src/workers/inference/preprocessor.ts'
import { memoryTaken } from '../../support/memory-taken.ts'
import { picture } from './support.ts'

const size = { width: 640, height: 360 }
const bytes = bytesPerPicture(size)
const [red, green] = [picture([200, 0, 0], size), picture([0, 200, 0], size)]

describe('the pictures of a thread', () => {
  it('are copied into memory that was there before, and not once more', async () => {
    const own = new OwnPictures()
    own.take(green, red)
    const memory = own.joined(2).data as Uint8Array
    expect(await memoryTaken(5, () => own.take(green, red))).toBeLessThan(bytes / 2)
    expect(own.joined(2).data).toBe(memory)
    for (const frames of [1, 2] as const) {
      for (const { data } of [own.joined(frames), ...Object.values(own.apart(frames))]) {
        expect((data as Uint8Array).buffer).toBe(memory.buffer)
      }
    }
    // The one before it comes first.
    expect([memory[0], memory[bytes]]).toEqual([200, 0])
    const { previous, picture } = own.apart(2)
    expect([previous?.data[0], picture?.data[0]]).toEqual([200, 0])
  })

  it('lie where those of another size did, which are as many as cameras were ever given', () => {
    const own = new OwnPictures()
    const places = new Set<unknown>()
    const show = (width: number, previous?: [number, number, number]) => {
      const of = (colour: [number, number, number]) => picture(colour, { width, height: 8 })
      own.take(of([0, 0, 9]), previous && of(previous))
      const { data, dims } = own.joined(previous ? 2 : 1)
      places.add((data as Uint8Array).buffer)
      return { dims, first: data[0], last: data[data.length - 1], count: data.length }
    }
    expect(show(64, [7, 0, 0])).toEqual({ dims: [1, 6, 8, 64], first: 7, last: 9, count: 3072 })
    for (let width = 8; width <= 64; width += 8) {
      expect(show(width)).toEqual({ dims: [1, 3, 8, width], first: 0, last: 9, count: 24 * width })
    }
    expect(show(16, [5, 0, 0])).toEqual({ dims: [1, 6, 8, 16], first: 5, last: 9, count: 768 })
    expect(places.size).toBe(1)
    expect(show(72, [7, 0, 0])).toEqual({ dims: [1, 6, 8, 72], first: 7, last: 9, count: 3456 })
    expect(places.size).toBe(2)
  })

  it('are given to a model that takes bytes of their size where they lie', async () => {
    const preprocessor = new Preprocessor()
    const input = { size, frames: 1, type: 'uint8' } as const
    const frame = { picture: red, previous: undefined, fit: 'letterbox' } as const
    preprocessor.begin(frame)
    const { data } = await preprocessor.input(input)
    expect(await memoryTaken(5, () => preprocessor.begin(frame))).toBeLessThan(bytes / 2)
    expect((await preprocessor.input(input)).data).toBe(data)
  })
})
