import { describe, expect, it } from 'vitest'
import type { ChildSpec, Restart, SupervisorOptions } from '../../src/supervision/index.ts'
import { puppet, type PuppetOptions, Stage } from './harness.ts'

/** `log`, and `idle`, which starts nothing but needs 100 ms to let go of what it had prepared. */
function stageOf(idle: Partial<ChildSpec> = {}, log: PuppetOptions = {}, options: SupervisorOptions = {}): Stage {
  const stage: Stage = new Stage({
    children: [
      puppet(() => stage, 'log', log),
      {
        id: 'idle',
        start(life) {
          life.defer(() => new Promise((resolve) => stage.clock.setTimeout(() => resolve(), 100)))
          return undefined
        },
        ...idle,
      },
    ],
    ...options,
  })
  return stage.start()
}

describe('a child that starts nothing, and is to stop before it has let go of what it had prepared', () => {
  it.each([
    { how: 'in time', shutdown: 5_000 },
    { how: 'after its deadline', shutdown: 50 },
    { how: 'though nobody would have asked it', shutdown: 'brutal_kill' },
  ] as const)('has ended once it has let go, $how', async ({ shutdown }) => {
    const stage = stageOf({ shutdown })
    await stage.clock.advanceAsync(40)
    stage.supervisor.send({ type: 'drain' })
    await stage.clock.advanceAsync(59)
    expect(stage.snapshot.value).toBe('stopping')
    await stage.clock.advanceAsync(1)
    expect(stage.snapshot.output).toMatchObject({
      ended: 'asked',
      children: [
        { id: 'log', result: 'drained' },
        { id: 'idle', result: 'drained' },
      ],
    })
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('is waited for by a second stop, too', async () => {
    const stage = stageOf()
    stage.supervisor.send({ type: 'drain' })
    stage.supervisor.send({ type: 'stop.hurry', within: 0 })
    await stage.clock.advanceAsync(100)
    expect(stage.snapshot.value).toBe('ended')
  })

  it('has ended though its turn to stop had not come', async () => {
    const stage = stageOf({}, { onDrain: 'drains when told' }, { stopOrder: ['log', 'idle'] })
    stage.supervisor.send({ type: 'drain' })
    await stage.clock.advanceAsync(100)
    expect(stage.snapshot.value).toBe('stopping')
    stage.puppet('log').finish()
    expect(stage.snapshot.output).toMatchObject({ ended: 'asked', drained: true })
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })
})

describe('a child that says it is ready, and then starts nothing', () => {
  const hasty = (restart: Restart): ChildSpec => ({
    id: 'idle',
    restart,
    startTimeout: 1_000,
    start(life) {
      life.ready()
      return undefined
    },
  })

  it.each([{}, { concurrent: true }, { restartsApart: true }])('has ended as one that had run: %j', (options) => {
    const stage: Stage = new Stage({ children: [hasty('temporary'), puppet(() => stage, 'log')], ...options })
    stage.start()
    expect(stage.states).toEqual({ log: 'running' })
    stage.supervisor.send({ type: 'drain' })
    expect(stage.snapshot).toMatchObject({ value: 'ended', output: { ended: 'asked', drained: true } })
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('spends the restarts of its supervisor where it is permanent, as one that ends at once', () => {
    const stage: Stage = new Stage({
      intensity: 2,
      children: [hasty('permanent'), puppet(() => stage, 'log')],
    })
    stage.start()
    expect(stage.snapshot.output?.ended).toBe('shutdown')
    expect(stage.decisions.filter((decision) => decision === 'idle: start')).toHaveLength(3)
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })
})
