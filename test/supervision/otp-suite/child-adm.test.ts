import { describe, expect, it } from 'vitest'
import { deleteChild, restartChild, terminateChild, whichChildren } from '../../../src/supervision/index.ts'
import { counts, nothing, said, start, startLink, startLinkSimple, startOne, terminate, which } from './support.ts'

describe('the calls', () => {
  // There are no registered names, so none that nobody answers to: a call to a supervisor that has ended is refused.
  it('child_adm', async () => {
    const stage = startLink({}, { child1: {} })
    const { supervisor } = stage
    expect(which(supervisor)).toEqual([['child1', 1]])
    expect(counts(supervisor)).toEqual([1, 1, 0, 1])
    expect(await start(stage, 'child1')).toBe('already_started')

    expect(await said(terminateChild(supervisor, 'hej'))).toBe('not_found')
    stage.take()
    expect(await said(terminateChild(supervisor, 'child1'))).toBe('ok')
    expect(stage.take()).toEqual(['child1 hears drain', 'child1 is gone'])
    expect(which(supervisor)).toEqual([['child1', 'undefined']])
    expect(counts(supervisor)).toEqual([1, 0, 0, 1])
    // As good as terminated, so it succeeds.
    expect(await said(terminateChild(supervisor, 'child1'))).toBe('ok')

    expect(await start(stage, 'child1')).toBe('already_present')
    expect(await said(restartChild(supervisor, 'child1'))).toBe('ok')
    expect(which(supervisor)).toEqual([['child1', 2]])
    expect(counts(supervisor)).toEqual([1, 1, 0, 1])
    expect(await said(restartChild(supervisor, 'child1'))).toBe('running')
    expect(await said(restartChild(supervisor, 'child2'))).toBe('not_found')

    expect(await said(deleteChild(supervisor, 'child1'))).toBe('running')
    expect(await said(deleteChild(supervisor, 'hej'))).toBe('not_found')
    expect(await said(terminateChild(supervisor, 'child1'))).toBe('ok')
    expect(await said(deleteChild(supervisor, 'child1'))).toBe('ok')
    expect(await said(restartChild(supervisor, 'child1'))).toBe('not_found')
    expect(which(supervisor)).toEqual([])
    expect(counts(supervisor)).toEqual([0, 0, 0, 0])

    expect(await start(stage, 'child1')).toBe('ok')
    expect(which(supervisor)).toEqual([['child1', 3]])
    expect(counts(supervisor)).toEqual([1, 1, 0, 1])

    supervisor.send({ type: 'drain' })
    for (const call of [terminateChild, restartChild, deleteChild])
      expect(await said(call(supervisor, 'child1'))).toBe('shutting_down')
    expect(await start(stage, 'child1')).toBe('shutting_down')
    expect(stage.leftovers).toEqual(nothing)
  })

  // An instance is named by its id where OTP names it by its pid. OTP answers `ok` to the termination of a pid that was once
  // a child's and `simple_one_for_one` to any name; here a name that is no instance's is `not_found`.
  it('child_adm_simple', async () => {
    const stage = startLinkSimple()
    const { supervisor } = stage
    expect(which(supervisor)).toEqual([])
    expect(counts(supervisor)).toEqual([1, 0, 0, 0])
    expect(await startOne(stage, 'one')).toBe('ok')
    expect(which(supervisor)).toEqual([['one', 1]])
    expect(counts(supervisor)).toEqual([1, 1, 0, 1])
    expect(await startOne(stage, 'two')).toBe('ok')
    expect(which(supervisor)).toEqual([
      ['one', 1],
      ['two', 1],
    ])
    expect(counts(supervisor)).toEqual([1, 2, 0, 2])

    expect(await said(terminateChild(supervisor, 'child'))).toBe('simple_one_for_one')
    expect(counts(supervisor)).toEqual([1, 2, 0, 2])
    stage.take()
    expect(await said(terminateChild(supervisor, 'one'))).toBe('ok')
    expect(stage.take()).toEqual(['one hears drain', 'one is gone'])
    expect(which(supervisor)).toEqual([['two', 1]])
    expect(counts(supervisor)).toEqual([1, 1, 0, 1])
    expect(await said(terminateChild(supervisor, 'one'))).toBe('not_found')
    expect(counts(supervisor)).toEqual([1, 1, 0, 1])

    expect(await said(restartChild(supervisor, 'child'))).toBe('simple_one_for_one')
    expect(await said(restartChild(supervisor, 'two'))).toBe('simple_one_for_one')
    expect(await said(deleteChild(supervisor, 'child'))).toBe('simple_one_for_one')
    expect(await said(deleteChild(supervisor, 'two'))).toBe('simple_one_for_one')
    expect(which(supervisor)).toEqual([['two', 1]])
  })
})

