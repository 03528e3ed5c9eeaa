import { setTimeout as wait } from 'node:timers/promises'
import type { CameraView } from '../src/inspection-feed/protocol.ts'
import type { RunningDaemon } from '../test/e2e/support/daemon.ts'
import { busySeconds } from './machine-cpu.ts'
import { type CpuSeconds, cpuSecondsOf } from './process-cpu.ts'

/** What was seen at one moment. */
export interface Look {
  /** Seconds. */
  readonly at: number
  readonly cameras: readonly CameraView[]
  readonly cpu: CpuSeconds
  /** Of everything on this machine. */
  readonly machineCpu: number
}

/** What a daemon did between two looks. */
export interface Watched {
  readonly framesPerSecond: number
  /** Frames inspected, camera by camera. */
  readonly inspected: readonly number[]
  readonly cpuSecondsPerFrame: number
  readonly cpuSecondsPerFrameOf: CpuSeconds
  /** Cores that nothing else on this machine took meanwhile. */
  readonly cores: number
  /** Of each camera's latest 512 frames, at the second look. */
  readonly p95Ms: readonly number[]
}

/** Latencies are told over so many frames of a camera. */
const latencyWindow = 512
/** By then the compiler has done with most of what is hot. */
const warmFrames = 100
const warmMs = 20_000
const warm = new WeakSet<RunningDaemon>()
const mostTimes = 6

/** Waits until every camera has had frames inspected and the code is warm, then watches for so long. */
export async function watch(daemon: RunningDaemon, cores: number, seconds: number): Promise<Watched> {
  const first = await warmLook(daemon)
  await wait(seconds * 1000)
  return between(first, await look(daemon), cores)
}

/** The same, until what is told of latencies is all of frames that were watched. */
export async function watchLatencies(daemon: RunningDaemon, cores: number): Promise<Watched> {
  const first = await warmLook(daemon)
  const inspectedAtFirst = new Map(first.cameras.map(({ id, frames }) => [id, frames.inspected]))
  await daemon.until(
    `every camera has ${latencyWindow} frames more inspected`,
    ({ cameras }) =>
      cameras.every(({ id, frames }) => frames.inspected - (inspectedAtFirst.get(id) ?? 0) >= latencyWindow),
    600,
  )
  return between(first, await look(daemon), cores)
}

/**
 * The same, where the daemon works as fast as it can: until it has had the processor time that all cores have in so long, which is so long on a
 * machine that does nothing else, and up to six times as long on a busy one.
 */
export async function watchWork(daemon: RunningDaemon, cores: number, seconds: number): Promise<Watched> {
  const first = await warmLook(daemon)
  for (let waited = 0; ; waited += seconds) {
    await wait(seconds * 1000)
    const last = await look(daemon)
    const spent = total(last.cpu) - total(first.cpu)
    if (spent >= 0.9 * seconds * cores || waited >= mostTimes * seconds) return between(first, last, cores)
  }
}

const total = (of: CpuSeconds): number => of.mainThread + of.otherThreads + of.children

async function warmLook(daemon: RunningDaemon): Promise<Look> {
  await daemon.until(
    `every camera has frames inspected, ${warmFrames} in all`,
    ({ cameras }) =>
      cameras.every(({ frames }) => frames.inspected > 0) &&
      cameras.reduce((sum, { frames }) => sum + frames.inspected, 0) >= warmFrames,
    300,
  )
  if (!warm.has(daemon)) await wait(warmMs)
  warm.add(daemon)
  return look(daemon)
}

async function look(daemon: RunningDaemon): Promise<Look> {
  const { cameras } = await daemon.state()
  return {
    at: performance.now() / 1000,
    cameras,
    cpu: await cpuSecondsOf(daemon.pid),
    machineCpu: busySeconds(),
  }
}

export function between(first: Look, last: Look, cores: number): Watched {
  const seconds = last.at - first.at
  const inspected = last.cameras.map(({ frames }, index) => {
    return frames.inspected - (first.cameras[index]?.frames.inspected ?? 0)
  })
  const frames = inspected.reduce((total, count) => total + count, 0)
  if (frames === 0) throw new Error(`No frame was inspected in ${seconds.toFixed(1)} s`)
  const spent = {
    mainThread: last.cpu.mainThread - first.cpu.mainThread,
    otherThreads: last.cpu.otherThreads - first.cpu.otherThreads,
    children: last.cpu.children - first.cpu.children,
  }
  const used = total(spent)
  // This process is one of the others: the SFTP server is in it, which elsewhere is another machine's.
  const others = last.machineCpu - first.machineCpu - used
  return {
    framesPerSecond: frames / seconds,
    inspected,
    cpuSecondsPerFrame: used / frames,
    cpuSecondsPerFrameOf: {
      mainThread: spent.mainThread / frames,
      otherThreads: spent.otherThreads / frames,
      children: spent.children / frames,
    },
    cores: cores - Math.max(0, others) / seconds,
    p95Ms: last.cameras.map(({ latencyMs }) => latencyMs?.p95 ?? NaN),
  }
}
