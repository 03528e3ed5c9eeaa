import { describe, expect, it } from 'vitest'
import { deleteChild, restartChild, startChild, terminateChild } from '../../../src/supervision/index.ts'
import { puppet, type Stage } from '../harness.ts'
import {
  counts,
  deadlock,
  type Mood,
  nothing,
  said,
  start,
  startLink,
  startLinkSimple,
  startOne,
  terminate,
  which,
} from './support.ts'

const loop = { intensity: 8, period: 10_000 }

/** The start that is going on fails, its two seconds over; what waited meanwhile is then answered, before the next try. */
function failStart(stage: Stage): void {
  expect(stage.clock.fireNext()).toBe(true)
}

// A look never waits here; so that it finds what OTP's finds, it comes when a try has failed and the next has not begun.
describe('a restart whose starts hang and then fail, again and again', () => {
  it('hanging_restart_loop', async () => {
    const mood: Mood = { fails: false }
    const stage: Stage = startLink(loop)
    const { supervisor } = stage
    const child1 = puppet(
      () => stage,
      'child1',
      deadlock(() => stage, mood),
    )
    expect(await said(startChild(supervisor, child1))).toBe('ok')
    mood.fails = true
    terminate(stage, 'child1', 'abnormal')
    const answers = Promise.all([
      said(startChild(supervisor, child1)),
      said(restartChild(supervisor, 'child1')),
      said(deleteChild(supervisor, 'child1')),
    ])
    failStart(stage)
    expect(await answers).toEqual(['already_present', 'restarting', 'restarting'])
    expect(which(supervisor)).toEqual([['child1', 'restarting']])
    expect(counts(supervisor)).toEqual([1, 0, 0, 1])

    expect(await said(terminateChild(supervisor, 'child1'))).toBe('ok')
    expect(which(supervisor)).toEqual([['child1', 'undefined']])
    expect(stage.clock.pending).toBe(0)

    mood.fails = false
    expect(await said(restartChild(supervisor, 'child1'))).toBe('ok')
    mood.fails = true
    terminate(stage, 'child1', 'abnormal')
    stage.clock.advance(5_000)
    expect(stage.states).toEqual({ child1: 'starting' })
    supervisor.send({ type: 'drain' })
    expect(stage.snapshot.output?.ended).toBe('asked')
    expect(stage.leftovers).toEqual(nothing)
  })

  it('hanging_restart_loop_rest_for_one', async () => {
    const mood: Mood = { fails: false }
    const stage: Stage = startLink({ ...loop, strategy: 'rest_for_one' })
    const { supervisor } = stage
    const child2 = puppet(
      () => stage,
      'child2',
      deadlock(() => stage, mood),
    )
    await start(stage, 'child1', { shutdown: 'brutal_kill' })
    await startChild(supervisor, child2)
    await start(stage, 'child3', { shutdown: 'brutal_kill' })
    mood.fails = true
    terminate(stage, 'child2', 'abnormal')
    const answers = Promise.all([
      said(startChild(supervisor, child2)),
      said(restartChild(supervisor, 'child2')),
      said(deleteChild(supervisor, 'child2')),
    ])
    failStart(stage)
    expect(await answers).toEqual(['already_present', 'restarting', 'restarting'])
    expect(which(supervisor)).toEqual([
      ['child1', 1],
      ['child2', 'restarting'],
      ['child3', 'undefined'],
    ])
    expect(counts(supervisor)).toEqual([3, 1, 0, 3])

    expect(await said(terminateChild(supervisor, 'child2'))).toBe('ok')
    expect(which(supervisor)).toEqual([
      ['child1', 1],
      ['child2', 'undefined'],
      ['child3', 'undefined'],
    ])

    mood.fails = false
    expect(await said(restartChild(supervisor, 'child2'))).toBe('ok')
    mood.fails = true
    terminate(stage, 'child2', 'abnormal')
    stage.clock.advance(5_000)
    supervisor.send({ type: 'drain' })
    expect(stage.snapshot.output?.ended).toBe('asked')
    expect(stage.leftovers).toEqual(nothing)
  })

  it('hanging_restart_loop_simple', async () => {
    const mood: Mood = { fails: false }
    const stage: Stage = startLinkSimple(
      loop,
      deadlock(() => stage, mood),
    )
    const { supervisor } = stage
    expect(await startOne(stage, 'one')).toBe('ok')
    mood.fails = true
    terminate(stage, 'one', 'abnormal')
    const answers = Promise.all([said(restartChild(supervisor, 'one')), said(deleteChild(supervisor, 'one'))])
    failStart(stage)
    expect(await answers).toEqual(['simple_one_for_one', 'simple_one_for_one'])
    expect(which(supervisor)).toEqual([['one', 'restarting']])
    expect(counts(supervisor)).toEqual([1, 0, 0, 1])

    expect(await said(terminateChild(supervisor, 'one'))).toBe('ok')
    expect(which(supervisor)).toEqual([])
    expect(stage.clock.pending).toBe(0)

    mood.fails = false
    expect(await startOne(stage, 'two')).toBe('ok')
    mood.fails = true
    terminate(stage, 'two', 'abnormal')
    stage.clock.advance(5_000)
    supervisor.send({ type: 'drain' })
    expect(stage.snapshot.output?.ended).toBe('asked')
    expect(stage.leftovers).toEqual(nothing)
  })
})
