import { describe, expect, it } from 'vitest'
import { PictureReader } from '../../../src/adapters/video/picture-reader.ts'
import { epochMs } from '../../../src/domain/units.ts'
import type { FrameSink, FrameSlot } from '../../../src/ports/frame-sink.ts'

/** A sink of pictures of twelve bytes with so many slots; what it was given stands in `pictures`. */
function sinkOf(slots: number, lossless = false) {
  const free: FrameSlot[] = Array.from({ length: slots }, (_, index) => ({ index, bytes: new Uint8Array(12) }))
  const pictures: (readonly number[] | 'missed')[] = []
  const abandoned: number[] = []
  const sink: FrameSink = {
    size: { width: 2, height: 2 },
    lossless,
    reserve: () => free.shift(),
    room: () => Promise.resolve(),
    commit: ({ bytes }) => void pictures.push([...bytes]),
    abandon: ({ index }) => void abandoned.push(index),
    missed: () => void pictures.push('missed'),
    decodeFailed: () => undefined,
    damaged: () => undefined,
    lost: () => undefined,
    resized: () => undefined,
  }
  let seen = 0
  const reader = new PictureReader(
    sink,
    () => epochMs(0),
    () => seen++,
  )
  /** Puts bytes of this value, as many as there is space for at a time; says how many are left when it has to stop. */
  const send = (value: number, count: number): number => {
    let left = count
    while (left > 0) {
      const space = reader.space()
      const part = Math.min(space.length, left)
      space.fill(value, 0, part)
      left -= part
      if (!reader.put(part)) break
    }
    return left
  }
  const addSlot = (index: number) => free.push({ index, bytes: new Uint8Array(12) })
  return { reader, sink, pictures, abandoned, send, addSlot, seen: () => seen }
}

const twelve = (value: number) => Array.from({ length: 12 }, () => value)

describe('a picture that arrives in pieces', () => {
  it('is put into its slot by whoever reads, and committed with its last byte', () => {
    const { reader, pictures, send, seen } = sinkOf(2)
    reader.begin()
    const first = reader.space()
    expect(first.length).toBe(12)
    send(7, 5)
    expect(reader.space().length).toBe(7)
    expect(pictures).toEqual([])
    send(7, 7)
    expect({ pictures, seen: seen() }).toEqual({ pictures: [twelve(7)], seen: 1 })
    // The slot itself was the space.
    expect([...first]).toEqual(twelve(7))
  })
})

describe('bytes that come before pictures may be committed', () => {
  it('wait, and are taken afterwards', () => {
    const { reader, pictures, send } = sinkOf(2)
    expect(send(3, 12)).toBe(0)
    expect({ all: reader.takeHeld(), pictures }).toEqual({ all: false, pictures: [] })
    reader.begin()
    expect({ all: reader.takeHeld(), pictures }).toEqual({ all: true, pictures: [twelve(3)] })
  })
})

describe('pictures for which there is no slot', () => {
  it('are read past by a live sink, until there is one', () => {
    const { reader, pictures, send, addSlot } = sinkOf(1)
    reader.begin()
    send(1, 12)
    send(2, 12)
    addSlot(1)
    send(3, 12)
    expect(pictures).toEqual([twelve(1), 'missed', twelve(3)])
  })

  it('are held by a lossless one, which goes on where it was', () => {
    const { reader, pictures, send, addSlot } = sinkOf(1, true)
    reader.begin()
    send(1, 12)
    expect(send(2, 8)).toBe(0)
    expect({ all: reader.takeHeld(), pictures }).toEqual({ all: false, pictures: [twelve(1)] })
    // Asked where to read to next, although nothing may be read: what is held stays as it is.
    reader.space()
    addSlot(1)
    expect(reader.takeHeld()).toBe(true)
    send(2, 4)
    expect(pictures).toEqual([twelve(1), twelve(2)])
  })
})

describe('the end of a stream', () => {
  it('inside a picture gives up its slot', () => {
    const { reader, pictures, abandoned, send } = sinkOf(1)
    reader.begin()
    send(1, 11)
    expect({ inside: reader.end(), pictures, abandoned }).toEqual({ inside: true, pictures: [], abandoned: [0] })
  })

  it('between two pictures gives back the slot that waits for the next', () => {
    const { reader, abandoned, send } = sinkOf(2)
    reader.begin()
    send(1, 12)
    reader.space()
    expect({ inside: reader.end(), abandoned }).toEqual({ inside: false, abandoned: [1] })
  })
})
