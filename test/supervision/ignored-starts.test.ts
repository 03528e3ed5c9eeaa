import { describe, expect, it } from 'vitest'
import type { ChildSpec } from '../../src/supervision/index.ts'
import { puppet, Stage } from './harness.ts'

/** `log`, and `idle`, which starts nothing but needs 100 ms to let go of what it had prepared. */
function stageOf(idle: Partial<ChildSpec> = {}): Stage {
  const stage: Stage = new Stage({
    children: [
      puppet(() => stage, 'log'),
      {
        id: 'idle',
        start(life) {
          life.defer(() => new Promise((resolve) => stage.clock.setTimeout(() => resolve(), 100)))
          return undefined
        },
        ...idle,
      },
    ],
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
})
