import { describe, expect, it } from 'vitest'
import { milliseconds } from '../../src/domain/units.ts'
import { Bell } from '../../src/storage/bell.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'

function waiting(until: number) {
  const clock = new VirtualClock()
  const bell = new Bell(clock)
  const seen = { isAwake: false }
  const wait = () => void bell.wait(milliseconds(until)).then(() => (seen.isAwake = true))
  return { clock, bell, seen, wait }
}

describe('a loop that waits at a bell', () => {
  it('wakes when it is time, not before', async () => {
    const { clock, seen, wait } = waiting(100)
    wait()
    await clock.advanceAsync(99)
    expect(seen.isAwake).toBe(false)
    await clock.advanceAsync(1)
    expect(seen.isAwake).toBe(true)
  })

  it('wakes when it rings, and leaves no timer behind', async () => {
    const { clock, bell, seen, wait } = waiting(100)
    wait()
    bell.ring()
    await settle()
    expect([seen.isAwake, clock.pending]).toEqual([true, 0])
  })

  it('does not fall asleep where it rang before, once', async () => {
    const { clock, bell, seen, wait } = waiting(100)
    bell.ring()
    wait()
    await settle()
    expect([seen.isAwake, clock.pending]).toEqual([true, 0])
    seen.isAwake = false
    wait()
    await settle()
    expect(seen.isAwake).toBe(false)
  })

  it('takes a wait that no timer can hold in parts', async () => {
    const { clock, seen, wait } = waiting(Infinity)
    wait()
    await settle()
    expect(clock.nextDue).toBe(3_600_000)
    await clock.advanceAsync(3_600_000)
    expect(seen.isAwake).toBe(true)
  })
})
