import { describe, expect, it } from 'vitest'
import { type AlbumLimits, PictureAlbum } from '../../inspector/src/line/picture-album.ts'

const jpegBytes = 1_000

/** An album, and what it has of a camera at each moment from one to another. */
function start(limits?: AlbumLimits) {
  const album = new PictureAlbum(limits)
  const show = (camera: string, capturedAt: number): void =>
    album.add(camera, { frame: capturedAt, capturedAt, jpeg: new Blob([new Uint8Array(jpegBytes)]) })
  const seconds = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
  const kept = (camera: string, from: number, to: number): number[] => [
    ...new Set(seconds(from, to).flatMap((moment) => album.at(camera, moment)?.capturedAt ?? [])),
  ]
  return { album, show, kept, seconds }
}

describe('the pictures that were shown', () => {
  it('are at each moment the latest up to it, of that camera', () => {
    const { album, show } = start()
    for (const moment of [10, 20, 30]) show('dock-1', moment)
    show('dock-2', 25)
    const at = (camera: string, moment: number) => album.at(camera, moment)?.frame
    expect([9, 10, 19, 20, 99].map((moment) => at('dock-1', moment))).toEqual([undefined, 10, 10, 20, 30])
    expect([24, 25].map((moment) => at('dock-2', moment))).toEqual([undefined, 25])
    expect(at('dock-3', 99)).toBeUndefined()
  })

  it('are kept once, however often the same one is shown', () => {
    const { show, kept } = start({ pictures: 3 })
    for (const moment of [10, 20, 30, 30, 30, 30]) show('dock-1', moment)
    expect(kept('dock-1', 0, 40)).toEqual([10, 20, 30])
  })

  it('stand the further apart the longer ago they were, from the first on, and are as many as there may be of one camera', () => {
    const { show, kept, seconds } = start({ pictures: 20 })
    for (const moment of seconds(1, 10_000)) show('dock-1', moment)
    const moments = kept('dock-1', 1, 10_000)
    expect(moments.length).toBe(20)
    expect([moments[0], moments.at(-1)]).toEqual([1, 10_000])
    // Between any two, less time than six tenths of what has passed since the first of them.
    const gaps = moments
      .slice(2)
      .map((moment, index) => (moment - moments[index + 1]!) / (10_000 - moments[index + 1]!))
    expect(Math.max(...gaps.slice(0, -1))).toBeLessThan(0.6)
  })

  it('are no more than may be kept of all cameras, and of each as many as of any other', () => {
    const { album, show, kept, seconds } = start({ pictures: 100, bytes: 40 * jpegBytes })
    for (const moment of seconds(1, 99)) show('dock-1', moment)
    expect(kept('dock-1', 1, 99).length).toBe(40)
    for (const moment of seconds(100, 400)) for (const camera of ['dock-2', 'dock-3', 'dock-4']) show(camera, moment)
    const counts = ['dock-1', 'dock-2', 'dock-3', 'dock-4'].map((camera) => kept(camera, 1, 400).length)
    expect(counts).toEqual([10, 10, 10, 10])
    expect(album.at('dock-4', 400)?.frame).toBe(400)
  })

  it('go altogether where the cameras are more than there may be pictures', () => {
    const { show, kept, seconds } = start({ bytes: 5 * jpegBytes })
    for (const moment of seconds(1, 50)) show(`dock-${moment}`, moment)
    const left = seconds(1, 50).filter((camera) => kept(`dock-${camera}`, 1, 50).length > 0)
    expect(left.length).toBe(5)
  })
})
