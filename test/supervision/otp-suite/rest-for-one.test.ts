import { describe, expect, it } from 'vitest'
import { counts, nothing, start, startLink, terminate, which } from './support.ts'

describe('restart_rest_for_one', () => {
  it('rest_for_one', async () => {
    const stage = startLink({ strategy: 'rest_for_one' })
    for (const id of ['child1', 'child2', 'child3']) await start(stage, id)
    expect(counts(stage.supervisor)).toEqual([3, 3, 0, 3])
    stage.take()
    terminate(stage, 'child2', 'abnormal')
    expect(stage.take()).toEqual([
      'child2 is gone',
      'child3 hears drain',
      'child3 is gone',
      'child2 starts',
      'child3 starts',
    ])
    expect(which(stage.supervisor)).toEqual([
      ['child1', 1],
      ['child2', 2],
      ['child3', 2],
    ])
    expect(counts(stage.supervisor)).toEqual([3, 3, 0, 3])
    terminate(stage, 'child3', 'abnormal')
    expect(which(stage.supervisor)).toEqual([
      ['child1', 1],
      ['child2', 2],
      ['child3', 3],
    ])
    stage.take()
    terminate(stage, 'child2', 'abnormal')
    expect(stage.take()).toEqual([
      'child2 is gone',
      'child3 hears drain',
      'child3 is gone',
      'child1 hears drain',
      'child1 is gone',
    ])
    expect(stage.snapshot.output?.ended).toBe('shutdown')
    expect(stage.leftovers).toEqual(nothing)
  })

  it('rest_for_one_escalation', async () => {
    const failures: Error[] = []
    const stage = startLink({ strategy: 'rest_for_one', intensity: 4 })
    await start(stage, 'child1')
    await start(stage, 'child2', { failures })
    failures.push(...Array.from({ length: 9 }, () => new Error('error')))
    stage.take()
    terminate(stage, 'child1', 'abnormal')
    stage.clock.advance(0)
    expect(stage.take()).toEqual([
      'child1 is gone',
      'child2 hears drain',
      'child2 is gone',
      'child1 starts',
      'child2 fails to start',
      'child2 fails to start',
      'child2 fails to start',
      'child2 fails to start',
      'child1 hears drain',
      'child1 is gone',
    ])
    expect(stage.snapshot.output?.ended).toBe('shutdown')
    expect(stage.leftovers).toEqual(nothing)
  })

  it('rest_for_one_other_child_fails_restart', () => {
    const ready = { startTimeout: 'infinity' } as const
    const stage = startLink({ strategy: 'rest_for_one', intensity: 3 }, { child1: ready, child2: ready })
    stage.puppet('child1').ready()
    stage.puppet('child2').ready()
    terminate(stage, 'child1', 'abnormal')
    stage.puppet('child1').ready()
    stage.take()
    terminate(stage, 'child2', 'normal')
    stage.clock.advance(0)
    // child1 comes before the one that failed, and is left alone.
    expect(stage.take()).toEqual(['child2 is gone', 'child2 starts'])
    stage.puppet('child2').ready()
    expect(which(stage.supervisor)).toEqual([
      ['child1', 2],
      ['child2', 3],
    ])
    expect(stage.snapshot.restartsLeft).toBe(1)
  })
})
