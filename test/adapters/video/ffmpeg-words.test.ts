import { describe, expect, it } from 'vitest'
import { ffmpegWord } from '../../../src/adapters/video/ffmpeg-words.ts'

describe('a picture that was decoded only in part', () => {
  it.each([
    // 5.1, of a file, of a camera and of one whose name is no help.
    '[warning] file:/videos/belt.mkv: corrupt decoded frame in stream 0',
    '[warning] pipe:0: corrupt decoded frame in stream 0',
    '[warning] file:/a: corrupt decoded frame in stream 3: corrupt decoded frame in stream 0',
    // 6.1, and from 7.0 on.
    '[vist#0:0/h264 @ 0x55e314ec6240] [warning] corrupt decoded frame',
    '[vist#0:0/h264 @ 0x55e314ec6240] [dec:h264 @ 0x55e315088680] [warning] corrupt decoded frame',
    '[hevc @ 0x55f1db1ce280] [error] The cu_qp_delta -1094995529 is outside the valid range [-26, 25].',
    '[hevc @ 0x55f1db1ce280] [error] CABAC_MAX_BIN : 7',
    '[hevc @ 0x55f1db1ce280] [error] Could not find ref with POC 46',
    '[mjpeg @ 0x557de5bb1400] [error] error y=18 x=17',
  ])('is told of by %s', (line) => {
    expect(ffmpegWord(line)).toEqual({ type: 'damaged' })
  })

  it.each([
    // These come with one of the above, more than once, or while the stream is probed.
    { line: '[h264 @ 0x55d1b5713380] [info] concealing 1071 DC, 1071 AC, 1071 MV errors in I frame', is: 'other' },
    { line: '[h264 @ 0x55d1b5713380] [error] error while decoding MB 18 4, bytestream 6792', is: 'complaint' },
    { line: '[mjpeg @ 0x557de5bb1400] [error] error dc', is: 'complaint' },
    { line: '[mjpeg @ 0x557de5bb1400] [warning] mjpeg_decode_dc: bad vlc: 0:0 (0x557de5bbea90)', is: 'other' },
    { line: "[info] Input #0, matroska,webm, from 'file:/a: corrupt decoded frame':", is: 'other' },
  ])('is not told of by $line', ({ line, is }) => {
    expect(ffmpegWord(line).type).toBe(is)
  })
})

describe('a packet of which nothing was decoded', () => {
  it.each([
    'Error while decoding stream #0:0: Invalid data found when processing input',
    'Error submitting packet to decoder: Invalid data found when processing input',
    'Decoding error: Invalid data found when processing input',
  ])('is told of by "%s", whatever part says it', (text) => {
    const word = { type: 'decode-failed', text }
    expect(ffmpegWord(`[error] ${text}`)).toEqual(word)
    expect(ffmpegWord(`[vist#0:0/h264 @ 0x1a] [error] ${text}`)).toEqual(word)
    expect(ffmpegWord(`[vist#0:0/h264 @ 0x1a] [dec:h264 @ 0x2b] [error] ${text}`)).toEqual(word)
  })
})

describe('the size of the picture', () => {
  it.each([
    '[scale@square @ 0x1a] [verbose] w:704 h:576 fmt:yuv420p sar:16/11 -> w:1024 h:576 fmt:yuv420p sar:1/1 flags:0x2',
    // From 7.1 on.
    '[scale@square @ 0x1a] [verbose] w:704 h:576 fmt:yuv420p csp:bt709 range:tv sar:16/11 -> w:1024 h:576 fmt:yuv420p csp:bt709 range:tv sar:1/1 flags:0x2',
  ])('is told of by %s', (line) => {
    expect(ffmpegWord(line)).toEqual({ type: 'size', size: { width: 1024, height: 576 } })
  })

  it.each([
    '[graph 0 input from stream 0:0 @ 0x1a] [verbose] w:704 h:576 pixfmt:yuv420p tb:1/10240 fr:5/1 sar:16/11',
    '[Parsed_scale_1 @ 0x1a] [verbose] w:704 h:576 fmt:yuv420p sar:1/1 -> w:64 h:36 fmt:gbrp sar:1/1 flags:0x2',
  ])('is not told of by %s', (line) => {
    expect(ffmpegWord(line)).toEqual({ type: 'other' })
  })
})

it('where an RTSP server sends ffmpeg is told', () => {
  const line = '[rtsp @ 0x557019fb4280] [info] Status 302: Redirecting to rtsp://10.0.0.5/b'
  expect(ffmpegWord(line)).toEqual({ type: 'redirected', to: 'rtsp://10.0.0.5/b' })
})

describe('what a stream declares', () => {
  it.each([
    { said: 'Video: h264 (Constrained Baseline), yuv420p(progressive), 320x180, 10 fps, 10 tbr, 90k tbn', rate: 10 },
    { said: 'Video: h264 (High), yuv420p(progressive), 320x180, 29.97 fps, 25 tbr, 90k tbn', rate: 29.97 },
    { said: 'Video: h264 (High), yuv420p(progressive), 320x180, 90k tbr, 90k tbn', rate: undefined },
    // The ticks of a clock: of streams whose rate varies.
    { said: 'Video: h264 (High), yuv420p(progressive), 320x180, 60k fps, 25 tbr, 90k tbn', rate: undefined },
    { said: 'Video: h264 (High), yuv420p(progressive), 320x180, 1k fps, 25 tbr, 90k tbn', rate: undefined },
  ])('is a rate of $rate in "$said"', ({ said, rate }) => {
    expect(ffmpegWord(`[info]   Stream #0:0: ${said}`)).toEqual({ type: 'declared', codec: 'h264', rate })
  })
})
