import { describe, expect, it } from 'vitest'
import type { CameraConfig, SourceConfig } from '../../src/config/config.ts'
import { type Milliseconds, seconds } from '../../src/domain/units.ts'
import { firstPictureWithin, noPictureAdvice } from '../../src/config/first-picture.ts'

describe('the first picture of a live camera', () => {
  it.each<{ stallAfter: Milliseconds | 'auto'; within: Milliseconds }>([
    { stallAfter: 'auto', within: seconds(15) },
    { stallAfter: seconds(2), within: seconds(15) },
    { stallAfter: seconds(60), within: seconds(60) },
  ])('may take $within ms where stallAfter is $stallAfter', ({ stallAfter, within }) => {
    expect(firstPictureWithin({ stallAfter } as CameraConfig)).toBe(within)
  })
})

describe('a camera without a picture', () => {
  it.each<{ source: SourceConfig; advice: string }>([
    {
      source: { type: 'rtsp', url: 'rtsp://10.0.0.5/1', credentials: undefined, transport: 'tcp' },
      advice: 'If its key pictures are further apart, raise its stallAfter',
    },
    {
      source: { type: 'http', url: 'http://10.0.0.6/a.mp4', credentials: undefined, loop: false, lossless: false },
      advice: 'A video is downloaded whole before its first picture: name a smaller one, or serve it faster',
    },
    {
      source: { type: 'file', path: '/media/a.mp4', loop: false, lossless: false },
      advice: 'Its disk may not answer, or ffmpeg may take long to read it: ffprobe tells more',
    },
    {
      source: { type: 'device', path: '/dev/video2', size: undefined, rate: undefined, format: undefined },
      advice:
        'It may have no signal, or not send what it is asked for: ffmpeg -f v4l2 -list_formats all -i /dev/video2',
    },
    {
      source: { type: 'synthetic', seed: 1, rate: 15, lossless: false },
      advice: 'This machine may be too busy to draw it',
    },
  ])('of type $source.type: $advice', ({ source, advice }) => {
    expect(noPictureAdvice(source)).toBe(advice)
  })
})
