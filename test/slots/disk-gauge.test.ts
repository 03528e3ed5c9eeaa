import { describe, expect, it } from 'vitest'
import { DiskGauge } from '../../src/slots/disk-gauge.ts'
import { MemoryDisk } from '../fakes/memory-disk.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'

async function startGauge() {
  const clock = new VirtualClock()
  const disk = new MemoryDisk()
  disk.capacity = 1_000
  const gauge = new DiskGauge(disk, clock)
  const bugs: unknown[] = []
  gauge.start((bug) => bugs.push(bug))
  await settle()
  return { clock, disk, gauge, bugs, asked: () => disk.calls.filter(({ kind }) => kind === 'freeBytes').length }
}

describe('the gauge of a disk', () => {
  it('shows at once what is free, and follows it every 10 s', async () => {
    const { clock, disk, gauge } = await startGauge()
    expect(gauge.freeBytes).toBe(1_000)
    disk.put('a', '123')
    await clock.advanceAsync(9_999)
    expect(gauge.freeBytes).toBe(1_000)
    await clock.advanceAsync(1)
    expect(gauge.freeBytes).toBe(997)
  })

  it('shows nothing while the disk cannot say, and something again once it can', async () => {
    const { clock, disk, gauge } = await startGauge()
    disk.failNext('freeBytes', 'EIO')
    await clock.advanceAsync(10_000)
    expect(gauge.freeBytes).toBeUndefined()
    await clock.advanceAsync(10_000)
    expect(gauge.freeBytes).toBe(1_000)
  })

  it('says what should not have been thrown, and goes on', async () => {
    const { clock, disk, gauge, bugs } = await startGauge()
    const bug = new TypeError('a bug')
    disk.onCall = () => ({ throws: bug })
    await clock.advanceAsync(10_000)
    expect(bugs).toEqual([bug])
    disk.onCall = () => undefined
    await clock.advanceAsync(10_000)
    expect(gauge.freeBytes).toBe(1_000)
  })

  it('does not ask a disk again that has not answered', async () => {
    const { clock, disk, asked } = await startGauge()
    disk.onCall = () => ({ hang: true })
    await clock.advanceAsync(60_000)
    expect(asked()).toBe(2)
  })

  it('rests once it is stopped', async () => {
    const { clock, gauge, asked } = await startGauge()
    await gauge.stop()
    expect(clock.pending).toBe(0)
    await clock.advanceAsync(60_000)
    expect(asked()).toBe(1)
  })
})
