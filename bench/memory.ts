import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { clipCameras, withDaemon } from './bench-daemon.ts'
import type { Benchmark } from './benchmark.ts'
import { medians } from './figures.ts'
import { watch } from './watch.ts'

const many = 32
/** Workers, apart from which nothing differs. */
const few = 1
const several = 4

/**
 * Resident memory: of the daemon and its ffmpeg processes with four lossless cameras, and what a further camera adds to the daemon alone, from 1
 * to 32 live ones of five frames a second; and what a further worker adds, from 1 to 4, with one such camera. The large network, at 640x640. What ffmpegs share, their libraries,
 * is counted once; what the daemon shares with this program, as its own.
 */
export const memory: Benchmark = async (workshop, { repeats, seconds, tell }) => {
  const models = [await workshop.network('large')]
  const residentWith = (cameras: object[], inference = {}) =>
    withDaemon(workshop, { models, cameras, inference }, async ({ daemon, stop }) => {
      await watch(daemon, availableParallelism(), 2 * seconds)
      const own = await residentMiB(daemon.pid)
      const children = await Promise.all((await daemon.children()).map(shareMiB))
      await stop()
      const ffmpeg = children.reduce((sum, each) => sum + each, 0)
      tell(`${cameras.length} cameras: daemon ${own.toFixed(1)} MiB, ffmpeg ${ffmpeg.toFixed(1)} MiB`)
      return { own, ffmpeg }
    })
  const [clip, slow] = [await workshop.clip(), await workshop.clip(5)]
  const round = async () => {
    const four = await residentWith(clipCameras(4, clip, 'lossless'))
    const one = await residentWith(clipCameras(1, slow, { fps: 'all' }))
    const crowd = await residentWith(clipCameras(many, slow, { fps: 'all' }))
    const alone = await residentWith(clipCameras(1, slow, { fps: 'all' }), { workers: few })
    const together = await residentWith(clipCameras(1, slow, { fps: 'all' }), { workers: several })
    return {
      totalMiB: four.own + four.ffmpeg,
      perCameraMiB: (crowd.own - one.own) / (many - 1),
      perWorkerMiB: (together.own - alone.own) / (several - few),
      daemonMiB: { 1: one.own, 4: four.own, [many]: crowd.own },
      ffmpegMiBEach: four.ffmpeg / 4,
    }
  }
  const rounds: Awaited<ReturnType<typeof round>>[] = []
  for (let count = 0; count < repeats; count++) rounds.push(await round())
  return { memory: medians(rounds) }
}

/** All that a process has. */
const residentMiB = (pid: number): Promise<number> => mebibytes(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB$/m)

/** Of a page that n processes have, an nth. */
const shareMiB = (pid: number): Promise<number> => mebibytes(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+) kB$/m)

async function mebibytes(file: string, line: RegExp): Promise<number> {
  const kib = line.exec(await readFile(file, 'utf8'))?.[1]
  if (kib === undefined) throw new Error(`${file} says nothing of resident memory`)
  return Number(kib) / 1024
}
