import { describe, expect, it, vi } from 'vitest'
import { startPlant } from '../../src/supervision/examples/drain.ts'
import { startJobs } from '../../src/supervision/examples/dynamic-group.ts'
import { startClient } from '../../src/supervision/examples/readiness.ts'
import { systemClock } from '../../src/supervision/index.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'

describe('the example of a drain', () => {
  it('starts in order, and drains in the order reversed', () => {
    const clock = new VirtualClock()
    const said: string[] = []
    const { stop } = startPlant((line) => said.push(line), clock)
    expect(said.splice(0)).toEqual(['store works', 'reader works'])
    stop()
    clock.advance(199)
    expect(said.splice(0)).toEqual(['reader drains'])
    clock.advance(1)
    expect(said.splice(0)).toEqual(['reader is done', 'reader lets go of its device', 'store drains'])
    clock.advance(100)
    expect(said).toEqual(['store is done', 'asked, all drained'])
    expect(clock.pending).toBe(0)
  })
})

describe('the example of a group that changes', () => {
  it('starts jobs by name, starts one again that fails, and cancels one', async () => {
    const clock = new VirtualClock()
    const jobs = startJobs(clock)
    const lives: string[] = []
    let finish = () => {}
    await jobs.begin('export', {
      work: () =>
        new Promise<void>((resolve, reject) => {
          lives.push('export')
          if (lives.length === 1) reject(new Error('not yet'))
          else finish = resolve
        }),
    })
    let signal: AbortSignal | undefined
    await jobs.begin('import', { work: (given) => new Promise(() => (signal = given)) })
    await settle()
    expect(lives).toEqual(['export', 'export'])
    expect(jobs.running()).toBe(2)
    finish()
    await settle()
    expect(jobs.running()).toBe(1)
    await jobs.cancel('import')
    expect(signal?.aborted).toBe(true)
    expect(jobs.running()).toBe(0)
    jobs.stop()
  })
})

describe('the example of readiness', () => {
  it('waits for its connection, and connects again after a wait', () => {
    const clock = new VirtualClock()
    const decisions: string[] = []
    const connections: { opened: () => void; lost: (why: Error) => void }[] = []
    const close = vi.fn()
    const root = startClient({
      connect(opened, lost) {
        connections.push({ opened, lost })
        return close
      },
      onReport: ({ path, decision }) => decisions.push(`${path.split('/').at(-1)}: ${decision}`),
      random: () => 0.5,
      clock,
    })
    const states = () => root.getSnapshot().children.map(({ id, state }) => `${id} ${state}`)
    expect(states()).toEqual(['connection starting', 'user waiting'])
    connections[0]?.opened()
    expect(states()).toEqual(['connection running', 'user running'])
    connections[0]?.lost(new Error('the cable was pulled'))
    expect(states()).toEqual(['connection backing_off', 'user running'])
    expect(decisions.at(-1)).toBe('connection: back_off')
    expect(close).toHaveBeenCalledOnce()
    clock.advance(500)
    connections[1]?.opened()
    expect(states()).toEqual(['connection running', 'user running'])
    root.send({ type: 'drain' })
    expect(clock.pending).toBe(0)
  })

  it('tries a connection that is not to be had ten times, however long that takes, and then every five minutes', () => {
    const clock = new VirtualClock()
    const tries: number[] = []
    let open: (() => void) | undefined
    let lose: ((why: Error) => void) | undefined
    const root = startClient({
      connect(opened, lost) {
        tries.push(clock.monotonic())
        open = opened
        lose = lost
        return () => undefined
      },
      random: () => 1,
      clock,
    })
    open?.()
    lose?.(new Error('the cable was pulled'))
    clock.advance(410_000)
    expect(tries).toHaveLength(11)
    expect(root.getSnapshot().children[0]?.state).toBe('crashed')
    clock.advance(620_000)
    expect(tries.slice(10).map((at, index, all) => at - (all[index - 1] ?? at))).toEqual([0, 310_000, 310_000])
    root.send({ type: 'drain' })
    expect(clock.pending).toBe(0)
  })
})

describe("the machine's clock", () => {
  it('calls back once its time has passed, unless it is told not to', async () => {
    const fired: string[] = []
    const began = systemClock.monotonic()
    const called = systemClock.setTimeout(() => fired.push('called off'), 1)
    await new Promise<void>((resolve) => {
      systemClock.setTimeout(() => resolve(), 5)
      systemClock.clearTimeout(called)
    })
    expect(fired).toEqual([])
    expect(systemClock.monotonic() - began).toBeGreaterThanOrEqual(4)
  })
})