// `which_child` is a look into the list. The list is in start order, where OTP's has the latest first.
describe('which_children', () => {
  it('which_children', async () => {
    const stage = startLink()
    const { supervisor } = stage
    const whichChild = (id: string) => which(supervisor).find(([other]) => other === id)
    expect(which(supervisor)).toEqual([])
    expect(whichChild('childx')).toBe(undefined)

    await start(stage, 'child1')
    expect(whichChildren(supervisor)).toEqual([
      {
        id: 'child1',
        path: 'root/child1',
        state: 'running',
        epoch: 1,
        restartsLeft: 2,
        lastDecision: 'carry_on',
        since: 0,
        type: 'worker',
        ref: whichChildren(supervisor)[0]?.ref,
      },
    ])
    expect(whichChildren(supervisor)[0]?.ref?.id).toBe('child1')

    await start(stage, 'child2')
    expect(which(supervisor)).toEqual([
      ['child1', 1],
      ['child2', 1],
    ])
    expect(whichChild('child1')).toEqual(['child1', 1])
    expect(whichChild('childx')).toBe(undefined)

    await terminateChild(supervisor, 'child1')
    expect(which(supervisor)).toEqual([
      ['child1', 'undefined'],
      ['child2', 1],
    ])
    expect(whichChildren(supervisor)[0]?.ref).toBe(undefined)

    await deleteChild(supervisor, 'child1')
    expect(which(supervisor)).toEqual([['child2', 1]])
    expect(whichChild('child1')).toBe(undefined)
  })

  it('which_children_simple_one_for_one', async () => {
    const stage = startLinkSimple({}, { restart: 'temporary' })
    const { supervisor } = stage
    expect(which(supervisor)).toEqual([])
    await startOne(stage, 'one')
    expect(which(supervisor)).toEqual([['one', 1]])
    await startOne(stage, 'two')
    expect(which(supervisor)).toEqual([
      ['one', 1],
      ['two', 1],
    ])
    expect(whichChildren(supervisor).map(({ id, ref }) => [id, ref?.id])).toEqual([
      ['one', 'one'],
      ['two', 'two'],
    ])
    await terminateChild(supervisor, 'one')
    expect(which(supervisor)).toEqual([['two', 1]])
  })
})

describe('count_children', () => {
  async function startsTwoThousand(type: 'worker' | 'supervisor') {
    const stage = startLinkSimple({}, { type, restart: 'temporary' })
    const { supervisor } = stage
    for (let index = 0; index < 1_000; index++) await startOne(stage, `first${index}`)
    const half = counts(supervisor)
    expect(whichChildren(supervisor)).toHaveLength(1_000)
    for (let index = 0; index < 1_000; index++) await startOne(stage, `second${index}`)
    const full = counts(supervisor)
    const children = which(supervisor)
    expect(children).toHaveLength(2_000)
    // Looking changes nothing.
    expect(counts(supervisor)).toEqual(full)
    expect(which(supervisor)).toEqual(children)
    for (const [id] of children) terminate(stage, id, 'kill')
    expect(which(supervisor)).toEqual([])
    return { half, full, none: counts(supervisor) }
  }

  it('count_children', async () => {
    expect(await startsTwoThousand('worker')).toEqual({
      half: [1, 1_000, 0, 1_000],
      full: [1, 2_000, 0, 2_000],
      none: [1, 0, 0, 0],
    })
  })

  it('count_children_supervisor', async () => {
    expect(await startsTwoThousand('supervisor')).toEqual({
      half: [1, 1_000, 1_000, 0],
      full: [1, 2_000, 2_000, 0],
      none: [1, 0, 0, 0],
    })
  })

  // The starts fail at once, and the next try waits for the clock: that is when OTP's supervisor answers.
  it('count_restarting_children', async () => {
    const failures: Error[] = []
    const stage = startLinkSimple({ intensity: 20, period: 10_000 }, { failures, shutdown: 'brutal_kill' })
    const { supervisor } = stage
    expect(counts(supervisor)).toEqual([1, 0, 0, 0])
    for (const [index, id] of ['one', 'two', 'three'].entries()) {
      expect(await startOne(stage, id)).toBe('ok')
      expect(counts(supervisor)).toEqual([1, index + 1, 0, index + 1])
    }
    for (const id of ['one', 'two', 'three']) stage.puppet(id).crash()
    expect(counts(supervisor)).toEqual([1, 3, 0, 3])
    expect(which(supervisor)).toEqual([
      ['one', 2],
      ['two', 2],
      ['three', 2],
    ])

    failures.push(new Error('error'), new Error('error'))
    stage.puppet('one').crash()
    stage.puppet('two').crash()
    expect(counts(supervisor)).toEqual([1, 1, 0, 3])
    expect(which(supervisor)).toEqual([
      ['one', 'restarting'],
      ['two', 'restarting'],
      ['three', 2],
    ])
    stage.clock.advance(0)
    expect(counts(supervisor)).toEqual([1, 3, 0, 3])

    for (const [id, left] of [
      ['three', 2],
      ['one', 1],
      ['two', 0],
    ] as const) {
      expect(await said(terminateChild(supervisor, id))).toBe('ok')
      expect(counts(supervisor)).toEqual([1, left, 0, left])
    }
  })
})
