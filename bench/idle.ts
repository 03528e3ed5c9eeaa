import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { cameraId, withDaemon } from './bench-daemon.ts'
import type { Benchmark } from './benchmark.ts'
import { medians } from './figures.ts'
import { cpuSecondsOf } from './process-cpu.ts'

const cameras = 50
/** By then every camera has climbed to the longest wait between its tries. */
const settledMs = 75_000

/**
 * The share of one core that the daemon's own process takes, without its ffmpeg processes, while 50 cameras cannot be reached. The median of
 * looks at one daemon.
 */
export const idle: Benchmark = async (workshop, { repeats, seconds, tell }) => {
  const models = [await workshop.network('small')]
  const port = await closedPort()
  const given = Array.from({ length: cameras }, (_, index) => ({
    id: cameraId(index),
    source: { type: 'rtsp', url: `rtsp://127.0.0.1:${port}/stream` },
  }))
  return withDaemon(workshop, { models, cameras: given }, async ({ daemon, stop }) => {
    await daemon.until('the daemon runs', ({ phase }) => phase === 'running')
    tell(`waiting ${settledMs / 1000} s for the cameras to settle`)
    await wait(settledMs)
    const { actors } = await daemon.state()
    const down = actors.filter(({ path, state }) => path.startsWith('root/cameras/') && state === 'backingOff').length
    if (down < cameras / 2) throw new Error(`Only ${down} cameras are backing off`)
    const looks: { cpu: number; mainThread: number; otherThreads: number }[] = []
    for (let round = 0; round < repeats; round++) {
      const before = await cpuSecondsOf(daemon.pid)
      // Two rounds of tries.
      const watched = 6 * seconds
      await wait(watched * 1000)
      const after = await cpuSecondsOf(daemon.pid)
      const mainThread = (after.mainThread - before.mainThread) / watched
      const otherThreads = (after.otherThreads - before.otherThreads) / watched
      looks.push({ cpu: mainThread + otherThreads, mainThread, otherThreads })
    }
    await stop()
    return { idle: medians(looks) }
  })
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
