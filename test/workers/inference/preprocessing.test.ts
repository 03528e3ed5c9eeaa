import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { fitting } from '../../../src/domain/fitting.ts'
import type { PictureSize } from '../../../src/domain/frame.ts'
import { type Preprocessing, preprocessingModel } from '../../../src/workers/inference/preprocessing.ts'

/** Bytes of three planes, the same on every run. */
const picture = ({ width, height }: PictureSize, seed = 1): Uint8Array =>
  Uint8Array.from({ length: width * height * 3 }, (_, index) => ((index + seed) * 7919 + ((index * index) >> 3)) & 255)

async function preprocess(
  given: Omit<Preprocessing, 'type'> & Partial<Preprocessing>,
  pictures: Readonly<Record<string, Uint8Array>>,
) {
  const setting: Preprocessing = { type: 'float32', ...given }
  const session = await InferenceSession.create(preprocessingModel(setting))
  const { width, height } = setting.picture
  const feeds = Object.entries(pictures).map(([name, bytes]) => [
    name,
    new Tensor('uint8', bytes, [1, 3, height, width]),
  ])
  const { images } = await session.run(Object.fromEntries(feeds) as Record<string, Tensor>)
  if (images === undefined) throw new Error('No images came out')
  return { dims: images.dims, data: images.data as Float32Array }
}

/** A byte as the model sees it. */
const asInput = (byte: number): number => Math.fround(byte * Math.fround(1 / 255))

describe('a picture of the size that the model takes', () => {
  it('becomes floats in 0..1, plane by plane, exactly', async () => {
    const size = { width: 5, height: 3 }
    const bytes = picture(size)
    bytes.set([0, 255, 128])
    const { dims, data } = await preprocess(
      { picture: size, input: size, fit: 'letterbox', frames: 1 },
      { picture: bytes },
    )
    expect(dims).toEqual([1, 3, 3, 5])
    expect([...data]).toEqual([...bytes].map(asInput))
    expect([data[0], data[1]]).toEqual([0, 1])
  })

  it('comes after the picture before it where two are taken', async () => {
    const size = { width: 2, height: 2 }
    const [previous, current] = [picture(size, 1), picture(size, 100)]
    const { dims, data } = await preprocess(
      { picture: size, input: size, fit: 'stretch', frames: 2 },
      { previous, picture: current },
    )
    expect(dims).toEqual([1, 6, 2, 2])
    expect([...data]).toEqual([...previous, ...current].map(asInput))
  })
})

/** Linear interpolation about pixel centres, the triangle widened where it shrinks, the edge repeated beyond it; in floating point, one channel. */
function resized(values: readonly number[], from: PictureSize, to: PictureSize): number[] {
  const weights = (source: number, target: number, at: number): number[] => {
    const scale = source / target
    const centre = (at + 0.5) * scale - 0.5
    const reach = Math.max(scale, 1)
    const raw: number[] = Array.from({ length: source }, () => 0)
    for (let index = Math.floor(centre - reach); index <= centre + reach; index++) {
      const inside = Math.min(Math.max(index, 0), source - 1)
      raw[inside] = (raw[inside] as number) + Math.max(0, 1 - Math.abs(index - centre) / reach)
    }
    const total = raw.reduce((sum, weight) => sum + weight, 0)
    return raw.map((weight) => weight / total)
  }
  return Array.from({ length: to.width * to.height }, (_, index) => {
    const across = weights(from.width, to.width, index % to.width)
    const down = weights(from.height, to.height, Math.floor(index / to.width))
    return values.reduce((sum, value, at) => {
      return sum + value * (across[at % from.width] as number) * (down[Math.floor(at / from.width)] as number)
    }, 0)
  })
}

/** The mean of each block, then that: what a block leaves to shrink. */
function shrunk(values: readonly number[], from: PictureSize, block: PictureSize): number[] {
  const [across, down] = [from.width / block.width, from.height / block.height]
  return Array.from({ length: across * down }, (_, at) => {
    const [left, top] = [(at % across) * block.width, Math.floor(at / across) * block.height]
    const inside = values.filter((_, index) => {
      const [x, y] = [(index % from.width) - left, Math.floor(index / from.width) - top]
      return x >= 0 && x < block.width && y >= 0 && y < block.height
    })
    return inside.reduce((sum, value) => sum + value, 0) / inside.length
  })
}

const channelOf = (bytes: Uint8Array, channel: number): number[] => [
  ...bytes.subarray((channel * bytes.length) / 3, ((channel + 1) * bytes.length) / 3),
]

describe('a model that takes no float32', () => {
  const size = { width: 16, height: 16 }
  const bytes = Uint8Array.from({ length: 768 }, (_, at) => at & 255)

  it('is given bytes as they are', async () => {
    const { data } = await preprocess(
      { picture: size, input: size, fit: 'stretch', frames: 1, type: 'uint8' },
      { picture: bytes },
    )
    expect(data).toEqual(bytes)
  })

  it('is given halves: the nearest to each float', async () => {
    const { data } = await preprocess(
      { picture: size, input: size, fit: 'stretch', frames: 1, type: 'float16' },
      { picture: bytes },
    )
    const bits = new Uint16Array(data.buffer, data.byteOffset, data.length)
    // 0, 1/255 and 1 as halves.
    expect([bits[0], bits[1], bits[255]]).toEqual([0, 0x1c04, 0x3c00])
  })
})

