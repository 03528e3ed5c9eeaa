import { describe, expect, it } from 'vitest'
import {
  type ChildSpec,
  createSupervisor,
  run,
  startChild,
  type SupervisorOptions,
  terminateChild,
} from '../../../src/supervision/index.ts'
import { puppet } from '../harness.ts'
import { counts, nothing, said, startLink, supervisorAt, terminate, which } from './support.ts'

const supervisorSpec = (id: string, options: SupervisorOptions, rules: Partial<ChildSpec> = {}): ChildSpec => ({
  id,
  type: 'supervisor',
  ...rules,
  start: () => run(createSupervisor({ intensity: 4, period: 3_600_000, ...options })),
})

describe('a tree of supervisors', () => {
  it('tree', async () => {
    const stage = startLink({ strategy: 'one_for_all', intensity: 4 })
    const on = () => stage
    const { supervisor } = stage
    const workers = [puppet(on, 'child1'), puppet(on, 'child2')]
    await startChild(supervisor, supervisorSpec('supchild1', { children: workers }))
    await startChild(supervisor, supervisorSpec('supchild2', {}))
    await startChild(supervisor, supervisorSpec('supchild3', {}, { restart: 'transient' }))
    expect(await said(terminateChild(supervisor, 'supchild3'))).toBe('ok')
    expect(counts(supervisor)).toEqual([3, 2, 3, 0])
    const first = supervisorAt(supervisor, 'supchild1')
    const second = supervisorAt(supervisor, 'supchild2')
    expect(counts(first)).toEqual([2, 2, 0, 2])
    expect(counts(second)).toEqual([0, 0, 0, 0])

    const failures: Error[] = []
    await startChild(second, puppet(on, 'child3', { failures }))
    await startChild(second, puppet(on, 'child4'))
    expect(counts(second)).toEqual([2, 2, 0, 2])

    // Only the one that has failed is restarted.
    terminate(stage, 'child4', 'abnormal')
    expect(which(first)).toEqual([
      ['child1', 1],
      ['child2', 1],
    ])
    expect(which(second)).toEqual([
      ['child3', 1],
      ['child4', 2],
    ])

    // Its supervisor gives up, so all three supervisors are restarted; the children that were added are not there again.
    failures.push(...Array.from({ length: 9 }, () => new Error('error')))
    terminate(stage, 'child3', 'abnormal')
    stage.clock.advance(1_000)
    expect(which(supervisor)).toEqual([
      ['supchild1', 2],
      ['supchild2', 2],
      ['supchild3', 2],
    ])
    expect(counts(supervisor)).toEqual([3, 3, 3, 0])
    expect(stage.snapshot.restartsLeft).toBe(3)
    expect(which(supervisorAt(supervisor, 'supchild1'))).toEqual([
      ['child1', 1],
      ['child2', 1],
    ])
    expect(which(supervisorAt(supervisor, 'supchild2'))).toEqual([])
    expect(which(supervisorAt(supervisor, 'supchild3'))).toEqual([])

    supervisor.send({ type: 'drain' })
    expect(stage.leftovers).toEqual(nothing)
  })

  it('order_of_children', () => {
    const ids = ['ch7', 'ch3', 'ch10', 'ch2', 'ch5']
    const stage = startLink({ strategy: 'rest_for_one' }, Object.fromEntries(ids.map((id) => [id, {}])))
    expect(stage.take()).toEqual(ids.map((id) => `${id} starts`))
    expect(which(stage.supervisor)).toEqual(ids.map((id) => [id, 1]))

    terminate(stage, 'ch10', 'abnormal')
    expect(stage.take()).toEqual([
      'ch10 is gone',
      'ch5 hears drain',
      'ch5 is gone',
      'ch2 hears drain',
      'ch2 is gone',
      'ch10 starts',
      'ch2 starts',
      'ch5 starts',
    ])
    expect(which(stage.supervisor)).toEqual([
      ['ch7', 1],
      ['ch3', 1],
      ['ch10', 2],
      ['ch2', 2],
      ['ch5', 2],
    ])

    stage.supervisor.send({ type: 'drain' })
    expect(stage.take().filter((line) => line.endsWith('is gone'))).toEqual([
      'ch5 is gone',
      'ch2 is gone',
      'ch10 is gone',
      'ch3 is gone',
      'ch7 is gone',
    ])
    expect(stage.leftovers).toEqual(nothing)
  })

  // OTP gives both processes global names, and finds the new ones by them. Here a new life is a new incarnation.
  it('simple_global_supervisor', async () => {
    const build = () => {
      const stage = startLink({ strategy: 'one_for_all', intensity: 3, period: 60_000 }, (on) => [
        supervisorSpec('sup2', {
          strategy: 'one_for_all',
          intensity: 3,
          period: 60_000,
          children: [puppet(on, 'server')],
        }),
      ])
      stage.take()
      return stage
    }

    // kill_supervisor: its child goes with it, and both come back.
    const killed = build()
    terminate(killed, 'sup2', 'shutdown')
    expect(killed.take()).toEqual(['server is gone', 'server starts'])
    expect(which(killed.supervisor)).toEqual([['sup2', 2]])

    // kill_worker, exit_worker: its supervisor stays.
    for (const how of ['kill', 'normal'] as const) {
      const stage = build()
      terminate(stage, 'server', how)
      expect(stage.take()).toEqual(['server is gone', 'server starts'])
      expect(which(stage.supervisor)).toEqual([['sup2', 1]])
    }

    // restart_worker
    const asked = build()
    const below = supervisorAt(asked.supervisor, 'sup2')
    expect(await said(terminateChild(below, 'server'))).toBe('ok')
    expect(asked.take()).toEqual(['server hears drain', 'server is gone'])
    below.send({ type: 'supervisor.restart_child', id: 'server' })
    expect(asked.take()).toEqual(['server starts'])
    asked.supervisor.send({ type: 'drain' })
    expect(asked.leftovers).toEqual(nothing)
  })
})
