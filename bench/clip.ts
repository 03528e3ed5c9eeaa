import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { bytesPerPicture, type PictureSize } from '../src/domain/frame.ts'
import { createBelt } from '../src/workers/belt/scene.ts'

/** A recording such as a network camera sends. */
export interface Clip {
  readonly file: string
  readonly size: PictureSize
  readonly frames: number
  /** Frames a second. */
  readonly rate: number
  readonly kilobitsPerSecond: number
}

/** Records the drawn belt: H.264, 1280x720, 4 Mb/s at 30 frames a second, a key picture every two seconds and no B-frames. */
export async function makeClip(file: string, frames: number, rate: number): Promise<Clip> {
  const clip: Clip = { file, size: { width: 1280, height: 720 }, frames, rate, kilobitsPerSecond: (4000 * rate) / 30 }
  const { size, kilobitsPerSecond } = clip
  const bits = `${Math.round(kilobitsPerSecond)}k`
  const args = [
    ...['-v', 'error', '-f', 'rawvideo', '-pix_fmt', 'gbrp', '-s', `${size.width}x${size.height}`],
    ...['-r', `${rate}`, '-i', 'pipe:0', '-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'high'],
    ...['-b:v', bits, '-maxrate', bits, '-bufsize', bits, '-bf', '0', '-g', `${2 * rate}`],
    ...['-pix_fmt', 'yuv420p', '-y', file],
  ]
  const ffmpeg = spawn('ffmpeg', args, { stdio: ['pipe', 'inherit', 'inherit'] })
  const closed = once(ffmpeg, 'close')
  // Where ffmpeg ends early, its exit code says so; that its pipe broke is no news.
  ffmpeg.stdin.on('error', () => ffmpeg.stdin.destroy())
  const belt = createBelt({ seed: 7, rate, ...size })
  for (let frame = 0; frame < frames && !ffmpeg.stdin.destroyed; frame++) {
    // A picture of its own for each frame: a pipe keeps what it was given until it is written.
    const pixels = new Uint8Array(bytesPerPicture(size))
    belt.draw(frame, pixels)
    if (!ffmpeg.stdin.write(pixels)) await Promise.race([once(ffmpeg.stdin, 'drain'), closed])
  }
  ffmpeg.stdin.end()
  const [code] = (await closed) as [number | null]
  if (code !== 0) throw new Error(`ffmpeg could not record ${file}: exit code ${code}`)
  return clip
}
