import { describe, expect, it } from 'vitest'
import { createSupervisor, restartChild, run, terminateChild } from '../../../src/supervision/index.ts'
import { runtimeOf } from '../../../src/supervision/runtime.ts'
import { puppet, type Stage } from '../harness.ts'
import {
  counts,
  nothing,
  said,
  start,
  startLink,
  startLinkSimple,
  startOne,
  supervisorAt,
  terminate,
  which,
} from './support.ts'

/** What becomes of one child of this restart type that ends in this way. */
async function after(restart: 'permanent' | 'transient' | 'temporary', how: 'normal' | 'shutdown' | 'abnormal') {
  const stage = startLink()
  await start(stage, 'child1', { restart })
  terminate(stage, 'child1', how)
  const { supervisor } = stage
  return { which: which(supervisor), counts: counts(supervisor), stage }
}

const restarted = { which: [['child1', 2]], counts: [1, 1, 0, 1] }
const left = { which: [['child1', 'undefined']], counts: [1, 0, 0, 1] }
const forgotten = { which: [], counts: [0, 0, 0, 0] }

describe('normal_termination', () => {
  it('permanent_normal', async () => expect(await after('permanent', 'normal')).toMatchObject(restarted))
  it('transient_normal', async () => expect(await after('transient', 'normal')).toMatchObject(left))
  it('temporary_normal', async () => expect(await after('temporary', 'normal')).toMatchObject(forgotten))
})

// `shutdown` is the exit of an actor that somebody else has stopped; `{shutdown, Term}` that of a supervisor that has ended.
describe('shutdown_termination', () => {
  /** In its second life the child is a supervisor, which somebody else then asks to drain. */
  async function afterBoth(restart: 'permanent' | 'transient') {
    const stage = startLink({}, (on) => [
      {
        ...puppet(on, 'child1', { restart }),
        start: (life, args) => (life.epoch === 1 ? puppet(on, 'child1').start(life, args) : run(createSupervisor({}))),
      },
    ])
    const { supervisor } = stage
    terminate(stage, 'child1', 'shutdown')
    const first = { which: which(supervisor), counts: counts(supervisor) }
    if (restart === 'transient') await restartChild(supervisor, 'child1')
    expect(stage.reports.filter(({ decision }) => decision === 'restart')).toHaveLength(restart === 'permanent' ? 1 : 0)
    supervisorAt(supervisor, 'child1').send({ type: 'drain' })
    return { first, second: { which: which(supervisor), counts: counts(supervisor) } }
  }

  it('permanent_shutdown', async () => {
    expect(await afterBoth('permanent')).toEqual({
      first: restarted,
      second: { which: [['child1', 3]], counts: [1, 1, 0, 1] },
    })
  })

  it('transient_shutdown', async () => {
    expect(await afterBoth('transient')).toEqual({ first: left, second: left })
  })

  it('temporary_shutdown', async () => {
    const { stage, ...first } = await after('temporary', 'shutdown')
    expect(first).toEqual(forgotten)
    const again = startLink({}, () => [{ id: 'child1', restart: 'temporary', start: () => run(createSupervisor({})) }])
    supervisorAt(again.supervisor, 'child1').send({ type: 'drain' })
    expect(which(again.supervisor)).toEqual([])
    expect(counts(again.supervisor)).toEqual([0, 0, 0, 0])
    expect(await start(stage, 'child1', { restart: 'temporary' })).toBe('ok')
  })

  // There are no applications; the error comes out at the top, through the supervisors in between.
  it('faulty_application_shutdown', () => {
    const error = new Error('undef')
    const stage = startLink({}, (on) => [
      {
        id: 'app_faulty',
        start: () => run(createSupervisor({ children: [puppet(on, 'server', { failures: [error] })] })),
      },
    ])
    expect(stage.snapshot.output).toEqual({ ended: 'start_failed', error, drained: true, children: [] })
    expect(stage.leftovers).toEqual(nothing)
  })
})

describe('abnormal_termination', () => {
  it('permanent_abnormal', async () => expect(await after('permanent', 'abnormal')).toMatchObject(restarted))
  it('transient_abnormal', async () => expect(await after('transient', 'abnormal')).toMatchObject(restarted))
  it('temporary_abnormal', async () => expect(await after('temporary', 'abnormal')).toMatchObject(forgotten))
})

describe('a temporary child', () => {
  it('temporary_bystander', async () => {
    for (const strategy of ['one_for_all', 'rest_for_one'] as const) {
      const stage = startLink({ strategy, period: 300_000 })
      await start(stage, 'child1')
      await start(stage, 'child2', { restart: 'temporary' })
      stage.take()
      terminate(stage, 'child1', 'normal')
      stage.clock.advance(350)
      expect(stage.take()).toEqual(['child1 is gone', 'child2 hears drain', 'child2 is gone', 'child1 starts'])
      expect(which(stage.supervisor)).toEqual([['child1', 2]])
      expect(stage.snapshot.value).toBe('running')
      expect(stage.snapshot.restartsLeft).toBe(1)
    }
  })

  it('do_not_save_child_specs_for_temporary_children', async () => {
    for (const strategy of ['one_for_all', 'one_for_one', 'rest_for_one'] as const) {
      for (const how of ['kill', 'normal', 'abnormal', 'supervisor'] as const) {
        const again = async (restart: 'permanent' | 'transient' | 'temporary') => {
          const stage = startLink({ strategy })
          expect(await start(stage, 'child', { restart })).toBe('ok')
          if (how === 'supervisor') await terminateChild(stage.supervisor, 'child')
          else terminate(stage, 'child', how)
          return start(stage, 'child', { restart })
        }
        const present = how === 'supervisor' || how === 'normal'
        expect(await again('permanent')).toBe(how === 'supervisor' ? 'already_present' : 'already_started')
        expect(await again('transient')).toBe(present ? 'already_present' : 'already_started')
        expect(await again('temporary')).toBe('ok')
      }
    }
  })

  /** Of each child: whether what it was started with is kept. */
  const kept = ({ supervisor }: Stage) =>
    runtimeOf(supervisor)
      .state.children.values()
      .map(({ rules }) => rules.payload !== undefined)

  // Where OTP compares the sizes of the states, this looks at what is kept of the arguments.
  it('do_not_save_start_parameters_for_temporary_children', async () => {
    for (const strategy of ['one_for_all', 'one_for_one', 'rest_for_one', 'simple_one_for_one'] as const) {
      for (const [restart, expected] of [
        ['permanent', [true, true]],
        ['transient', [true, true]],
        ['temporary', [false, false]],
      ] as const) {
        const simple = strategy === 'simple_one_for_one'
        const stage = simple ? startLinkSimple({}, { restart }) : startLink({ strategy })
        for (const id of ['a', 'b']) await (simple ? startOne(stage, id, 'large') : start(stage, id, { restart }))
        expect(kept(stage)).toEqual(expected)
        stage.supervisor.send({ type: 'drain' })
        expect(stage.leftovers).toEqual(nothing)
      }
    }
  })

  it('simple_one_for_one_corruption', async () => {
    const stage = startLinkSimple({}, { restart: 'temporary' })
    expect(await startOne(stage, 'first')).toBe('ok')
    terminate(stage, 'first', 'abnormal')
    expect(which(stage.supervisor)).toEqual([])
    // After the first has gone, too, nothing is kept of what the next was started with.
    expect(await startOne(stage, 'second', 'large')).toBe('ok')
    expect(kept(stage)).toEqual([false])
    expect(await said(terminateChild(stage.supervisor, 'second'))).toBe('ok')
  })
})
