import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { PerformanceObserver } from 'node:perf_hooks'
import { milliseconds } from '../domain/units.ts'
import type { Vitals } from '../ports/vitals.ts'

/** This process. Made once: it listens to the garbage collector from then on. */
export function systemVitals(): Vitals {
  let collectedMs = 0
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collectedMs += duration
  }).observe({ entryTypes: ['gc'] })
  return {
    thread() {
      // Nanoseconds: on a processor, waiting for one. The first thread has the process's own number.
      const text = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8')
      const [ran = 0, waited = 0] = text.split(' ').map((count) => Number(count) / 1e6)
      return { ran: milliseconds(ran), waited: milliseconds(waited), collected: milliseconds(collectedMs) }
    },
    memory() {
      const { rss, heapUsed, external } = process.memoryUsage()
      return { resident: rss, heap: heapUsed, buffers: external }
    },
    memoryLimit: memoryLimit(),
  }
}

/** Where no limit is set, the kernel says a number beyond any machine's. */
function memoryLimit(): number {
  const constrained = process.constrainedMemory()
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}
