import { readFile } from 'node:fs/promises'

/** Processor seconds since its start. */
export interface CpuSeconds {
  /** Of the process's main thread: JavaScript, and the system calls it makes. */
  readonly mainThread: number
  /** Of its other threads: inference, file access, garbage collection. */
  readonly otherThreads: number
  /** Of the processes it started, those that have ended included. */
  readonly children: number
}

/** Linux counts in hundredths of a second here, whatever its own clock. */
const ticksPerSecond = 100

/** Reads what a process and those it has started from its main thread have used. */
export async function cpuSecondsOf(pid: number): Promise<CpuSeconds> {
  const [process, mainThread] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8').then(statTimes),
    readFile(`/proc/${pid}/task/${pid}/stat`, 'utf8').then(statTimes),
  ])
  const running = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter((id) => id !== '')
  const times = await Promise.all(
    running.map((child) =>
      // One that ends in between is in the parent's account at the next reading.
      readFile(`/proc/${child}/stat`, 'utf8').then(statTimes, () => ({ own: 0, ended: 0 })),
    ),
  )
  return {
    mainThread: mainThread.own,
    otherThreads: process.own - mainThread.own,
    children: process.ended + times.reduce((sum, { own, ended }) => sum + own + ended, 0),
  }
}

/** From a line of `/proc/PID/stat`: seconds of its own, and of children that have ended and been waited for. */
export function statTimes(line: string): { own: number; ended: number } {
  // The name, in parentheses, may hold anything. utime is the 14th field, and the first after the name is the third.
  const [utime = NaN, stime = NaN, cutime = NaN, cstime = NaN] = line
    .slice(line.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number)
  const [own, ended] = [(utime + stime) / ticksPerSecond, (cutime + cstime) / ticksPerSecond]
  if (Number.isNaN(own + ended)) throw new Error(`Not a line of /proc/PID/stat: ${line}`)
  return { own, ended }
}
