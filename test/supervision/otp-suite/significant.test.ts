import { describe, expect, it } from 'vitest'
import {
  createSupervisor,
  restartChild,
  run,
  type SupervisorOptions,
  terminateChild,
} from '../../../src/supervision/index.ts'
import { puppet, type PuppetOptions, type Stage } from '../harness.ts'
import { nothing, problemOf, said, start, startLink, terminate, which } from './support.ts'

/** Two significant children and one that isn't, all of one restart type. */
async function three(restart: 'temporary' | 'transient', options: SupervisorOptions): Promise<Stage> {
  const stage = startLink({ intensity: 5, ...options })
  await start(stage, 'child1', { restart, significant: true })
  await start(stage, 'child2', { restart, significant: true })
  await start(stage, 'child3', { restart, significant: false })
  stage.take()
  return stage
}

const rest = ['child3 hears drain', 'child3 is gone', 'child2 hears drain', 'child2 is gone']

function expectAutoShutdown(stage: Stage, stops: readonly string[]): void {
  expect(stage.take()).toEqual(stops)
  expect(stage.snapshot.output?.ended).toBe('auto_shutdown')
  expect(stage.leftovers).toEqual(nothing)
}

describe('significant', () => {
  it('nonsignificant_temporary', async () => {
    for (const autoShutdown of ['never', 'any_significant', 'all_significant'] as const) {
      const stage = startLink({ autoShutdown })
      const child: PuppetOptions = { restart: 'temporary', significant: false }
      await start(stage, 'child1', child)
      expect(await said(terminateChild(stage.supervisor, 'child1'))).toBe('ok')
      for (const how of ['kill', 'abnormal', 'normal'] as const) {
        expect(await start(stage, 'child1', child)).toBe('ok')
        terminate(stage, 'child1', how)
        expect(which(stage.supervisor)).toEqual([])
        expect(stage.snapshot.value).toBe('running')
      }
    }
  })

  it('nonsignificant_transient', async () => {
    for (const autoShutdown of ['never', 'any_significant', 'all_significant'] as const) {
      const stage = startLink({ autoShutdown, intensity: 5 })
      await start(stage, 'child1', { restart: 'transient', significant: false })
      await terminateChild(stage.supervisor, 'child1')
      expect(await said(restartChild(stage.supervisor, 'child1'))).toBe('ok')
      terminate(stage, 'child1', 'kill')
      expect(which(stage.supervisor)).toEqual([['child1', 3]])
      terminate(stage, 'child1', 'abnormal')
      expect(which(stage.supervisor)).toEqual([['child1', 4]])
      terminate(stage, 'child1', 'normal')
      expect(which(stage.supervisor)).toEqual([['child1', 'undefined']])
      expect(stage.snapshot.value).toBe('running')
    }
  })

  it('significant_temporary', async () => {
    const any = await three('temporary', { autoShutdown: 'any_significant' })
    // That its supervisor terminates it is no end of its own.
    await terminateChild(any.supervisor, 'child1')
    expect(which(any.supervisor)).toEqual([
      ['child2', 1],
      ['child3', 1],
    ])
    await start(any, 'child1', { restart: 'temporary', significant: true })
    any.take()
    terminate(any, 'child1', 'kill')
    expectAutoShutdown(any, ['child1 is gone', ...rest])

    for (const how of ['abnormal', 'normal'] as const) {
      const stage = await three('temporary', { autoShutdown: 'any_significant' })
      terminate(stage, 'child1', how)
      expectAutoShutdown(stage, ['child1 is gone', ...rest])
    }

    const all = await three('temporary', { autoShutdown: 'all_significant' })
    terminate(all, 'child1', 'normal')
    expect(all.take()).toEqual(['child1 is gone'])
    expect(which(all.supervisor)).toEqual([
      ['child2', 1],
      ['child3', 1],
    ])
    terminate(all, 'child2', 'normal')
    expectAutoShutdown(all, ['child2 is gone', 'child3 hears drain', 'child3 is gone'])
  })

  it('significant_transient', async () => {
    const any = await three('transient', { autoShutdown: 'any_significant' })
    await terminateChild(any.supervisor, 'child1')
    expect(any.snapshot.value).toBe('running')
    await restartChild(any.supervisor, 'child1')
    terminate(any, 'child1', 'kill')
    terminate(any, 'child1', 'abnormal')
    expect(which(any.supervisor)).toEqual([
      ['child1', 4],
      ['child2', 1],
      ['child3', 1],
    ])
    any.take()
    terminate(any, 'child1', 'normal')
    expectAutoShutdown(any, ['child1 is gone', ...rest])

    const all = await three('transient', { autoShutdown: 'all_significant' })
    terminate(all, 'child1', 'normal')
    expect(all.take()).toEqual(['child1 is gone'])
    expect(which(all.supervisor)).toEqual([
      ['child1', 'undefined'],
      ['child2', 1],
      ['child3', 1],
    ])
    terminate(all, 'child2', 'normal')
    expectAutoShutdown(all, ['child2 is gone', 'child3 hears drain', 'child3 is gone'])
  })

  it('significant_simple', () => {
    const strategy = 'simple_one_for_one'
    const children = [{ id: 'child', start: () => run(createSupervisor({})) }]
    expect(problemOf({ strategy, children, autoShutdown: 'any_significant' })).toBe(
      "simple_one_for_one has no significant children: autoShutdown can't be any_significant",
    )
    expect(problemOf({ strategy, children, autoShutdown: 'all_significant' })).toBe(
      "simple_one_for_one has no significant children: autoShutdown can't be all_significant",
    )
    expect(problemOf({ strategy, children, autoShutdown: 'never' })).toBe(undefined)
  })

  // Significant children that are stopped for a sibling's sake haven't ended, and don't end their supervisor.
  it('significant_bystander', async () => {
    const transient: PuppetOptions = { restart: 'transient' }
    for (const autoShutdown of ['any_significant', 'all_significant'] as const) {
      for (const [strategy, epochs] of [
        ['one_for_one', [1, 2, 1]],
        ['one_for_all', [2, 2, 2]],
        ['rest_for_one', [1, 2, 2]],
      ] as const) {
        const stage = startLink({ strategy, autoShutdown, intensity: 5 })
        await start(stage, 'child1', { ...transient, significant: true })
        await start(stage, 'child2', { ...transient, significant: false })
        await start(stage, 'child3', { ...transient, significant: true })
        terminate(stage, 'child2', 'kill')
        expect(which(stage.supervisor)).toEqual([
          ['child1', epochs[0]],
          ['child2', epochs[1]],
          ['child3', epochs[2]],
        ])
        expect(stage.snapshot.value).toBe('running')
        stage.supervisor.send({ type: 'drain' })
        expect(stage.snapshot.output?.ended).toBe('asked')
        expect(stage.leftovers).toEqual(nothing)
      }
    }
  })

  it('significant_escalation', () => {
    const build = (significant: boolean) =>
      startLink({ autoShutdown: 'any_significant' }, (on) => [
        {
          id: 'sup1',
          restart: 'transient',
          type: 'supervisor',
          significant,
          start: () =>
            run(
              createSupervisor({
                autoShutdown: 'any_significant',
                children: [puppet(on, 'child1', { restart: 'transient', significant: true })],
              }),
            ),
        },
      ])

    const escalating = build(true)
    escalating.take()
    terminate(escalating, 'child1', 'normal')
    expectAutoShutdown(escalating, ['child1 is gone'])

    const contained = build(false)
    terminate(contained, 'child1', 'normal')
    expect(which(contained.supervisor)).toEqual([['sup1', 'undefined']])
    expect(contained.snapshot.value).toBe('running')
    contained.supervisor.send({ type: 'drain' })
    expect(contained.leftovers).toEqual(nothing)
  })
})
