import { describe, expect, it } from 'vitest'
import { counts, nothing, start, startLink, terminate, which } from './support.ts'

describe('restart_one_for_all', () => {
  it('one_for_all', async () => {
    const stage = startLink({ strategy: 'one_for_all' })
    await start(stage, 'child1')
    await start(stage, 'child2')
    stage.take()
    terminate(stage, 'child1', 'abnormal')
    expect(stage.take()).toEqual([
      'child1 is gone',
      'child2 hears drain',
      'child2 is gone',
      'child1 starts',
      'child2 starts',
    ])
    expect(which(stage.supervisor)).toEqual([
      ['child1', 2],
      ['child2', 2],
    ])
    expect(counts(stage.supervisor)).toEqual([2, 2, 0, 2])
    terminate(stage, 'child2', 'abnormal')
    expect(which(stage.supervisor)).toEqual([
      ['child1', 3],
      ['child2', 3],
    ])
    stage.take()
    terminate(stage, 'child2', 'abnormal')
    expect(stage.take()).toEqual(['child2 is gone', 'child1 hears drain', 'child1 is gone'])
    expect(stage.snapshot.output?.ended).toBe('shutdown')
    expect(stage.leftovers).toEqual(nothing)
  })

  it('one_for_all_escalation', async () => {
    const failures: Error[] = []
    const stage = startLink({ strategy: 'one_for_all', intensity: 4 })
    await start(stage, 'child1')
    await start(stage, 'child2', { failures })
    failures.push(...Array.from({ length: 9 }, () => new Error('error')))
    stage.take()
    terminate(stage, 'child1', 'abnormal')
    stage.clock.advance(0)
    const oneTry = ['child1 starts', 'child2 fails to start', 'child1 hears drain', 'child1 is gone']
    expect(stage.take()).toEqual([
      'child1 is gone',
      'child2 hears drain',
      'child2 is gone',
      ...oneTry,
      ...oneTry,
      ...oneTry,
      ...oneTry,
    ])
    expect(stage.snapshot.output?.ended).toBe('shutdown')
    expect(stage.leftovers).toEqual(nothing)
  })

  it('one_for_all_other_child_fails_restart', () => {
    const ready = { startTimeout: 'infinity' } as const
    const stage = startLink({ strategy: 'one_for_all', intensity: 3 }, { child1: ready, child2: ready })
    stage.puppet('child1').ready()
    stage.puppet('child2').ready()
    expect(stage.snapshot.hasTag('ready')).toBe(true)
    stage.take()
    terminate(stage, 'child1', 'abnormal')
    // child1 gets through its restart, child2 doesn't, so child1 is stopped again before the next try.
    stage.puppet('child1').ready()
    expect(stage.take()).toEqual([
      'child1 is gone',
      'child2 hears drain',
      'child2 is gone',
      'child1 starts',
      'child2 starts',
    ])
    terminate(stage, 'child2', 'normal')
    expect(stage.take()).toEqual(['child2 is gone'])
    expect(which(stage.supervisor)).toEqual([
      ['child1', 2],
      ['child2', 'restarting'],
    ])
    stage.clock.advance(0)
    expect(stage.take()).toEqual(['child1 hears drain', 'child1 is gone', 'child1 starts'])
    stage.puppet('child1').ready()
    stage.puppet('child2').ready()
    expect(which(stage.supervisor)).toEqual([
      ['child1', 3],
      ['child2', 3],
    ])
    expect(stage.snapshot.restartsLeft).toBe(1)
  })
})
