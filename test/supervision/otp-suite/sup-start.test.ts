import { describe, expect, it } from 'vitest'
import { initialState, step } from '../../../src/supervision/core.ts'
import { createSupervisor, restartChild, run, startChild, terminateChild } from '../../../src/supervision/index.ts'
import { puppet } from '../harness.ts'
import { counts, nothing, problemOf, said, start, startLink, startLinkSimple, startOne, which } from './support.ts'

const nothingToStart = { start: () => undefined }

describe('sup_start', () => {
  it('sup_start_normal', () => {
    const stage = startLink()
    expect(stage.snapshot.value).toBe('running')
    stage.supervisor.send({ type: 'drain' })
    expect(stage.snapshot.output).toEqual({ ended: 'asked', error: undefined, drained: true, children: [] })
    expect(stage.leftovers).toEqual(nothing)
  })

  // A supervisor has no `init` of its own: what decides whether there will be one is the start function of its slot.
  it('sup_start_ignore_init', () => {
    const stage = startLink({ children: [{ id: 'supervisor', type: 'supervisor', ...nothingToStart }] })
    expect(stage.snapshot.value).toBe('running')
    expect(which(stage.supervisor)).toEqual([['supervisor', 'undefined']])
  })

  it('sup_start_ignore_child', async () => {
    const stage = startLink()
    expect(await startChild(stage.supervisor, { id: 'child1', ...nothingToStart })).toEqual({
      ok: true,
      id: 'child1',
      ref: undefined,
    })
    expect(await start(stage, 'child2')).toBe('ok')
    expect(which(stage.supervisor)).toEqual([
      ['child1', 'undefined'],
      ['child2', 1],
    ])
    expect(counts(stage.supervisor)).toEqual([2, 1, 0, 2])
  })

  it('sup_start_ignore_temporary_child', () => {
    const stage = startLink({}, (on) => [
      { id: 'child1', restart: 'temporary', ...nothingToStart },
      puppet(on, 'child2', { restart: 'temporary' }),
    ])
    expect(which(stage.supervisor)).toEqual([['child2', 1]])
    expect(counts(stage.supervisor)).toEqual([1, 1, 0, 1])
  })

  it('sup_start_ignore_temporary_child_start_child', async () => {
    const stage = startLink()
    expect(await said(startChild(stage.supervisor, { id: 'child1', restart: 'temporary', ...nothingToStart }))).toBe(
      'ok',
    )
    expect(await start(stage, 'child2', { restart: 'temporary' })).toBe('ok')
    // Epochs never start again for an id: a child that comes later counts from where those that have gone stopped.
    expect(which(stage.supervisor)).toEqual([['child2', 2]])
    expect(counts(stage.supervisor)).toEqual([1, 1, 0, 1])
  })

  /** A template whose first instance chooses not to be started; neither is kept, whatever the restart type. */
  async function startsAndIgnores(restart: 'temporary' | 'permanent'): Promise<void> {
    const stage = startLink({ strategy: 'simple_one_for_one' }, (on) => [
      {
        id: 'child',
        restart,
        start: (life, args) => (args === 'ignore' ? undefined : puppet(on, life.id).start(life, args)),
      },
    ])
    expect(await startOne(stage, 'a', 'ignore')).toBe('ok')
    expect(await startOne(stage, 'b')).toBe('ok')
    expect(which(stage.supervisor)).toEqual([['b', 2]])
    expect(counts(stage.supervisor)).toEqual([1, 1, 0, 1])
    stage.supervisor.send({ type: 'drain' })
    expect(stage.snapshot.output).toMatchObject({ ended: 'asked', drained: true })
    expect(stage.leftovers).toEqual(nothing)
  }

  it('sup_start_ignore_temporary_child_start_child_simple', () => startsAndIgnores('temporary'))
  it('sup_start_ignore_permanent_child_start_child_simple', () => startsAndIgnores('permanent'))

  // What `init` returns is what `createSupervisor` is given; it throws before there is an actor.
  it('sup_start_error_return', () => {
    expect(problemOf({ strategy: 'invalid' })).toBe(
      'strategy is invalid; expected one_for_one, one_for_all, rest_for_one, simple_one_for_one',
    )
  })

  it('sup_start_fail', () => {
    const error = new Error('fail')
    const stage = startLink({
      children: [
        {
          id: 'supervisor',
          type: 'supervisor',
          start: () => {
            throw error
          },
        },
      ],
    })
    expect(stage.snapshot.output).toEqual({ ended: 'start_failed', error, drained: true, children: [] })
    expect(stage.leftovers).toEqual(nothing)
  })

  it('sup_start_child_returns_error', async () => {
    const stage = startLink()
    const reason = new Error('reason')
    const refusal = { ok: false, error: 'start_failed', reason }
    expect(
      await startChild(
        stage.supervisor,
        puppet(() => stage, 'child1', { failures: [reason] }),
      ),
    ).toEqual(refusal)
    expect(
      await startChild(stage.supervisor, {
        id: 'child2',
        start: () => {
          throw reason
        },
      }),
    ).toEqual(refusal)
    expect(which(stage.supervisor)).toEqual([])
  })

  it('sup_start_restart_child_returns_error', async () => {
    const failures: Error[] = []
    const stage = startLink({}, { child1: { failures } })
    const reason = new Error('function_clause')
    failures.push(reason)
    expect(await said(terminateChild(stage.supervisor, 'child1'))).toBe('ok')
    expect(await restartChild(stage.supervisor, 'child1')).toEqual({ ok: false, error: 'start_failed', reason })
    expect(which(stage.supervisor)).toEqual([['child1', 'undefined']])
    expect(stage.clock.pending).toBe(0)
  })

  it('sup_start_child_returns_error_simple', async () => {
    const stage = startLinkSimple({}, { failures: [new Error('reason')] })
    expect(await startOne(stage, 'a')).toBe('start_failed')
    expect(which(stage.supervisor)).toEqual([])
    expect(counts(stage.supervisor)).toEqual([1, 0, 0, 0])
  })
})

