import { describe, expect, it } from 'vitest'
import { deleteChild, terminateChild } from '../../../src/supervision/index.ts'
import { counts, nothing, said, start, startLink, terminate, which } from './support.ts'

describe('restart_one_for_one', () => {
  it('one_for_one', async () => {
    const stage = startLink({ strategy: 'one_for_one' })
    await start(stage, 'child1')
    await start(stage, 'child2')
    terminate(stage, 'child1', 'abnormal')
    expect(which(stage.supervisor)).toEqual([
      ['child1', 2],
      ['child2', 1],
    ])
    expect(counts(stage.supervisor)).toEqual([2, 2, 0, 2])
    terminate(stage, 'child2', 'abnormal')
    expect(stage.snapshot.restartsLeft).toBe(0)
    stage.take()
    terminate(stage, 'child2', 'abnormal')
    expect(stage.take()).toEqual(['child2 is gone', 'child1 hears drain', 'child1 is gone'])
    expect(stage.snapshot.output?.ended).toBe('shutdown')
    expect(stage.leftovers).toEqual(nothing)
  })

  it('one_for_one_escalation', async () => {
    const failures: Error[] = []
    const stage = startLink({ strategy: 'one_for_one', intensity: 4 })
    await start(stage, 'child1', { failures })
    await start(stage, 'child2')
    failures.push(...Array.from({ length: 9 }, () => new Error('error')))
    stage.take()
    terminate(stage, 'child1', 'abnormal')
    stage.clock.advance(0)
    // The crash is the first restart; each start that fails is one more, and the fifth is too many.
    expect(stage.take()).toEqual([
      'child1 is gone',
      'child1 fails to start',
      'child1 fails to start',
      'child1 fails to start',
      'child1 fails to start',
      'child2 hears drain',
      'child2 is gone',
    ])
    expect(stage.snapshot.output?.ended).toBe('shutdown')
    expect(stage.leftovers).toEqual(nothing)
  })
})

describe('restarts that are never too frequent', () => {
  it('multiple_restarts', async () => {
    const stage = startLink({ strategy: 'one_for_one', intensity: 1, period: 1_000 })
    await start(stage, 'child1', { shutdown: 'brutal_kill' })
    terminate(stage, 'child1', 'abnormal')
    for (const epoch of [3, 4, 5]) {
      stage.clock.advance(2_100)
      terminate(stage, 'child1', 'abnormal')
      expect(which(stage.supervisor)).toEqual([['child1', epoch]])
      expect(stage.snapshot.restartsLeft).toBe(0)
    }
    expect(await said(terminateChild(stage.supervisor, 'child1'))).toBe('ok')
    expect(await said(deleteChild(stage.supervisor, 'child1'))).toBe('ok')
    expect(stage.snapshot.value).toBe('running')
  })
})
