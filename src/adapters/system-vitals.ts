import { openSync, readSync } from 'node:fs'
import { totalmem } from 'node:os'
import { PerformanceObserver } from 'node:perf_hooks'
import { milliseconds } from '../domain/units.ts'
import type { Standstill, ThreadTimes, Vitals } from '../ports/vitals.ts'

/** A look at the event loop that comes later than this after the one before has been held up. */
const lookEveryMs = 50

/** This process. Made once: it listens to the garbage collector and watches the event loop from then on, and keeps no process alive. */
export function systemVitals(schedule = '/proc/thread-self/schedstat'): Vitals {
  const processors = processorTimes(schedule)
  let collectedMs = 0
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collectedMs += duration
  }).observe({ entryTypes: ['gc'] })
  const thread = (): ThreadTimes => ({ ...processors(), collected: milliseconds(collectedMs) })
  let last = { at: performance.now(), thread: thread() }
  const none = (): Standstill => ({ lasted: milliseconds(0), before: last.thread, after: last.thread })
  let longest = none()
  const look = (): void => {
    const now = { at: performance.now(), thread: thread() }
    const lasted = milliseconds(Math.max(0, now.at - last.at - lookEveryMs))
    if (lasted > longest.lasted) longest = { lasted, before: last.thread, after: now.thread }
    last = now
  }
  setInterval(look, lookEveryMs).unref()
  return {
    thread,
    standstill() {
      look()
      const found = longest
      longest = none()
      return found
    },
    memory() {
      const { rss, heapUsed, external } = process.memoryUsage()
      return { resident: rss, heap: heapUsed, buffers: external }
    },
    memoryLimit: memoryLimit(),
  }
}

/** Of the thread that opens the file: once, so that it is read also where no descriptor is left. */
function processorTimes(path: string): () => Omit<ThreadTimes, 'collected'> {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    // Kernels without CONFIG_SCHED_INFO, and gVisor.
    return () => ({})
  }
  const buffer = Buffer.alloc(128)
  return () => {
    // Nanoseconds: on a processor, waiting for one.
    const text = buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0))
    const [ran = 0, waited = 0] = text.split(' ').map((count) => Number(count) / 1e6)
    return { ran: milliseconds(ran), waited: milliseconds(waited) }
  }
}

/** Where no limit is set, the kernel says a number beyond any machine's. */
function memoryLimit(): number {
  const constrained = process.constrainedMemory()
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}
