import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { PictureSize } from '../../src/domain/frame.ts'

export interface YuvClip {
  readonly size: PictureSize
  /** `full`: 0 to 255, as it stands for itself; else 16 to 235, as video has it. */
  readonly range: 'limited' | 'full'
  /** What the stream says of its colours, by ffmpeg's name; without it, nothing. */
  readonly matrix?: 'bt709' | 'smpte170m'
  /** Luma, and both differences of colour, of one pixel. */
  readonly at: (x: number, y: number) => readonly [luma: number, blue: number, red: number]
}

/** Writes two pictures as H.264 that loses nothing: what is decoded is what was given. Of the colours it has a quarter of the pixels. */
export async function makeYuvClip(file: string, { size, range, matrix, at }: YuvClip): Promise<void> {
  const { width, height } = size
  const plane = (channel: 0 | 1 | 2): Uint8Array => {
    const step = channel === 0 ? 1 : 2
    const across = width / step
    return Uint8Array.from(
      { length: across * (height / step) },
      (_, index) => at((index % across) * step, Math.floor(index / across) * step)[channel],
    )
  }
  const picture = Buffer.concat([plane(0), plane(1), plane(2)])
  const format = range === 'full' ? 'yuvj420p' : 'yuv420p'
  const given = ['-f', 'rawvideo', '-pix_fmt', format, '-s', `${width}x${height}`, '-r', '5', '-i', 'pipe:0']
  const said = matrix === undefined ? [] : ['-colorspace', matrix]
  const coded = ['-c:v', 'libx264', '-qp', '0', '-color_range', range === 'full' ? 'pc' : 'tv', '-pix_fmt', format]
  const made = promisify(execFile)('ffmpeg', ['-v', 'error', ...given, ...coded, ...said, '-y', file])
  made.child.stdin?.end(Buffer.concat([picture, picture]))
  await made
}
