import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../fakes/virtual-clock.ts'

describe('the virtual clock', () => {
  it('fires timers by due time, then in the order they were set', () => {
    const clock = new VirtualClock()
    const fired: string[] = []
    clock.setTimeout(() => fired.push('late'), 20)
    clock.setTimeout(() => fired.push('first'), 10)
    clock.setTimeout(() => fired.push('second'), 10)
    clock.advance(9)
    expect(fired).toEqual([])
    clock.advance(1)
    expect(fired).toEqual(['first', 'second'])
    clock.advance(10)
    expect(fired).toEqual(['first', 'second', 'late'])
  })

  it('fires any that is told of those that are due at the same moment, and leaves the others', () => {
    const clock = new VirtualClock()
    const fired: string[] = []
    for (const name of ['first', 'second', 'third']) clock.setTimeout(() => fired.push(name), 10)
    clock.setTimeout(() => fired.push('late'), 20)
    const counts: number[] = []
    const last = (count: number): number => {
      counts.push(count)
      return count - 1
    }
    while (clock.fireNext(Infinity, last));
    expect(fired).toEqual(['third', 'second', 'first', 'late'])
    expect(counts).toEqual([3, 2])
    expect(clock.monotonic()).toBe(20)
  })

  it('fires a timer that re-arms itself at each of its own moments', () => {
    const clock = new VirtualClock()
    const at: number[] = []
    const tick = () => {
      at.push(clock.monotonic())
      clock.setTimeout(tick, 100)
    }
    clock.setTimeout(tick, 100)
    clock.advance(350)
    expect(at).toEqual([100, 200, 300])
    expect(clock.monotonic()).toBe(350)
    expect(clock.pending).toBe(1)
  })

  it('keeps the order of many random timers, cancelled ones left out', () => {
    const clock = new VirtualClock()
    const expected: number[] = []
    const fired: number[] = []
    for (let i = 0; i < 500; i++) {
      const due = (i * 7919) % 503
      const handle = clock.setTimeout(() => fired.push(due), due)
      if (i % 3 === 0) clock.clearTimeout(handle)
      else expected.push(due)
    }
    expect(clock.pending).toBe(expected.length)
    clock.advance(503)
    expect(fired).toEqual(expected.sort((a, b) => a - b))
    expect(clock.pending).toBe(0)
  })

  it.each([2 ** 31, Infinity, NaN])('takes a delay of %d ms for 1 ms, as Node does', (delay) => {
    const clock = new VirtualClock()
    const fired: number[] = []
    for (const each of [2 ** 31 - 1, delay]) clock.setTimeout(() => fired.push(clock.monotonic()), each)
    clock.advance(2 ** 31)
    expect(fired).toEqual([1, 2 ** 31 - 1])
  })

  it('steps the wall clock without moving monotonic time', () => {
    const clock = new VirtualClock()
    const before = clock.now()
    clock.step(-5_000)
    expect(clock.now() - before).toBe(-5_000)
    expect(clock.monotonic()).toBe(0)
  })

  it('lets promises settle between timers', async () => {
    const clock = new VirtualClock()
    const seen: string[] = []
    clock.setTimeout(() => void Promise.resolve().then(() => seen.push('promise')), 10)
    clock.setTimeout(() => seen.push('timer'), 20)
    await clock.advanceAsync(20)
    expect(seen).toEqual(['promise', 'timer'])
  })
})
