import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { InferenceSession } from 'onnxruntime-node'
import { Piscina } from 'piscina'
import { bytesPerPicture, bytesPerPixel, type PictureSize } from '../src/domain/frame.ts'
import type { ModelKind } from '../src/domain/inspection.ts'
import { type ModelInput, readModelInput } from '../src/workers/inference/model-input.ts'
import { readMetadata } from '../src/workers/inference/model-metadata.ts'
import { sessionOptions } from '../src/workers/inference/session-options.ts'
import type { Clip } from './clip.ts'
import type { Cost } from './figures.ts'
import type { ModelThreadRequest, ModelToMeasure } from './model-thread.ts'

export interface BenchModel {
  readonly name: string
  readonly kind: ModelKind
  readonly file: string
}

/** Pictures of the clip that each model runs on in turn: its cost may depend on what it sees. */
const pictures = 6
const measuredMs = 5000

/** What a model wants to be given. @throws {Error} it doesn't fit. */
async function inputOf({ name, file }: BenchModel): Promise<ModelInput> {
  const session = await InferenceSession.create(file, sessionOptions)
  const input = readModelInput(session, readMetadata(file))
  await session.release()
  if (typeof input === 'string') throw new Error(`Model ${name} does not fit: ${input}`)
  return input
}

/** What all `models` take for one frame after the other in each of so many threads, at the same time and with nothing beside them. */
export async function measureModels(models: readonly BenchModel[], clip: Clip, threads: number): Promise<Cost> {
  const measured: ModelToMeasure[] = []
  for (const model of models) measured.push(await toMeasure(model, clip))
  // One pool of one thread for each, so that each thread gets each request.
  const pools = Array.from(
    { length: threads },
    () =>
      new Piscina<ModelThreadRequest, number>({
        filename: new URL('./model-thread.ts', import.meta.url).href,
        minThreads: 0,
        maxThreads: 1,
        idleTimeout: Infinity,
      }),
  )
  try {
    await Promise.all(pools.map((pool) => pool.run({ type: 'load', models: measured })))
    const stop = new Int32Array(new SharedArrayBuffer(4))
    const startedAt = performance.now()
    const before = process.cpuUsage()
    const timer = setTimeout(() => Atomics.store(stop, 0, 1), measuredMs)
    const counts = await Promise.all(pools.map((pool) => pool.run({ type: 'run', stop })))
    clearTimeout(timer)
    const seconds = (performance.now() - startedAt) / 1000
    const { user, system } = process.cpuUsage(before)
    const frames = counts.reduce((sum, count) => sum + count, 0)
    return { framesPerSecond: frames / seconds, cpuSecondsPerFrame: (user + system) / 1e6 / frames }
  } finally {
    // Their threads are idle: ending one in the middle of a run would abort the process.
    await Promise.all(pools.map((pool) => pool.close()))
  }
}

async function toMeasure(model: BenchModel, clip: Clip): Promise<ModelToMeasure> {
  const { size, frames } = await inputOf(model)
  const seen = await picturesOf(clip, size, pictures + frames - 1)
  const planes = seen.map((picture) => Float32Array.from(picture, (level) => level / 255))
  const samples = Array.from({ length: pictures }, (_, first) => {
    const sample = new Float32Array(frames * bytesPerPicture(size))
    for (let frame = 0; frame < frames; frame++) sample.set(planes[first + frame] ?? [], frame * bytesPerPicture(size))
    return sample
  })
  return { file: model.file, samples, dims: [1, bytesPerPixel * frames, size.height, size.width] }
}

/** Pictures of the clip, from its beginning on: planes of red, green and blue. */
async function picturesOf(clip: Clip, { width, height }: PictureSize, count: number): Promise<Uint8Array[]> {
  const args = [
    ...['-v', 'error', '-nostdin', '-i', clip.file, '-frames:v', `${count}`],
    ...[
      '-vf',
      `scale=${width}:${height},format=gbrp,shuffleplanes=2:0:1`,
      '-f',
      'rawvideo',
      '-pix_fmt',
      'gbrp',
      'pipe:1',
    ],
  ]
  const bytes = bytesPerPicture({ width, height })
  const { stdout } = await promisify(execFile)('ffmpeg', args, { encoding: 'buffer', maxBuffer: count * bytes + 1 })
  if (stdout.length !== count * bytes) throw new Error(`${clip.file} gave ${stdout.length} bytes of ${count * bytes}`)
  return Array.from({ length: count }, (_, index) => stdout.subarray(index * bytes, (index + 1) * bytes))
}