describe('a picture of another size', () => {
  it.each([
    { what: 'shrunk to a quarter', from: [32, 24], to: [8, 6], block: [4, 4] },
    { what: 'shrunk by an odd ratio', from: [30, 20], to: [13, 9], block: [2, 2] },
    { what: 'shrunk in one direction only', from: [32, 6], to: [8, 6], block: [4, 1] },
    { what: 'shrunk where no block divides it', from: [31, 23], to: [8, 6], block: [1, 1] },
    { what: 'enlarged', from: [6, 4], to: [15, 10], block: [1, 1] },
  ])('is $what: the mean of blocks, and linear interpolation between them', async (given) => {
    const [from, to, block] = [given.from, given.to, given.block].map(([width = 0, height = 0]) => ({
      width,
      height,
    })) as [PictureSize, PictureSize, PictureSize]
    const between = { width: from.width / block.width, height: from.height / block.height }
    const bytes = picture(from)
    const { data } = await preprocess({ picture: from, input: to, fit: 'stretch', frames: 1 }, { picture: bytes })
    for (const channel of [0, 1, 2]) {
      const plane = [...data.subarray(channel * to.width * to.height, (channel + 1) * to.width * to.height)]
      const expected = resized(shrunk(channelOf(bytes, channel), from, block), between, to)
      const worst = Math.max(...plane.map((value, at) => Math.abs(value * 255 - (expected[at] as number))))
      expect(worst).toBeLessThan(0.01)
    }
  })

  it.each([
    { from: { width: 16, height: 8 }, to: { width: 8, height: 8 }, bars: { left: 0, top: 2, right: 0, bottom: 2 } },
    { from: { width: 8, height: 16 }, to: { width: 8, height: 8 }, bars: { left: 2, top: 0, right: 2, bottom: 0 } },
    { from: { width: 16, height: 14 }, to: { width: 8, height: 8 }, bars: { left: 0, top: 0, right: 0, bottom: 1 } },
    { from: { width: 4, height: 2 }, to: { width: 8, height: 8 }, bars: { left: 0, top: 2, right: 0, bottom: 2 } },
    // 4.4 pixels high are four, 5.5 are six.
    { from: { width: 20, height: 11 }, to: { width: 8, height: 8 }, bars: { left: 0, top: 2, right: 0, bottom: 2 } },
    { from: { width: 11, height: 20 }, to: { width: 8, height: 8 }, bars: { left: 2, top: 0, right: 2, bottom: 0 } },
    { from: { width: 16, height: 11 }, to: { width: 8, height: 8 }, bars: { left: 0, top: 1, right: 0, bottom: 1 } },
    { from: { width: 11, height: 16 }, to: { width: 8, height: 8 }, bars: { left: 1, top: 0, right: 1, bottom: 0 } },
  ])('is letter-boxed in grey 114: $from.width x $from.height into 8x8', async ({ from, to, bars }) => {
    const white = new Uint8Array(from.width * from.height * 3).fill(255)
    const { data } = await preprocess({ picture: from, input: to, fit: 'letterbox', frames: 1 }, { picture: white })
    const expected = Array.from({ length: 64 }, (_, at) => {
      const [x, y] = [at % 8, Math.floor(at / 8)]
      const inside = x >= bars.left && x < 8 - bars.right && y >= bars.top && y < 8 - bars.bottom
      return inside ? 255 : 114
    })
    const levels = [...data].map((value) => Math.round(value * 255e3) / 1e3)
    expect(levels).toEqual([...expected, ...expected, ...expected])
    const { offsetX, offsetY } = fitting(from, to, 'letterbox')
    expect({ left: offsetX, top: offsetY }).toEqual({ left: bars.left, top: bars.top })
  })

  it.each([
    { from: { width: 16, height: 8 }, first: { column: 4, row: 0 }, scale: 1 },
    { from: { width: 8, height: 16 }, first: { column: 0, row: 4 }, scale: 1 },
    { from: { width: 17, height: 8 }, first: { column: 4, row: 0 }, scale: 1 },
    { from: { width: 32, height: 16 }, first: { column: 8, row: 0 }, scale: 2 },
    { from: { width: 8, height: 4 }, first: { column: 2, row: 0 }, scale: 0.5 },
  ])(
    'is its middle alone where it is to cover: $from.width x $from.height into 8x8',
    async ({ from, first, scale }) => {
      const to = { width: 8, height: 8 }
      const level = (x: number, y: number) => 4 * x + 2 * y
      const plane = Array.from({ length: from.width * from.height }, (_, at) =>
        level(at % from.width, Math.floor(at / from.width)),
      )
      const bytes = Uint8Array.from([...plane, ...plane, ...plane])
      const { data } = await preprocess({ picture: from, input: to, fit: 'cover', frames: 1 }, { picture: bytes })
      // Levels rise evenly, so that what lies between pixels does too; but not beyond the outermost.
      const at = (place: number, start: number, length: number) =>
        Math.min(Math.max(start + (place + 0.5) * scale - 0.5, 0), length - 1)
      const expected = Array.from({ length: 64 }, (_, place) =>
        level(at(place % 8, first.column, from.width), at(Math.floor(place / 8), first.row, from.height)),
      )
      const levels = [...data].map((value) => Math.round(value * 255e3) / 1e3)
      expect(levels).toEqual([...expected, ...expected, ...expected])
    },
  )
})
