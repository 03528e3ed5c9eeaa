import { Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import type { PictureSize } from '../../../src/domain/frame.ts'
import { createTextInput, type Normalisation } from '../../../src/workers/inference/text-input.ts'

const normalisation: Normalisation = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] }

/** Red, green and blue, each brighter by 80 than the one before it, by 10 with each column and by 1 with each row. */
const levelAt = (channel: number, x: number, y: number): number => 80 * channel + 10 * x + y

function pictureOf({ width, height }: PictureSize): Tensor {
  const plane = width * height
  const bytes = Uint8Array.from({ length: 3 * plane }, (_, at) =>
    levelAt(Math.floor(at / plane), at % width, Math.floor((at % plane) / width)),
  )
  return new Tensor('uint8', bytes, [1, 3, height, width])
}

/** What a level becomes in the first, second and third channel, which are blue, green and red. */
const normal = (level: number, channel: number): number =>
  (level / 255 - (normalisation.mean[channel] ?? NaN)) / (normalisation.deviation[channel] ?? NaN)

describe('what a text model is given', () => {
  it('is the part that is asked for, blue first, about the mean of each channel, with nothing right of it', async () => {
    const toInput = await createTextInput(normalisation)
    const part = { x: 2, y: 1, width: 3, height: 2 }
    const { dims, data } = await toInput(pictureOf({ width: 6, height: 4 }), part, { width: 3, height: 2 }, 5)
    expect(dims).toEqual([1, 3, 2, 5])
    const expected = [0, 1, 2].flatMap((channel) =>
      [1, 2].flatMap((y) => [...[2, 3, 4].map((x) => normal(levelAt(2 - channel, x, y), channel)), 0, 0]),
    )
    expect([...(data as Float32Array)]).toEqual(expected.map((value) => expect.closeTo(value, 5) as number))
  })

  it('is scaled about the centres of pixels', async () => {
    const toInput = await createTextInput(normalisation)
    const size = { width: 8, height: 8 }
    const { data } = await toInput(pictureOf(size), { x: 0, y: 0, ...size }, { width: 4, height: 4 })
    // Away from the edges, the middle of four pixels is what lies between them.
    for (const [x, y] of [
      [1, 1],
      [2, 1],
      [1, 2],
      [2, 2],
    ] as const) {
      expect((data as Float32Array)[4 * y + x]).toBeCloseTo(normal(levelAt(2, 2 * x + 0.5, 2 * y + 0.5), 0), 4)
    }
  })
})
