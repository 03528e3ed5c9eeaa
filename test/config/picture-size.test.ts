import { describe, expect, it } from 'vitest'
import { configOf, mistakesIn, smallConfigWith } from './small-config.ts'

const withPicture = (size: string) => smallConfigWith('detect: {', `picture: ${size}\n    detect: {`)

describe('a picture size', () => {
  it.each([
    ['16x8192', { width: 16, height: 8192 }],
    ['8192x16', { width: 8192, height: 16 }],
  ])('may be %s', async (size, picture) => {
    expect((await configOf(withPicture(size))).cameras[0]?.picture).toEqual(picture)
  })

  it.each(['15x640', '640x15', '8193x640', '640x8193', '640'])('may not be %s', async (size) => {
    expect(await mistakesIn(withPicture(size))).toEqual([
      expect.stringMatching(
        /^belay.yaml:4:14 cameras\[0\]\.picture: expected .*a size in pixels such as .* a side, found /,
      ),
    ])
  })
})
