import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { letterboxGrey } from '../src/domain/fitting.ts'
import type { PictureSize } from '../src/domain/frame.ts'
import type { Clip } from './clip.ts'
import type { Cost } from './figures.ts'

/** Formats that a daemon could take pictures in. */
export const pixelFormats = ['rgb24', 'gbrp', 'yuv420p'] as const
export type PixelFormat = (typeof pixelFormats)[number]

/** What ffmpeg takes, in one thread, to decode the clip and letter-box each picture into `size`; the pictures go nowhere. */
export async function measureFfmpeg(clip: Clip, size: PictureSize, format: PixelFormat): Promise<Cost> {
  const { width, height } = size
  const grey = `0x${letterboxGrey.toString(16).repeat(3)}`
  const filters = [
    `scale=${width}:${height}:force_original_aspect_ratio=decrease:flags=bilinear`,
    `format=${format}`,
    `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2:color=${grey}`,
  ]
  const args = [
    ...['-hide_banner', '-nostdin', '-nostats', '-benchmark', '-threads', '1', '-i', clip.file, '-map', '0:v:0'],
    ...['-filter_threads', '1', '-vf', filters.join(','), '-fps_mode', 'passthrough', '-f', 'null', '-'],
  ]
  const { stderr } = await promisify(execFile)('ffmpeg', args)
  const { cpuSeconds, seconds } = benchmarkLine(stderr)
  return { framesPerSecond: clip.frames / seconds, cpuSecondsPerFrame: cpuSeconds / clip.frames }
}

/** What ffmpeg's `-benchmark` says at the end: of its work, without the time to start. */
export function benchmarkLine(text: string): { cpuSeconds: number; seconds: number } {
  const [line, user, system, real] = /bench: utime=([\d.]+)s stime=([\d.]+)s rtime=([\d.]+)s/.exec(text) ?? []
  if (line === undefined) throw new Error(`ffmpeg gave no times; it said:\n${text}`)
  return { cpuSeconds: Number(user) + Number(system), seconds: Number(real) }
}
