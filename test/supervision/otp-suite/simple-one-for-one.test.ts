import { performance } from 'node:perf_hooks'
import { describe, expect, it } from 'vitest'
import { run, terminateChild } from '../../../src/supervision/index.ts'
import { puppet } from '../harness.ts'
import {
  counts,
  fates,
  nothing,
  slowToDrain,
  startLink,
  startLinkSimple,
  startOne,
  terminate,
  which,
} from './support.ts'

describe('restart_simple_one_for_one', () => {
  it('simple_one_for_one', async () => {
    const stage = startLinkSimple()
    await startOne(stage, 'one')
    await startOne(stage, 'two')
    terminate(stage, 'one', 'abnormal')
    expect(which(stage.supervisor)).toEqual([
      ['one', 2],
      ['two', 1],
    ])
    expect(counts(stage.supervisor)).toEqual([1, 2, 0, 2])
    terminate(stage, 'two', 'abnormal')
    stage.take()
    terminate(stage, 'two', 'abnormal')
    expect(stage.take()).toEqual(['two is gone', 'one hears drain', 'one is gone'])
    expect(stage.snapshot.output?.ended).toBe('shutdown')
    expect(stage.leftovers).toEqual(nothing)
  })

  it('simple_one_for_one_shutdown', async () => {
    const stage = startLink({ strategy: 'simple_one_for_one' }, () => [
      { id: 'child', shutdown: 2_000, start: (_, time) => run(slowToDrain, { time: time as number }) },
    ])
    await startOne(stage, 'one', 1_000)
    await startOne(stage, 'two', 1_000)
    await startOne(stage, 'three', 5_000)
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(999)
    expect(stage.states).toEqual({ one: 'stopping', two: 'stopping', three: 'stopping' })
    stage.clock.advance(1)
    expect(stage.states).toEqual({ one: 'terminated', two: 'terminated', three: 'stopping' })
    stage.clock.advance(999)
    expect(stage.snapshot.status).toBe('active')
    stage.clock.advance(1)
    expect(fates(stage)).toEqual({ one: 'drained', two: 'drained', three: 'cut_off' })
    expect(stage.leftovers).toEqual(nothing)
  })

  it('simple_one_for_one_escalation', async () => {
    const failures: Error[] = []
    const stage = startLinkSimple({ intensity: 4 }, { failures })
    await startOne(stage, 'one')
    await startOne(stage, 'two')
    failures.push(...Array.from({ length: 9 }, () => new Error('error')))
    stage.take()
    terminate(stage, 'one', 'abnormal')
    stage.clock.advance(0)
    expect(stage.take()).toEqual([
      'one is gone',
      'one fails to start',
      'one fails to start',
      'one fails to start',
      'one fails to start',
      'two hears drain',
      'two is gone',
    ])
    expect(stage.snapshot.output?.ended).toBe('shutdown')
    expect(stage.leftovers).toEqual(nothing)
  })

  it('simple_one_for_one_restart_ignore', async () => {
    for (const restart of ['transient', 'permanent'] as const) {
      const stage = startLink({ strategy: 'simple_one_for_one', intensity: 10 }, (on) => [
        {
          id: 'child',
          restart,
          start: (life, args) => (life.epoch === 3 ? undefined : puppet(on, life.id).start(life, args)),
        },
      ])
      await startOne(stage, 'one')
      terminate(stage, 'one', 'kill')
      expect(which(stage.supervisor)).toEqual([['one', 2]])
      terminate(stage, 'one', 'kill')
      expect(which(stage.supervisor)).toEqual([])
      expect(counts(stage.supervisor)).toEqual([1, 0, 0, 0])
      stage.supervisor.send({ type: 'drain' })
      expect(stage.snapshot.output).toEqual({ ended: 'asked', error: undefined, drained: true, children: [] })
      expect(stage.leftovers).toEqual(nothing)
    }
  })

  // Ten times as many should take about ten times as long; OTP's suite fails at fifty, and so does this.
  it('simple_one_for_one_scale_many_temporary_children', async () => {
    const stage = startLink({ strategy: 'simple_one_for_one', onReport: () => {} }, () => [
      { id: 'child', restart: 'temporary', start: () => run(slowToDrain, { time: 0 }), shutdown: 'brutal_kill' },
    ])
    const timeToTerminate = async (count: number): Promise<number> => {
      for (let index = 0; index < count; index++) await startOne(stage, `child${index}`)
      const began = performance.now()
      for (let index = 0; index < count; index++) await terminateChild(stage.supervisor, `child${index}`)
      return performance.now() - began
    }
    const thousand = await timeToTerminate(1_000)
    expect((await timeToTerminate(10_000)) / thousand).toBeLessThan(50)
    expect(counts(stage.supervisor)).toEqual([1, 0, 0, 0])
    expect(stage.clock.pending).toBe(0)
  }, 30_000)
})
