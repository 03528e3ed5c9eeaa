import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { bytesPerPicture, type PictureSize } from '../../src/domain/frame.ts'

export interface ClipOptions {
  readonly size: PictureSize
  readonly rate: number
  readonly frames: number
  /** Fills one picture: planes of red, green and blue. */
  readonly draw: (frame: number, pixels: Uint8Array) => void
}

/** Writes `file` in the format of its name's ending; `.mp4`, `.h264`: H.264, `.h265`: H.265, with a key picture a second and no B-frames. */
export async function makeClip(file: string, { size, rate, frames, draw }: ClipOptions): Promise<void> {
  const input = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    'gbrp',
    '-s',
    `${size.width}x${size.height}`,
    '-r',
    `${rate}`,
    '-i',
    'pipe:0',
  ]
  const coder = [
    '-c:v',
    file.endsWith('.h265') ? 'libx265' : 'libx264',
    '-x265-params',
    `log-level=error:bframes=0:open-gop=0:scenecut=0:keyint=${rate}:min-keyint=${rate}`,
    '-preset',
    'ultrafast',
    '-crf',
    '8',
    '-bf',
    '0',
    '-g',
    `${rate}`,
    '-vf',
    // ffmpeg keeps planes as green, blue, red.
    'shuffleplanes=1:2:0',
    '-pix_fmt',
    'yuv420p',
  ]
  const ffmpeg = spawn('ffmpeg', ['-v', 'error', ...input, ...coder, '-y', file], {
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  const closed = once(ffmpeg, 'close')
  const pixels = new Uint8Array(bytesPerPicture(size))
  for (let frame = 0; frame < frames; frame++) {
    draw(frame, pixels)
    if (!ffmpeg.stdin.write(pixels.slice())) await once(ffmpeg.stdin, 'drain')
  }
  ffmpeg.stdin.end()
  const [code] = (await closed) as [number | null]
  if (code !== 0) throw new Error(`ffmpeg could not make ${file}: exit code ${code}`)
}

/** All pixels of frame `n` have the grey `greyOf(n)`: 16 levels apart, so that a picture tells its number. */
export const greyOf = (frame: number): number => 20 + (frame % 13) * 16

export const drawGrey = (frame: number, pixels: Uint8Array): void => void pixels.fill(greyOf(frame))

/** Dark, grey or bright, without a pattern: each pixel of a picture tells where it stands. */
export const speckleOf = (x: number, y: number): number => 40 + ((((x * 7919) ^ (y * 104_729)) >>> 3) % 3) * 80

export const drawSpeckle =
  ({ width, height }: PictureSize) =>
  (_: number, pixels: Uint8Array): void => {
    const plane = width * height
    for (let at = 0; at < plane; at++) {
      const level = speckleOf(at % width, Math.floor(at / width))
      for (let channel = 0; channel < 3; channel++) pixels[channel * plane + at] = level
    }
  }

/** The left half red, the right half blue, whatever the frame. */
export const drawHalves =
  ({ width }: PictureSize) =>
  (_: number, pixels: Uint8Array): void => {
    const plane = pixels.length / 3
    for (let at = 0; at < plane; at++) {
      const isLeft = at % width < width / 2
      const colour = isLeft ? [220, 30, 30] : [30, 30, 220]
      colour.forEach((level, channel) => (pixels[channel * plane + at] = level))
    }
  }
