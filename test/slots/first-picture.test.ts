import { describe, expect, it } from 'vitest'
import type { CameraConfig } from '../../src/config/config.ts'
import { type Milliseconds, seconds } from '../../src/domain/units.ts'
import { firstPictureWithin } from '../../src/slots/first-picture.ts'

describe('the first picture of a live camera', () => {
  it.each<{ stallAfter: Milliseconds | 'auto'; within: Milliseconds }>([
    { stallAfter: 'auto', within: seconds(15) },
    { stallAfter: seconds(2), within: seconds(15) },
    { stallAfter: seconds(60), within: seconds(60) },
  ])('may take $within ms where stallAfter is $stallAfter', ({ stallAfter, within }) => {
    expect(firstPictureWithin({ stallAfter } as CameraConfig)).toBe(within)
  })
})
