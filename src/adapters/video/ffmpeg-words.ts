import type { PictureSize } from '../../domain/frame.ts'

/** What one line of ffmpeg's log tells us; `other` says nothing that we act on. */
export type FfmpegWord =
  /** Frames a second as a stream declares them; the input's come before the first `size`, the output's after it. */
  | { readonly type: 'rate'; readonly rate: number }
  /** Pictures of this size leave the decoder from here on. */
  | { readonly type: 'size'; readonly size: PictureSize }
  /** A packet of which the decoder made no picture. */
  | { readonly type: 'decode-failed'; readonly text: string }
  | { readonly type: 'complaint'; readonly text: string }
  | { readonly type: 'other' }

/** `line` is one line of ffmpeg at `-loglevel level+verbose`: `[h264 @ 0x55] [error] no frame!`. */
export function ffmpegWord(line: string): FfmpegWord {
  const [, , level, text = ''] = /^(\[[^\]]* @ 0x[0-9a-f]+\] )?\[(\w+)\] (.*)$/.exec(line) ?? []
  switch (level) {
    case undefined:
      // Not of ffmpeg's log: the dynamic linker, setpriv, a crash handler. Indented lines go on with the one before.
      return line.trim() === '' || /^\s|^\w=/.test(line) || line === 'SDP:'
        ? { type: 'other' }
        : { type: 'complaint', text: line }
    case 'verbose':
      return pictureSize(text)
    case 'info':
      return declaredRate(text)
    case 'error':
    case 'fatal':
    case 'panic':
      return undecodable.test(text) ? { type: 'decode-failed', text } : { type: 'complaint', text }
    default:
      return { type: 'other' }
  }
}

/** Once a packet: the first up to ffmpeg 6.0, the second from 6.1 on. */
const undecodable = /^Error (while decoding stream|submitting packet to decoder)/

function pictureSize(text: string): FfmpegWord {
  const [, width, height] = /^w:(\d+) h:(\d+) pixfmt:/.exec(text) ?? []
  return width === undefined || height === undefined
    ? { type: 'other' }
    : { type: 'size', size: { width: Number(width), height: Number(height) } }
}

function declaredRate(text: string): FfmpegWord {
  const [, rate, thousands] = /^\s*Stream #0:.*Video: .*, ([\d.]+)(k?) fps\b/.exec(text) ?? []
  const perSecond = Number(rate) * (thousands === 'k' ? 1000 : 1)
  return perSecond > 0 ? { type: 'rate', rate: perSecond } : { type: 'other' }
}
