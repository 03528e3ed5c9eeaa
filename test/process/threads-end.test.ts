import { describe, expect, it } from 'vitest'
import type { StopConfig } from '../../src/config/config.ts'
import { milliseconds, seconds } from '../../src/domain/units.ts'
import { ThreadsEnd } from '../../src/process/threads-end.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'

const stop = { budget: seconds(60), inference: seconds(10) } as StopConfig

/** Threads of which one computes for ever, and a stop that has taken so long. */
function startEnd(hung = 0, afterSecondSignal = seconds(5)) {
  const clock = new VirtualClock()
  const threads = new ThreadsEnd({
    clock,
    stop: { ...stop, afterSecondSignal },
    hung: { count: hung },
    threads: { ended: () => new Promise(() => {}) },
  })
  /** After how many seconds of waiting they are given up. */
  const givenUpAfter = async (taken = 0, between: () => void = () => undefined): Promise<number> => {
    let ended: boolean | undefined
    void threads.wait(seconds(taken)).then((all) => (ended = all))
    between()
    for (let waited = 1; waited <= 100; waited++) {
      await clock.advanceAsync(1_000)
      await settle()
      if (ended === false) return waited
    }
    return Infinity
  }
  return { threads, clock, givenUpAfter }
}

describe('threads that compute when everything else has ended', () => {
  it.each([
    { taken: 0, hung: 0, waited: 10 },
    { taken: 55, hung: 0, waited: 5 },
    { taken: 60, hung: 0, waited: 1 },
    { taken: 0, hung: 1, waited: 1 },
  ])('are waited for $waited s where the stop has taken $taken s and $hung hang', async ({ taken, hung, waited }) => {
    expect(await startEnd(hung).givenUpAfter(taken)).toBe(waited)
  })

  it('have what is left since a second stop, and a second at least', async () => {
    const { threads, clock, givenUpAfter } = startEnd()
    threads.hurry()
    clock.advance(3_000)
    expect(await givenUpAfter()).toBe(2)
    const late = startEnd()
    late.threads.hurry()
    late.clock.advance(5_000)
    expect(await late.givenUpAfter()).toBe(1)
  })

  it('have that time from the second stop on where they are waited for, and no more by a third', async () => {
    const { threads, clock, givenUpAfter } = startEnd()
    const twice = () => {
      threads.hurry()
      clock.setTimeout(() => threads.hurry(), 3_000)
    }
    expect(await givenUpAfter(0, twice)).toBe(5)
  })

  it.each([
    { taken: 0, hung: 1, waited: 1 },
    { taken: 58, hung: 0, waited: 2 },
  ])('have no more than the $waited s that were left when it came', async ({ taken, hung, waited }) => {
    const { threads, givenUpAfter } = startEnd(hung)
    expect(await givenUpAfter(taken, () => threads.hurry())).toBe(waited)
  })

  it('have a second from the second stop on, however short that is to be', async () => {
    const { threads, clock } = startEnd(0, milliseconds(200))
    let ended: boolean | undefined
    void threads.wait(milliseconds(0)).then((all) => (ended = all))
    threads.hurry()
    await clock.advanceAsync(999)
    await settle()
    expect(ended).toBeUndefined()
    await clock.advanceAsync(1)
    await settle()
    expect(ended).toBe(false)
  })
})