// There is no `get_childspec`: the specifications are read from the decision core's state.
describe('sup_start_map', () => {
  it('sup_start_map', () => {
    const state = initialState({}, [
      { id: 'child1' },
      { id: 'child2', shutdown: 'brutal_kill' },
      { id: 'child3', type: 'supervisor' },
    ])
    const defaults = { restart: 'permanent', significant: false }
    expect(['child1', 'child2', 'child3'].map((id) => state.children.get(id)?.rules)).toEqual([
      { id: 'child1', type: 'worker', shutdown: 5_000, ...defaults },
      { id: 'child2', type: 'worker', shutdown: 'brutal_kill', ...defaults },
      { id: 'child3', type: 'supervisor', shutdown: 'infinity', ...defaults },
    ])
    expect(state.flags).toMatchObject({
      strategy: 'one_for_one',
      intensity: 1,
      period: 5_000,
      autoShutdown: 'never',
      // What OTP doesn't have is off.
      concurrent: false,
      maxChildren: Infinity,
      stopOrder: undefined,
      stopBudget: undefined,
      backoff: undefined,
    })
  })

  it('sup_start_map_simple', () => {
    let state = initialState({ strategy: 'simple_one_for_one' }, [{ id: 'child', restart: 'temporary' }])
    for (const id of ['a', 'b', 'c']) {
      state = step(state, {
        at: 0,
        random: 0,
        type: 'call',
        ticket: 0,
        call: { type: 'start_child', rules: { id } },
      }).state
      state = step(state, { at: 0, random: 0, type: 'started', id, epoch: 1 }).state
    }
    const rules = { restart: 'temporary', type: 'worker', shutdown: 5_000, significant: false, payload: undefined }
    expect(['a', 'b', 'c'].map((id) => state.children.get(id)?.rules)).toEqual([
      { id: 'a', ...rules },
      { id: 'b', ...rules },
      { id: 'c', ...rules },
    ])
  })

  it('sup_start_map_faulty_specs', () => {
    const begin = () => run(createSupervisor({}))
    expect(problemOf({ children: [{ start: begin }] })).toBe("a child's id is undefined; expected a string")
    expect(problemOf({ children: [{ id: 'child2' }] })).toBe('child2: start is undefined; expected a function')
    expect(problemOf({ children: [{ id: 'child3', start: begin, sillyFlag: true }] })).toBe(undefined)
    expect(problemOf({ children: ['child4'] })).toBe("a child's specification is child4; expected an object")
  })
})
