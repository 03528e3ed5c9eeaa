import { describe, expect, it } from 'vitest'
import { ffmpegCommand } from '../../../src/adapters/video/ffmpeg-command.ts'
import { milliseconds } from '../../../src/domain/units.ts'

describe('an RTSP camera that may be silent', () => {
  it.each([
    { ms: 30_000, option: 'option timeout 30000000' },
    { ms: 2_147_483, option: 'option timeout 2147483000' },
    { ms: 2_147_484, option: undefined },
  ])('for $ms ms is given up by ffmpeg: $option', ({ ms, option }) => {
    const { stdin } = ffmpegCommand({
      ...{ size: { width: 64, height: 36 }, fit: 'stretch', fromKeyPicture: true, unpaced: false },
      ...{ input: { type: 'rtsp', url: 'rtsp://10.0.0.5/1' }, socketTimeout: milliseconds(ms) },
    })
    expect(stdin?.split('\n').find((line) => line.includes('timeout'))).toBe(option)
  })
})
