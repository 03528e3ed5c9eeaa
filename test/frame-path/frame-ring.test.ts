import { describe, expect, it } from 'vitest'
import { FrameRing } from '../../src/frame-path/frame-ring.ts'
import { settle } from '../fakes/virtual-clock.ts'

const size = { width: 2, height: 1 }

describe('a ring of two slots', () => {
  it('gives each slot to one, and none when both are held', () => {
    const ring = new FrameRing(size, 2)
    expect([ring.take(), ring.take(), ring.take()]).toEqual([0, 1, undefined])
    expect(ring.freeSlots).toBe(0)
  })

  it('takes the slot that was freed last, so that memory never used stays untouched', () => {
    const ring = new FrameRing(size, 2)
    ring.release(ring.take() as number)
    expect([ring.take(), ring.take()]).toEqual([0, 1])
  })

  it('frees a slot when its last holder lets go', () => {
    const ring = new FrameRing(size, 2)
    const slot = ring.take() as number
    ring.hold(slot)
    ring.release(slot)
    expect(ring.freeSlots).toBe(1)
    ring.release(slot)
    expect(ring.freeSlots).toBe(2)
  })

  it('refuses to hold or release what nobody holds', () => {
    const ring = new FrameRing(size, 2)
    expect(() => ring.release(0)).toThrow('Slot 0 of the frame ring is not held by anyone')
    expect(() => ring.hold(1)).toThrow('Slot 1 of the frame ring is not held by anyone')
  })

  it('has each slot where its picture says', () => {
    const ring = new FrameRing(size, 2)
    ring.bytes(1).set([1, 2, 3, 4, 5, 6])
    const { buffer, byteOffset, size: pictureSize } = ring.picture(1)
    expect([...new Uint8Array(buffer, byteOffset)]).toEqual([1, 2, 3, 4, 5, 6])
    expect(pictureSize).toEqual(size)
    expect([...ring.bytes(0)]).toEqual([0, 0, 0, 0, 0, 0])
  })
})

describe('waiting for room', () => {
  it('ends at once while a slot is free', async () => {
    await new FrameRing(size, 1).room(new AbortController().signal)
  })

  it('ends when a slot is freed, and not before', async () => {
    const ring = new FrameRing(size, 1)
    const slot = ring.take() as number
    let room = false
    void ring.room(new AbortController().signal).then(() => (room = true))
    await settle()
    expect(room).toBe(false)
    ring.release(slot)
    await settle()
    expect(room).toBe(true)
  })

  it('ends when whoever waits may take one, though one was free before', async () => {
    const ring = new FrameRing(size, 1)
    let [mayTake, room] = [false, false]
    void ring.room(new AbortController().signal, () => mayTake).then(() => (room = true))
    ring.lookAgain()
    await settle()
    expect(room).toBe(false)
    mayTake = true
    ring.lookAgain()
    await settle()
    expect(room).toBe(true)
  })

  it('rejects with the reason of its signal', async () => {
    const ring = new FrameRing(size, 1)
    ring.take()
    const stop = new AbortController()
    const room = ring.room(stop.signal)
    stop.abort(new Error('enough'))
    await expect(room).rejects.toThrow('enough')
    await expect(ring.room(stop.signal)).rejects.toThrow('enough')
  })
})
