import { describe, expect, it } from 'vitest'
import { systemVitals } from '../../src/adapters/system-vitals.ts'

describe('the vitals of this process', () => {
  it('tell a thread that computes from one that sleeps', async () => {
    const vitals = systemVitals()
    const took = (work: () => void) => {
      const before = vitals.thread().ran
      work()
      return vitals.thread().ran - before
    }
    const sleeping = took(() => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200))
    const computing = took(() => {
      const until = process.cpuUsage().user + 200_000
      while (process.cpuUsage().user < until);
    })
    expect(sleeping).toBeLessThan(100)
    expect(computing).toBeGreaterThan(100)
  })

  it('tell what is resident, and in it heap and buffers', () => {
    const vitals = systemVitals()
    const before = vitals.memory()
    const buffer = Buffer.alloc(50_000_000, 1)
    const after = vitals.memory()
    expect(after.buffers - before.buffers).toBeGreaterThanOrEqual(buffer.length)
    expect(after.resident).toBeGreaterThan(after.heap)
    expect(vitals.memoryLimit).toBeGreaterThan(after.resident)
  })
})
