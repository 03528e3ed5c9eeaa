import type { PictureSize } from '../../domain/frame.ts'

/** What one line of ffmpeg's log tells us; `other` says nothing that we act on. */
export type FfmpegWord =
  /** What a stream declares: the input's comes before the first `size`, the output's after it. */
  | { readonly type: 'declared'; readonly codec: string; readonly rate: number | undefined }
  /** Pictures of this size, upright and of square pixels, come from here on. */
  | { readonly type: 'size'; readonly size: PictureSize }
  /** A packet of which the decoder made no picture. */
  | { readonly type: 'decode-failed'; readonly text: string }
  /** A picture that was decoded only in part. It is delivered all the same, with the rest made up. */
  | { readonly type: 'damaged' }
  /** An RTSP server has sent it to another address, where it is going now. */
  | { readonly type: 'redirected'; readonly to: string }
  | { readonly type: 'complaint'; readonly text: string }
  | { readonly type: 'other' }

/** `line` is one line of ffmpeg at `-loglevel level+verbose`: `[h264 @ 0x55] [error] no frame!`. From 7.0 on, a part has its parent before it. */
export function ffmpegWord(line: string): FfmpegWord {
  const [, part = '', level, text = ''] = /^(\[[^\]]* @ 0x[0-9a-f]+\] )*\[(\w+)\] (.*)$/.exec(line) ?? []
  switch (level) {
    case undefined:
      // Not of ffmpeg's log: the dynamic linker, setpriv, a crash handler. Indented lines go on with the one before.
      return line.trim() === '' || /^\s|^\w=/.test(line) || line === 'SDP:'
        ? { type: 'other' }
        : { type: 'complaint', text: line }
    case 'verbose':
      return part.startsWith('[scale@square ') ? pictureSize(text) : { type: 'other' }
    case 'info':
      return redirected(text) ?? declared(text)
    case 'warning':
      return damaged.test(text) ? { type: 'damaged' } : { type: 'other' }
    case 'error':
    case 'fatal':
    case 'panic':
      if (undecodable.test(text)) return { type: 'decode-failed', text }
      return damagedUnmarked.test(text) ? { type: 'damaged' } : { type: 'complaint', text }
    default:
      return { type: 'other' }
  }
}

/** Once a packet: the first up to ffmpeg 6.0, the others from 6.1 on. */
const undecodable = /^(Error while decoding stream|Error submitting packet to decoder|Decoding error:)/

/**
 * Once a picture that its decoder has marked, such as H.264's and MPEG-4's do; the address and the stream up to ffmpeg 6.0.
 * What the decoder itself says, `concealing 12 DC, …` and the like, comes when the stream is probed as well.
 */
const damaged = /(^|: )corrupt decoded frame( in stream \d+)?$/

/** What decoders say that mark nothing: HEVC's of a slice that it gave up and of a picture that it missed, and MJPEG's of where it gave up. */
const damagedUnmarked =
  /^(The cu_qp_delta \S+ is outside the valid range|CABAC_MAX_BIN\b|Could not find ref with POC\b|error y=\d+ x=\d+)/

function pictureSize(text: string): FfmpegWord {
  const [, width, height] = / -> w:(\d+) h:(\d+) fmt:/.exec(text) ?? []
  return width === undefined || height === undefined
    ? { type: 'other' }
    : { type: 'size', size: { width: Number(width), height: Number(height) } }
}

function redirected(text: string): FfmpegWord | undefined {
  const [, to] = /^Status \d+: Redirecting to (.*)$/.exec(text) ?? []
  return to === undefined ? undefined : { type: 'redirected', to }
}

/** From here on, what is declared is a clock's ticks and no camera's rate: one that varies is announced as 60 000 pictures a second. */
const incredibleRate = 1000

function declared(text: string): FfmpegWord {
  const [, codec] = /^\s*Stream #0:.*: Video: (\w+)/.exec(text) ?? []
  if (codec === undefined) return { type: 'other' }
  const [, digits, thousands] = /, ([\d.]+)(k?) fps\b/.exec(text) ?? []
  const rate = Number(digits) * (thousands === 'k' ? 1000 : 1)
  return { type: 'declared', codec, rate: rate > 0 && rate < incredibleRate ? rate : undefined }
}
