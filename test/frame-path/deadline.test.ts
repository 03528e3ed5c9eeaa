import { beforeEach, describe, expect, it } from 'vitest'
import { milliseconds, seconds } from '../../src/domain/units.ts'
import { setDeadline } from '../../src/frame-path/deadline.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

let clock: VirtualClock
let expired: number[]
beforeEach(() => {
  clock = new VirtualClock()
  expired = []
})

const start = () => setDeadline(clock, seconds(2), () => expired.push(clock.monotonic()))

describe('a deadline', () => {
  it('expires once, when it has passed', () => {
    start()
    clock.advance(1_999)
    expect(expired).toEqual([])
    clock.advance(60_000)
    expect(expired).toEqual([2_000])
  })

  it.each([
    { late: milliseconds(1_000), at: 3_000 },
    // Held up: one more wait.
    { late: milliseconds(1_001), at: 5_001 },
  ])('expires at $at ms where the process looks $late ms late', ({ late, at }) => {
    start()
    clock.oversleep(2_000 + late)
    clock.advance(60_000)
    expect(expired).toEqual([at])
  })

  it('waits no third time, however late the second one is', () => {
    start()
    clock.oversleep(10_000)
    clock.advance(0)
    clock.oversleep(10_000)
    clock.advance(0)
    expect(expired).toEqual([20_000])
  })

  it.each([
    { when: 'before it is due', pass: () => clock.advance(1_999) },
    {
      when: 'in its second wait',
      pass: () => {
        clock.oversleep(5_000)
        clock.advance(0)
      },
    },
  ])('does not expire where it is called off $when', ({ pass }) => {
    const callOff = start()
    pass()
    callOff()
    clock.advance(60_000)
    expect([expired, clock.pending]).toEqual([[], 0])
  })
})
