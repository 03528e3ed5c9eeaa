import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as immediate } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemVitals } from '../../src/adapters/system-vitals.ts'
import type { ThreadTimes } from '../../src/ports/vitals.ts'

const ranOf = ({ ran }: ThreadTimes): number => ran ?? Number.NaN

describe('the vitals of this process', () => {
  it('tell a thread that computes from one that sleeps', async () => {
    const vitals = systemVitals()
    const took = (work: () => void) => {
      const before = ranOf(vitals.thread())
      work()
      return ranOf(vitals.thread()) - before
    }
    const sleeping = took(() => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200))
    const computing = took(() => {
      const until = process.cpuUsage().user + 200_000
      while (process.cpuUsage().user < until);
    })
    expect(sleeping).toBeLessThan(100)
    expect(computing).toBeGreaterThan(100)
  })

  it('tell once how long the event loop stood still at most, whenever it began, and what the thread did meanwhile', async () => {
    const vitals = systemVitals()
    const block = (ms: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
    vitals.standstill()
    block(300)
    const { lasted, before, after } = vitals.standstill()
    expect(lasted).toBeGreaterThanOrEqual(250)
    expect(ranOf(after) - ranOf(before)).toBeLessThan(lasted / 2)
    // It has been seen by its own looks too, and is not told twice.
    block(300)
    await immediate()
    await immediate()
    expect(vitals.standstill().lasted).toBeGreaterThanOrEqual(250)
    expect(vitals.standstill().lasted).toBeLessThan(250)
  })

  it('are read where no file can be opened any more', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'belay-vitals-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const file = join(folder, 'schedstat')
    await writeFile(file, '5000000 2000000 3\n')
    const vitals = systemVitals(file)
    expect(vitals.thread()).toMatchObject({ ran: 5, waited: 2 })
    await writeFile(file, '6000000 2500000 4\n')
    await rm(file)
    expect(vitals.thread()).toMatchObject({ ran: 6, waited: 2.5 })
  })

  it('leave out the processors where the kernel does not tell of them', () => {
    const vitals = systemVitals('/proc/none')
    expect(vitals.thread()).toEqual({ collected: expect.any(Number) as number })
    expect(vitals.standstill().after).toEqual({ collected: expect.any(Number) as number })
  })

  it('tell what is resident, and in it heap and buffers', () => {
    const vitals = systemVitals()
    const before = vitals.memory()
    const buffer = Buffer.alloc(50_000_000, 1)
    const after = vitals.memory()
    // Not by how much it grew: what others left behind may be collected in between.
    expect(after.buffers).toBeGreaterThanOrEqual(buffer.length)
    expect(after.heap - before.heap).toBeLessThan(buffer.length)
    expect(after.resident).toBeGreaterThan(after.heap)
    expect(vitals.memoryLimit).toBeGreaterThan(after.resident)
  })
})
