import { describe, expect, it } from 'vitest'
import { Core, initialState } from '../../src/supervision/core.ts'
import { deleteChild, restartChild, startChild, terminateChild } from '../../src/supervision/index.ts'
import { runtimeOf } from '../../src/supervision/runtime.ts'
import { puppet, type PuppetOptions, Stage } from './harness.ts'

const backoff = { initial: 1_000, factor: 2, max: 5_000, resetAfter: 60_000 }
const budget = { intensity: 0, period: 1_000, retryAfter: 300_000 }

function stageOf(children: Record<string, PuppetOptions>): Stage {
  const stage: Stage = new Stage({
    intensity: 5,
    random: () => 0.5,
    children: Object.entries(children).map(([id, options]) => puppet(() => stage, id, options)),
  })
  return stage.start()
}

const last = (stage: Stage) => {
  const { path, epoch, cause, decision, reason } = stage.reports.at(-1) ?? {}
  return { path, epoch, cause: cause?.type, decision, reason }
}

describe('the report of a decision', () => {
  it.each(['permanent', 'temporary'] as const)('is made of a %s child that starts nothing', (restart) => {
    const stage: Stage = new Stage({ children: [{ id: 'idle', restart, start: () => undefined }] })
    stage.start()
    expect(last(stage)).toEqual({
      ...{ path: 'root/idle', epoch: 1, cause: 'boot', decision: 'leave' },
      reason: 'idle chose to start nothing',
    })
  })

  it('is made of one that starts nothing when it is asked to', async () => {
    const stage = stageOf({})
    await startChild(stage.supervisor, { id: 'idle', start: () => undefined })
    expect(last(stage)).toMatchObject({ path: 'root/idle', cause: 'call', decision: 'leave' })
    await restartChild(stage.supervisor, 'idle')
    expect(last(stage)).toMatchObject({ path: 'root/idle', epoch: 2, cause: 'call', decision: 'leave' })
  })

  it.each([
    { state: 'backing_off', rules: { backoff } },
    { state: 'crashed', rules: { budget } },
  ])('is made of one that is $state and then terminated, and is its last word', async ({ state, rules }) => {
    const stage = stageOf({ camera: rules })
    stage.puppet('camera').crash()
    expect(stage.states).toEqual({ camera: state })
    await terminateChild(stage.supervisor, 'camera')
    expect(last(stage)).toEqual({
      ...{ path: 'root/camera', epoch: 1, cause: 'call', decision: 'leave' },
      reason: 'camera is not started again: it was terminated',
    })
    expect(stage.snapshot.children[0]?.lastDecision).toBe('leave')
    const { length } = stage.reports
    await terminateChild(stage.supervisor, 'camera')
    expect(stage.reports).toHaveLength(length)
  })

  it.each([
    { state: 'backing_off', rules: { backoff } },
    { state: 'crashed', rules: { budget } },
  ])('is made of one that is $state when everything is to stop', ({ state, rules }) => {
    const stage = stageOf({ log: {}, camera: rules })
    stage.puppet('camera').crash()
    expect(stage.states).toEqual({ log: 'running', camera: state })
    stage.supervisor.send({ type: 'drain' })
    expect(stage.decisions.slice(-5)).toEqual([
      'root: shut_down',
      'camera: leave',
      'log: stop',
      'log: leave',
      'root: end',
    ])
    const left = stage.reports.find(({ path, decision }) => path === 'root/camera' && decision === 'leave')
    expect(left).toMatchObject({ cause: { type: 'drain' }, reason: 'camera is not started again: everything stops' })
  })

  it('is made of one whose end waits for its turn when everything is to stop', () => {
    const stage = stageOf({ writer: { startTimeout: 'infinity' }, camera: {} })
    stage.puppet('writer').ready()
    stage.puppet('writer').crash()
    stage.puppet('camera').crash()
    stage.supervisor.send({ type: 'drain' })
    expect(stage.decisions.slice(-6)).toEqual([
      'camera: wait',
      'root: shut_down',
      'camera: leave',
      'writer: stop',
      'writer: leave',
      'root: end',
    ])
    expect(stage.snapshot.output?.children.map(({ id, result }) => [id, result])).toEqual([
      ['writer', 'drained'],
      ['camera', 'crashed'],
    ])
  })

  it('says how such a one has ended, and its output with it', () => {
    const stage = stageOf({ writer: { startTimeout: 'infinity' }, camera: {}, cut: {} })
    stage.puppet('writer').ready()
    stage.puppet('writer').crash()
    stage.puppet('camera').finish({ drained: false })
    const cut = stage.snapshot.children[2]?.ref
    // Somebody else stops it.
    if (cut !== undefined) stage.actors.stop(cut)
    stage.supervisor.send({ type: 'drain' })
    expect(stage.snapshot.output).toMatchObject({
      drained: false,
      children: [
        { id: 'writer', result: 'drained' },
        { id: 'camera', result: 'drained', output: { drained: false } },
        { id: 'cut', result: 'cut_off' },
      ],
    })
  })

  it('is made of the time that a child is given because it gets on: the first, and each time that it is as much again', () => {
    const stage: Stage = new Stage({
      stopBudget: { total: 5_000, hardCap: 60_000, afterSecondStop: 1_000 },
      children: [puppet(() => stage, 'writer', { shutdown: 5_000, onDrain: 'drains when told' })],
    })
    stage.start()
    stage.supervisor.send({ type: 'drain' })
    const { length } = stage.reports
    for (let at = 1; at <= 110; at++) {
      stage.clock.advance(100)
      stage.puppet('writer').progress()
    }
    const told = stage.reports.slice(length)
    expect(told.map(({ at, reason }) => [at, reason])).toEqual([
      [100, 'writer gets on: it has 5000 ms from now'],
      [5_100, 'writer gets on: it has 5000 ms from now'],
      [10_100, 'writer gets on: it has 5000 ms from now'],
    ])
    expect(told[0]).toMatchObject({
      ...{ path: 'root/writer', epoch: 1, cause: { type: 'progress' }, decision: 'carry_on' },
    })
  })

  it('is made of such time that comes from the supervisor above, and of none where there is none to be had', () => {
    const stage: Stage = new Stage({
      stopBudget: { total: 5_000, hardCap: 8_000, afterSecondStop: 1_000 },
      children: [puppet(() => stage, 'writer', { shutdown: 5_000, onDrain: 'drains when told' })],
    })
    stage.start()
    stage.supervisor.send({ type: 'drain', within: 5_000 })
    const { length } = stage.reports
    stage.clock.advance(4_000)
    stage.puppet('writer').progress()
    expect(stage.reports).toHaveLength(length)
    stage.supervisor.send({ type: 'stop.extend', within: 60_000 })
    expect(stage.reports.slice(length).map(({ reason }) => reason)).toEqual(['writer gets on: it has 4000 ms from now'])
  })

  it('is made of each try of one that is crashed', () => {
    const stage = stageOf({ camera: { budget } })
    stage.puppet('camera').crash()
    stage.clock.advance(budget.retryAfter)
    expect(stage.reports.map(({ decision, cause, epoch, delay }) => [decision, cause.type, epoch, delay])).toEqual([
      ['start', 'boot', 1, undefined],
      ['carry_on', 'ready', 1, undefined],
      ['crash', 'exit', 1, budget.retryAfter],
      ['restart', 'retry', 1, undefined],
      ['start', 'retry', 2, undefined],
      ['carry_on', 'ready', 2, undefined],
    ])
  })

  it('says of one that is cut off which of its times is up', () => {
    const stage = stageOf({ camera: { startTimeout: 2_000 } })
    stage.clock.advance(2_000)
    const slow = stageOf({ writer: { shutdown: 3_000, onDrain: 'never drains' } })
    slow.supervisor.send({ type: 'drain' })
    slow.clock.advance(3_000)
    const told = [stage, slow].flatMap(({ reports }) => reports)
    expect(told.filter(({ decision }) => ['stop', 'cut_off'].includes(decision)).map(({ reason }) => reason)).toEqual([
      'killing camera: it was not ready in time',
      'asking writer to drain within 3000 ms',
      'killing writer: it did not finish draining in time',
    ])
  })

  it('is made once of one that is killed unasked and takes long to let go', async () => {
    const stage = stageOf({
      camera: {
        shutdown: 'brutal_kill',
        prepare: (life) => life.defer(() => new Promise((resolve) => stage.clock.setTimeout(resolve, 500))),
      },
    })
    stage.supervisor.send({ type: 'supervisor.terminate_child', id: 'camera' })
    await stage.clock.advanceAsync(500)
    expect(stage.decisions.slice(2)).toEqual(['camera: stop', 'camera: leave'])
  })

  it('is made of one whose end waits for its turn, and that is terminated meanwhile', async () => {
    const stage = stageOf({ writer: { startTimeout: 'infinity' }, camera: {} })
    stage.puppet('writer').ready()
    stage.puppet('writer').crash()
    const answer = terminateChild(stage.supervisor, 'camera')
    stage.puppet('camera').crash()
    stage.puppet('writer').ready()
    expect(await answer).toMatchObject({ ok: true })
    expect(last(stage)).toMatchObject({ path: 'root/camera', cause: 'call', decision: 'leave' })
  })

  it('is made of one that is deleted', async () => {
    const stage = stageOf({ camera: {} })
    await terminateChild(stage.supervisor, 'camera')
    await deleteChild(stage.supervisor, 'camera')
    expect(last(stage)).toEqual({
      ...{ path: 'root/camera', epoch: 1, cause: 'call', decision: 'forget' },
      reason: 'camera is deleted',
    })
  })

  it('comes before what is known of the child is forgotten', () => {
    const core = new Core(initialState({}, [{ id: 'camera', restart: 'temporary' }]))
    const happened = { id: 'camera', epoch: 1, at: 0, random: 0 }
    core.take({ type: 'boot', at: 0, random: 0 })
    core.take({ type: 'started', ...happened })
    const effects = core.take({ type: 'exited', ...happened, reason: { type: 'normal' }, killed: false })
    expect(effects.map(({ type }) => type)).toEqual(['report', 'forget'])
  })

  it('says what is left of the budget that it spends, and 0 for the life of the supervisor itself', () => {
    const budget = { intensity: 3, period: 60_000, retryAfter: 300_000 }
    const stage: Stage = new Stage({
      ...{ intensity: 7, period: 60_000, concurrent: true },
      children: [puppet(() => stage, 'camera', { budget }), puppet(() => stage, 'log')],
    })
    stage.start()
    expect(stage.reports.at(0)).toMatchObject({ cause: { type: 'boot' }, decision: 'start', restartsLeft: 3 })
    stage.puppet('camera').crash()
    stage.puppet('log').crash()
    const restarts = stage.reports.filter(({ decision }) => decision === 'restart')
    expect(restarts.map(({ path, restartsLeft }) => [path, restartsLeft])).toEqual([
      ['root/camera', 2],
      ['root/log', 6],
    ])
    stage.supervisor.send({ type: 'drain' })
    expect(stage.reports.at(-1)).toMatchObject({ path: 'root', epoch: 0, decision: 'end', restartsLeft: 6 })
  })

  it('is forgotten with the child it was about', () => {
    const stage: Stage = new Stage({ children: [puppet(() => stage, 'camera', { restart: 'temporary' })] })
    stage.start()
    const runtime = runtimeOf(stage.supervisor)
    expect(runtime.lastDecision('camera')).toBe('carry_on')
    stage.puppet('camera').finish()
    expect(runtime.lastDecision('camera')).toBeUndefined()
  })
})
