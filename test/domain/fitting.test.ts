import { describe, expect, it } from 'vitest'
import { fitting, unfit } from '../../src/domain/fitting.ts'

const hd = { width: 1280, height: 720 }
const square = { width: 640, height: 640 }

describe('a picture that is letter-boxed', () => {
  it('keeps its shape and lies in the middle, with bars above and below', () => {
    expect(fitting(hd, square, 'letterbox')).toEqual({ scaleX: 0.5, scaleY: 0.5, offsetX: 0, offsetY: 140 })
  })
  it('has bars left and right where it is upright', () => {
    const upright = { width: 320, height: 640 }
    const by = fitting(upright, square, 'letterbox')
    expect(by).toEqual({ scaleX: 1, scaleY: 1, offsetX: 160, offsetY: 0 })
    expect(unfit({ x: 170, y: 20, width: 30, height: 40 }, by, upright)).toEqual({
      x: 10,
      y: 20,
      width: 30,
      height: 40,
    })
  })
  it('gives boxes back in its own pixels', () => {
    const by = fitting(hd, square, 'letterbox')
    expect(unfit({ x: 100, y: 240, width: 50, height: 20 }, by, hd)).toEqual({ x: 200, y: 200, width: 100, height: 40 })
  })
  it('has boxes that reach into the bars cut at its edge, and those wholly in them empty', () => {
    const by = fitting(hd, square, 'letterbox')
    expect(unfit({ x: -10, y: 130, width: 20, height: 20 }, by, hd)).toEqual({ x: 0, y: 0, width: 20, height: 20 })
    expect(unfit({ x: 630, y: 490, width: 20, height: 20 }, by, hd)).toEqual({ x: 1260, y: 700, width: 20, height: 20 })
    expect(unfit({ x: 0, y: 0, width: 10, height: 10 }, by, hd)).toEqual({ x: 0, y: 0, width: 20, height: 0 })
  })
})

describe('a picture whose shape does not come out even', () => {
  it.each([
    // 337 rows, with 151 above them and 152 below.
    { source: { width: 3840, height: 2022 }, inner: { width: 640, height: 337 }, offset: { x: 0, y: 151 } },
    // 359.54 rows.
    { source: { width: 1282, height: 720 }, inner: { width: 640, height: 359 }, offset: { x: 0, y: 140 } },
    { source: { width: 101, height: 333 }, inner: { width: 194, height: 640 }, offset: { x: 223, y: 0 } },
    { source: { width: 5000, height: 1 }, inner: { width: 640, height: 1 }, offset: { x: 0, y: 319 } },
  ])('lies on whole pixels: $source.width x $source.height', ({ source, inner, offset }) => {
    expect(fitting(source, square, 'letterbox')).toEqual({
      scaleX: inner.width / source.width,
      scaleY: inner.height / source.height,
      offsetX: offset.x,
      offsetY: offset.y,
    })
  })
})

describe('a picture that is stretched', () => {
  it('fills the target, each axis by itself', () => {
    const by = fitting(hd, square, 'stretch')
    expect(by).toEqual({ scaleX: 0.5, scaleY: 640 / 720, offsetX: 0, offsetY: 0 })
    expect(unfit({ x: 320, y: 320, width: 320, height: 320 }, by, hd)).toEqual({
      x: 640,
      y: 360,
      width: 640,
      height: 360,
    })
  })
})

describe('a picture that covers', () => {
  it('keeps its shape and fills the target with its middle', () => {
    const by = fitting({ width: 1280, height: 640 }, square, 'cover')
    expect(by).toEqual({ scaleX: 1, scaleY: 1, offsetX: -320, offsetY: 0 })
    expect(unfit({ x: 10, y: 20, width: 30, height: 40 }, by, hd)).toEqual({ x: 330, y: 20, width: 30, height: 40 })
  })

  it.each([
    // 1137.8 pixels across, of which 498 are too many.
    { source: hd, inner: { width: 1138, height: 640 }, offset: { x: -249, y: 0 } },
    { source: { width: 480, height: 641 }, inner: { width: 640, height: 855 }, offset: { x: 0, y: -107 } },
    { source: { width: 641, height: 640 }, inner: { width: 641, height: 640 }, offset: { x: 0, y: 0 } },
  ])('lies on whole pixels: $source.width x $source.height', ({ source, inner, offset }) => {
    expect(fitting(source, square, 'cover')).toEqual({
      scaleX: inner.width / source.width,
      scaleY: inner.height / source.height,
      offsetX: offset.x,
      offsetY: offset.y,
    })
  })
})

describe('a picture of the size that is asked for', () => {
  it.each(['letterbox', 'stretch', 'cover'] as const)('is left as it is (%s)', (fit) => {
    expect(fitting(square, square, fit)).toEqual({ scaleX: 1, scaleY: 1, offsetX: 0, offsetY: 0 })
  })
})
