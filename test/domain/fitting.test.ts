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

describe('a picture of the size that is asked for', () => {
  it.each(['letterbox', 'stretch'] as const)('is left as it is (%s)', (fit) => {
    expect(fitting(square, square, fit)).toEqual({ scaleX: 1, scaleY: 1, offsetX: 0, offsetY: 0 })
  })
})
