import { describe, expect, it } from 'vitest'
import type { Fit } from '../../../src/domain/frame.ts'
import type { InputType } from '../../../src/workers/inference/model-input.ts'
import { Preprocessor } from '../../../src/workers/inference/preprocessor.ts'
import { picture, square } from './support.ts'

/** Twice as wide as it is high, all white. */
const white = picture([255, 255, 255], { width: 16, height: 8 })

/** The first and the middle pixel of what a model of 8x8 is given of it. */
async function given(preprocessor: Preprocessor, fit: Fit, type: InputType) {
  preprocessor.begin({ picture: white, previous: undefined, fit })
  const { type: made, data } = await preprocessor.input({ size: square, frames: 1, type })
  const values = data as Float32Array
  return { made, first: values[0], middle: values[8 * 4 + 4] }
}

describe('models of one size', () => {
  it('that are shown the same picture in different ways are given each their own', async () => {
    const preprocessor = new Preprocessor()
    expect(await given(preprocessor, 'letterbox', 'uint8')).toEqual({ made: 'uint8', first: 114, middle: 255 })
    expect(await given(preprocessor, 'stretch', 'uint8')).toEqual({ made: 'uint8', first: 255, middle: 255 })
  })

  it('that take different numbers are given each their own', async () => {
    const preprocessor = new Preprocessor()
    expect(await given(preprocessor, 'stretch', 'uint8')).toEqual({ made: 'uint8', first: 255, middle: 255 })
    const one = expect.closeTo(1, 5) as number
    expect(await given(preprocessor, 'stretch', 'float32')).toEqual({ made: 'float32', first: one, middle: one })
  })
})
