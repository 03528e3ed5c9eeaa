import { describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import { milliseconds, seconds } from '../../src/domain/units.ts'
import type { Log } from '../../src/ports/log.ts'
import type { Vitals } from '../../src/ports/vitals.ts'
import { Heartbeat } from '../../src/process/heartbeat.ts'
import { memoryBudget } from '../../src/process/memory-watch.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

const MB = 1e6

/** A heart of a process that fares as the test wants. */
function startHeart(memoryBudget = 1_000 * MB) {
  const clock = new VirtualClock()
  const thread = { ran: seconds(5), waited: seconds(1), collected: seconds(1) }
  const memory = { resident: 300 * MB, heap: 100 * MB, buffers: 50 * MB }
  const said: Record<string, unknown>[] = []
  const say =
    (level: string) =>
    (fact: string, fields: object = {}) =>
      void said.push({ level, fact, ...fields })
  const log: Log = {
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    always: say('info'),
    at: () => log,
  }
  let beats = 0
  let lasted = milliseconds(0)
  let before = { ...thread }
  const vitals: Vitals = {
    thread: () => ({ ...thread }),
    standstill() {
      const found = { lasted, before, after: { ...thread } }
      lasted = milliseconds(0)
      before = { ...thread }
      return found
    },
    memory: () => ({ ...memory }),
    memoryLimit: 0,
  }
  const heart = new Heartbeat({
    clock,
    vitals,
    log,
    memoryBudget,
    onBeat: () => beats++,
  })
  heart.start()
  return {
    heart,
    vitals,
    clock,
    thread,
    memory,
    said,
    beats: () => beats,
    /** The event loop stands still for so long before the next beat. */
    holdUp: (ms: number) => {
      lasted = milliseconds(ms)
      clock.advance(1_100)
    },
  }
}

describe('the heart of the daemon', () => {
  it('beats once a second until it is stopped', () => {
    const { heart, clock, beats, said } = startHeart()
    clock.advance(5_000)
    expect(beats()).toBe(5)
    heart.stop()
    clock.advance(5_000)
    expect([beats(), clock.pending, said]).toEqual([5, 0, []])
  })

  it.each([
    ['ran', 'one piece of JavaScript, or a library that it called, computed for so long'],
    ['waited', 'other programs or threads had the processors'],
    ['collected', 'garbage was collected: the heap is nearly full'],
    [
      'neither',
      'the process was stopped, or a call of the operating system did not return: a slow disk, or memory that was swapped out',
    ],
  ])('that is held up while the thread %s says so, and why', (what, cause) => {
    const { heart, thread, said, holdUp } = startHeart()
    if (what !== 'neither') thread[what as 'ran'] = milliseconds(thread[what as 'ran'] + 2_000)
    holdUp(2_500)
    expect(said).toEqual([
      {
        level: 'warn',
        fact: 'the event loop stood still',
        stalledMs: 2_500,
        ranMs: what === 'ran' ? 2_000 : 0,
        waitedMs: what === 'waited' ? 2_000 : 0,
        collectedMs: what === 'collected' ? 2_000 : 0,
        cause,
      },
    ])
    expect([heart.stalls, heart.stalledFor]).toEqual([1, 2_500])
  })

  it.each([
    [2_000, 'garbage was collected: the heap is nearly full'],
    [0, 'not known: this kernel does not say who had the processors'],
  ])('that is held up where the kernel does not tell of processors says what it knows: %d ms', (collected, cause) => {
    const { thread, said, holdUp } = startHeart()
    Object.assign(thread, { ran: undefined, waited: undefined })
    holdUp(0)
    thread.collected = milliseconds(thread.collected + collected)
    holdUp(2_500)
    const fact = 'the event loop stood still'
    expect(said).toEqual([{ level: 'warn', fact, stalledMs: 2_500, collectedMs: collected, cause }])
  })

  it.each([
    [1_000, 0],
    [1_001, 1],
  ])('has stood still for %d ms: told %d times', (lasted, stalls) => {
    const { heart, holdUp } = startHeart()
    holdUp(lasted)
    holdUp(0)
    expect(heart.stalls).toBe(stalls)
  })

  it('has the longest that it was held up in the last minute', () => {
    const { heart, holdUp, clock } = startHeart()
    expect(heart.delay).toBe(0)
    holdUp(40)
    holdUp(700)
    holdUp(80)
    expect(heart.delay).toBe(700)
    clock.advance(58_000)
    expect(heart.delay).toBe(700)
    clock.advance(1_000)
    expect(heart.delay).toBe(80)
    clock.advance(1_000)
    expect(heart.delay).toBe(0)
  })

  it('has the memory that the process uses, as of its latest beat', () => {
    const { heart, clock, memory } = startHeart()
    expect(heart.memory).toBe(300 * MB)
    memory.resident = 310 * MB
    clock.advance(1_000)
    expect(heart.memory).toBe(310 * MB)
  })

  it('does not count what it took to start', () => {
    const { heart, holdUp, clock } = startHeart()
    heart.stop()
    holdUp(5_000)
    heart.start()
    clock.advance(1_000)
    expect(heart.stalls).toBe(0)
  })
})

describe('memory over its budget', () => {
  it('is said once with what has grown, again when it has grown by a tenth, and when it is well again', () => {
    const { clock, memory, said } = startHeart()
    const grow = (resident: number, buffers = 50) => {
      Object.assign(memory, { resident: resident * MB, buffers: buffers * MB })
      clock.advance(1_000)
      return said.splice(0).map(({ level, fact, cause }) => [level, fact, cause])
    }
    expect(grow(1_000)).toEqual([])
    expect(grow(1_001)).toEqual([
      [
        'warn',
        'memory is over its budget',
        'grown most since the start, by 701 MB: what libraries use: models, one set for each inference thread',
      ],
    ])
    expect(grow(1_100)).toEqual([])
    expect(grow(1_102, 900)).toEqual([
      [
        'warn',
        'memory is over its budget',
        'grown most since the start, by 850 MB: buffers: pictures that wait, and files that are sent',
      ],
    ])
    expect(grow(951)).toEqual([])
    expect(grow(949)).toEqual([['info', 'memory is within its budget again', undefined]])
    expect(grow(1_001)).toHaveLength(1)
  })
})

describe('the budget of memory', () => {
  it.each([
    ['auto', 1_500 * MB],
    [700 * MB, 700 * MB],
  ] as const)('of %s is %d bytes where the system allows 2 GB', (memory, budget) => {
    const { vitals } = startHeart()
    expect(memoryBudget({ process: { memory } } as Config, { ...vitals, memoryLimit: 2_000 * MB })).toBe(budget)
  })
})
