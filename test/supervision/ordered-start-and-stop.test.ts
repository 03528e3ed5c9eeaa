import { describe, expect, it } from 'vitest'
import { puppet, Stage } from './harness.ts'

describe('a supervisor whose children become ready one after the other', () => {
  const build = () => {
    const stage: Stage = new Stage({
      intensity: 5,
      period: 60_000,
      stopOrder: ['camera', 'writer', 'manifest'],
      children: ['manifest', 'camera', 'writer'].map((id) => puppet(() => stage, id, { startTimeout: 10_000 })),
    })
    return stage.start()
  }

  it('starts each when the one before it is ready, not merely spawned', () => {
    const stage = build()
    expect(stage.take()).toEqual(['manifest starts'])
    expect(stage.snapshot.hasTag('ready')).toBe(false)
    stage.puppet('manifest').ready()
    expect(stage.take()).toEqual(['camera starts'])
    stage.puppet('camera').ready()
    stage.puppet('writer').ready()
    expect(stage.take()).toEqual(['writer starts'])
    expect(stage.snapshot.hasTag('ready')).toBe(true)
    expect(stage.states).toEqual({ manifest: 'running', camera: 'running', writer: 'running' })
    expect(stage.clock.pending).toBe(0)
  })

  it('is told to begin once, and knows since when each is in its state', () => {
    const stage = build()
    const since = () => stage.snapshot.children.map(({ since }) => since)
    const began = stage.clock.monotonic()
    stage.clock.advance(1_000)
    stage.supervisor.send({ type: 'supervisor.boot' })
    expect(stage.take()).toEqual(['manifest starts'])
    stage.puppet('manifest').ready()
    stage.clock.advance(1_000)
    stage.puppet('camera').ready()
    expect(since()).toEqual([began + 1_000, began + 2_000, began + 2_000])
  })

  it('knows since when one is stopping, however often that gets on', () => {
    const stage: Stage = new Stage({ children: [puppet(() => stage, 'camera', { onDrain: 'never drains' })] })
    stage.start()
    stage.supervisor.send({ type: 'drain' })
    const began = stage.clock.monotonic()
    stage.clock.advance(1_000)
    stage.puppet('camera').progress()
    expect(stage.snapshot.children[0]).toMatchObject({ state: 'stopping', since: began })
  })

  it('is not ready because one of them has come and gone, and says no more than that it is', () => {
    const stage: Stage = new Stage({
      children: [
        puppet(() => stage, 'once', {}),
        { id: 'idle', restart: 'temporary', start: () => undefined },
        puppet(() => stage, 'camera', { startTimeout: 10_000 }),
      ],
    })
    const said: string[] = []
    stage.supervisor.on('*', ({ type }) => said.push(type))
    stage.start()
    expect(stage.states).toEqual({ once: 'running', camera: 'starting' })
    expect(stage.snapshot.hasTag('ready')).toBe(false)
    stage.puppet('camera').ready()
    expect(stage.snapshot.hasTag('ready')).toBe(true)
    expect(said).toEqual([])
  })

  it('stops them in the stated order, each when the one before it has drained', () => {
    const stage = build()
    for (const id of ['manifest', 'camera', 'writer']) stage.puppet(id).ready()
    stage.take()
    stage.supervisor.send({ type: 'drain' })
    expect(stage.take()).toEqual([
      'camera hears drain',
      'camera is gone',
      'writer hears drain',
      'writer is gone',
      'manifest hears drain',
      'manifest is gone',
    ])
    expect(stage.snapshot.status).toBe('done')
    expect(stage.snapshot.output).toEqual({
      ended: 'asked',
      error: undefined,
      drained: true,
      children: ['manifest', 'camera', 'writer'].map((id) => ({
        id,
        path: `root/${id}`,
        result: 'drained',
        output: { drained: true },
      })),
    })
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('restarts the one that crashes, as a new incarnation, and touches no other', () => {
    const stage = build()
    for (const id of ['manifest', 'camera', 'writer']) stage.puppet(id).ready()
    stage.take()
    stage.puppet('camera').crash()
    expect(stage.take()).toEqual(['camera is gone', 'camera starts'])
    expect(stage.epochs).toEqual({ manifest: 1, camera: 2, writer: 1 })
    expect(stage.snapshot.status).toBe('active')
  })
})
