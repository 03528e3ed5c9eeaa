import { describe, expect, it } from 'vitest'
import { Previews } from '../../../src/adapters/preview/previews.ts'
import type { Looked } from '../../../src/domain/inspected-picture.ts'
import { inspected } from './inspected.ts'

/** Previews whose JPEG is one byte: how many have been encoded before it. The encoder has time at once, or when its `turn` comes. */
function startPreviews(turn = Promise.resolve()) {
  const state = {
    now: 0,
    looked: inspected({ number: 1 }) as Looked,
    asked: 0,
    encoded: 0,
    fails: false,
    encodes: Promise.resolve(),
    breaks: false,
  }
  const previews = new Previews({
    look: () => state.looked,
    now: () => state.now,
    encoder: {
      async encode(make) {
        state.asked++
        if (state.fails) throw new Error('told to')
        await turn
        if (make() === undefined) return undefined
        await state.encodes
        if (state.breaks) throw new Error('broken')
        return Uint8Array.of(state.encoded++)
      },
    },
  })
  const get = async () => {
    const preview = await previews.of('dock-1')
    return typeof preview === 'string' ? preview : { frame: preview.frame.number, jpeg: preview.jpeg[0] }
  }
  return { state, get }
}

describe('the preview of a camera', () => {
  it('is made anew half a second after the last one, not before', async () => {
    const { state, get } = startPreviews()
    expect(await get()).toEqual({ frame: 1, jpeg: 0 })
    state.looked = inspected({ number: 2 })
    state.now = 499
    expect(await get()).toEqual({ frame: 1, jpeg: 0 })
    state.now = 500
    expect(await get()).toEqual({ frame: 2, jpeg: 1 })
  })

  it('is made once for all who ask at once', async () => {
    const { state, get } = startPreviews()
    expect(await Promise.all([get(), get(), get()])).toEqual(Array.from({ length: 3 }, () => ({ frame: 1, jpeg: 0 })))
    expect(state.encoded).toBe(1)
  })

  it('is made once for all who ask while it waits for its turn, and anew half a second after that', async () => {
    let begin = (): void => undefined
    const { state, get } = startPreviews(new Promise((resolve) => (begin = resolve)))
    const early = get()
    state.now = 600
    state.looked = inspected({ number: 2 })
    const late = Array.from({ length: 8 }, get)
    state.now = 900
    state.looked = inspected({ number: 3 })
    begin()
    expect(await Promise.all([early, ...late])).toEqual(Array.from({ length: 9 }, () => ({ frame: 3, jpeg: 0 })))
    state.looked = inspected({ number: 4 })
    state.now = 1399
    expect(await get()).toEqual({ frame: 3, jpeg: 0 })
    state.now = 1400
    expect(await Promise.all([get(), get()])).toEqual(Array.from({ length: 2 }, () => ({ frame: 4, jpeg: 1 })))
    expect(state.encoded).toBe(2)
  })

  it('is not made again while no other frame has been inspected', async () => {
    const { state, get } = startPreviews()
    await get()
    state.now = 10_000
    expect(await get()).toEqual({ frame: 1, jpeg: 0 })
  })

  it.each(['unknown', 'none'] as const)('is none where the camera is %s, without an encoder', async (looked) => {
    const { state, get } = startPreviews()
    state.looked = looked
    expect(await get()).toBe(looked)
    expect(state.asked).toBe(0)
  })

  it('is made anew where the camera was gone in between, though its frames begin again with the same numbers', async () => {
    const { state, get } = startPreviews()
    await get()
    state.looked = 'unknown'
    await get()
    state.looked = inspected({ number: 1 })
    expect(await get()).toEqual({ frame: 1, jpeg: 1 })
  })

  it('is of the frame that is the last inspected one when the encoder has time, and no other is held', async () => {
    let begin = (): void => undefined
    const { state, get } = startPreviews(new Promise((resolve) => (begin = resolve)))
    const held: number[] = []
    const picture = (number: number): Looked => ({
      ...inspected({ number }),
      hold() {
        held.push(number)
        return inspected().hold()
      },
    })
    state.looked = picture(1)
    const asked = get()
    state.looked = picture(2)
    begin()
    expect(await asked).toEqual({ frame: 2, jpeg: 0 })
    expect(held).toEqual([2])
  })

  it.each([{ breaks: false }, { breaks: true }])(
    'has its picture held until it is encoded, and no longer (the encoder breaks: $breaks)',
    async ({ breaks }) => {
      const { state, get } = startPreviews()
      let holders = 0
      state.looked = {
        ...inspected(),
        hold() {
          holders++
          return { picture: inspected().hold().picture, release: () => holders-- }
        },
      }
      let encoded = (): void => undefined
      state.encodes = new Promise((resolve) => (encoded = resolve))
      state.breaks = breaks
      const asked = get().catch(() => 'broken')
      await expect.poll(() => holders).toBe(1)
      encoded()
      await asked
      expect(holders).toBe(0)
    },
  )

  it('is tried again at once after it failed', async () => {
    const { state, get } = startPreviews()
    state.fails = true
    await expect(get()).rejects.toThrow('told to')
    state.fails = false
    expect(await get()).toEqual({ frame: 1, jpeg: 0 })
  })
})
