import { describe, expect, it } from 'vitest'
import { restartChild, startChild, startInstance, terminateChild } from '../../src/supervision/index.ts'
import type { SupervisorOptions } from '../../src/supervision/index.ts'
import { puppet, type PuppetOptions, Stage } from './harness.ts'

/** Not started yet. */
function stageOf(children: Record<string, PuppetOptions>, options: SupervisorOptions = {}): Stage {
  const stage: Stage = new Stage({
    children: Object.entries(children).map(([id, puppetOptions]) => puppet(() => stage, id, puppetOptions)),
    ...options,
  })
  return stage
}

/** Told to stop, it ends with nothing left. */
function expectEnd(stage: Stage): void {
  stage.supervisor.send({ type: 'drain' })
  expect(stage.snapshot).toMatchObject({ value: 'ended', output: { ended: 'asked', drained: true } })
  expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
}

describe('a call that comes before the supervisor is started', () => {
  it('adds an instance of a template once', async () => {
    const stage = stageOf({ job: {} }, { strategy: 'simple_one_for_one' })
    const answer = startInstance(stage.supervisor, undefined, 'j')
    stage.start()
    expect(await answer).toMatchObject({ ok: true, id: 'j' })
    expect(stage.epochs).toEqual({ j: 1 })
    expect(stage.take()).toEqual(['job starts'])
    expectEnd(stage)
  })

  it.each([{}, { concurrent: true }, { restartsApart: true }])(
    'adds a child once, after those that the supervisor begins with: %j',
    async (options) => {
      const stage = stageOf({ first: {} }, options)
      const answer = startChild(
        stage.supervisor,
        puppet(() => stage, 'second'),
      )
      stage.start()
      expect(await answer).toMatchObject({ ok: true, id: 'second' })
      expect(stage.take()).toEqual(['first starts', 'second starts'])
      expect(stage.epochs).toEqual({ first: 1, second: 1 })
      expectEnd(stage)
    },
  )

  it('is answered once the child is ready', async () => {
    const stage = stageOf({ first: { startTimeout: 1_000 } })
    const answer = startChild(
      stage.supervisor,
      puppet(() => stage, 'second', { startTimeout: 1_000 }),
    )
    stage.start()
    expect(stage.states).toEqual({ first: 'starting' })
    stage.puppet('first').ready()
    expect(stage.states).toEqual({ first: 'running', second: 'starting' })
    stage.puppet('second').ready()
    expect(await answer).toMatchObject({ ok: true, id: 'second' })
    expect(stage.snapshot.hasTag('ready')).toBe(true)
    expectEnd(stage)
  })

  it.each([{}, { concurrent: true }, { restartsApart: true }])(
    'terminates a child for good, and is refused where that runs: %j',
    async (options) => {
      const stage = stageOf({ a: {}, b: {} }, options)
      const answers = [terminateChild(stage.supervisor, 'a'), restartChild(stage.supervisor, 'b')]
      stage.start()
      expect(await Promise.all(answers)).toMatchObject([
        { ok: true, id: 'a' },
        { ok: false, error: 'running' },
      ])
      expect(stage.states).toEqual({ a: 'terminated', b: 'running' })
      expectEnd(stage)
    },
  )
})
