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
    const own = new OwnPictures(size, 2)
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
