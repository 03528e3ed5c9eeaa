import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { clipCameras, withDaemon } from './bench-daemon.ts'
import type { Benchmark } from './benchmark.ts'
import { watch } from './watch.ts'

const many = 32

/**
 * Resident memory: of the daemon and its ffmpeg processes with four lossless cameras, and what a further camera adds to the daemon alone, from 1
 * to 32 live ones of five frames a second. The large network, at 640x640. What processes share, as ffmpegs do their libraries, is counted once.
 */
export const memory: Benchmark = async (workshop, { seconds, tell }) => {
  const models = [await workshop.network('large')]
  const residentWith = (cameras: object[]) =>
    withDaemon(workshop, { models, cameras }, async ({ daemon, stop }) => {
      await watch(daemon, availableParallelism(), 2 * seconds)
      const own = await residentMiB(daemon.pid)
      const children = await Promise.all((await daemon.children()).map(residentMiB))
      await stop()
      const ffmpeg = children.reduce((sum, each) => sum + each, 0)
      tell(`${cameras.length} cameras: daemon ${own.toFixed(1)} MiB, ffmpeg ${ffmpeg.toFixed(1)} MiB`)
      return { own, ffmpeg }
    })
  const four = await residentWith(clipCameras(4, await workshop.clip(), 'lossless'))
  const slow = await workshop.clip(5)
  const [one, crowd] = [
    await residentWith(clipCameras(1, slow, { fps: 'all' })),
    await residentWith(clipCameras(many, slow, { fps: 'all' })),
  ]
  return {
    memory: {
      totalMiB: four.own + four.ffmpeg,
      perCameraMiB: (crowd.own - one.own) / (many - 1),
      daemonMiB: { 1: one.own, 4: four.own, [many]: crowd.own },
      ffmpegMiBEach: four.ffmpeg / 4,
    },
  }
}

/** A process's share: of a page that n processes have, an nth. */
async function residentMiB(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
  const kib = /^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1]
  if (kib === undefined) throw new Error(`/proc/${pid}/smaps_rollup says nothing of resident memory`)
  return Number(kib) / 1024
}
