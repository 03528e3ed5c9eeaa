/**
 * Records media/belt-640x480.mp4 from the drawn belt with ffmpeg and libx264: eight seconds in which it runs loaded, stands still, runs on and runs empty.
 *
 * Run: node --import tsx scripts/make-clip.ts
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createBelt } from '../src/workers/belt/scene.ts'

const width = 640
const height = 480
const rate = 15
const frames = 8 * rate
const seed = 11
const firstFrame = 15

const file = fileURLToPath(new URL('../media/belt-640x480.mp4', import.meta.url))
const raw = ['-f', 'rawvideo', '-pix_fmt', 'gbrp', '-s', `${width}x${height}`, '-r', `${rate}`, '-i', 'pipe:0']
const coder = [
  '-c:v',
  'libx264',
  '-preset',
  'veryslow',
  '-crf',
  '30',
  '-tune',
  'grain',
  '-bf',
  '0',
  '-g',
  `${2 * rate}`,
]
// One thread and no date or version in the file: the same ffmpeg makes the same bytes.
const plain = [
  '-pix_fmt',
  'yuv420p',
  '-threads',
  '1',
  '-fflags',
  '+bitexact',
  '-flags:v',
  '+bitexact',
  '-movflags',
  '+faststart',
]
const ffmpeg = spawn('ffmpeg', ['-v', 'error', ...raw, ...coder, ...plain, '-y', file], {
  stdio: ['pipe', 'inherit', 'inherit'],
})
const closed = once(ffmpeg, 'close')
const belt = createBelt({ seed, width, height, rate })
const states = new Map<string, number>()
for (let frame = firstFrame; frame < firstFrame + frames; frame++) {
  const picture = new Uint8Array(width * height * 3)
  const { state } = belt.draw(frame, picture)
  states.set(state, (states.get(state) ?? 0) + 1)
  if (!ffmpeg.stdin.write(picture)) await once(ffmpeg.stdin, 'drain')
}
ffmpeg.stdin.end()
const [code] = (await closed) as [number | null]
if (code !== 0) throw new Error(`ffmpeg could not make ${file}: exit code ${code}`)
console.log(`${file}: frames ${[...states].map(([state, count]) => `${state} ${count}`).join(', ')}`)
