import { describe, expect, it } from 'vitest'
import { cameraId } from '../../src/domain/ids.ts'
import { minutes, seconds } from '../../src/domain/units.ts'
import { createReload } from '../../src/slots/reload.ts'
import type { SupervisorRef } from '../../src/supervision/index.ts'
import { settle } from '../fakes/virtual-clock.ts'
import { configText, plain, readConfigOf, runCameras } from './run-cameras.ts'

const three = configText({ a: plain, b: plain, c: plain })
const changed = configText({ a: `${plain}, fps: 5`, b: plain, c: plain })
const removed = configText({ b: plain, c: plain })

async function started(random?: () => number) {
  const cameras = await runCameras(three, random)
  await cameras.start()
  return cameras
}

/** What the log says of reloads, and what is configured of `a` now: its `fps`, if it is there. */
const facts = ({ lines }: Awaited<ReturnType<typeof started>>) =>
  lines.filter(({ path }) => path === 'root').map(({ fact }) => fact)
const speedOf = ({ stage }: Awaited<ReturnType<typeof started>>, id: string) =>
  stage.cameras.find((camera) => camera.id === id)?.fps

describe('a reload that meets an operator’s restart', () => {
  it.each([
    { what: 'removes', next: removed, speed: undefined },
    { what: 'changes', next: changed, speed: 5 },
  ])('$what the camera all the same, and the restart is refused', async ({ next, speed }) => {
    const cameras = await started()
    const before = cameras.source('a')
    before.lingers = true
    const asked = cameras.operate({ type: 'camera.restart', cameraId: cameraId('a') }, 'me')
    await settle()
    const done = cameras.reload(() => readConfigOf(next))
    await settle()
    before.letGo()
    await done
    expect(await asked).toMatchObject({ cause: 'refused', words: 'Camera a was removed or changed meanwhile' })
    expect(cameras.running).toEqual({ b: 1, c: 1, ...(speed && { a: 2 }) })
    expect(before.isOpen).toBe(false)
    expect(speedOf(cameras, 'a')).toBe(speed)
    expect(cameras.stage.lanes.get(cameraId('a'))?.camera.fps).toBe(speed)
    expect(facts(cameras)).toEqual(['configuration applied'])
  })
})

describe('a reload that meets somebody who has the camera started again', () => {
  it.each([
    { what: 'removes', next: removed, speed: undefined },
    { what: 'changes', next: changed, speed: 5 },
  ])('ends it once more, and so $what it', async ({ next, speed }) => {
    const cameras = await started()
    const { group } = cameras
    const before = cameras.source('a')
    before.lingers = true
    const restart = () => group.send({ type: 'supervisor.restart_child', id: 'a' })
    group.send({ type: 'supervisor.terminate_child', id: 'a', reply: restart })
    await settle()
    const done = cameras.reload(() => readConfigOf(next))
    await settle()
    before.letGo()
    await done
    expect(cameras.running).toEqual({ b: 1, c: 1, ...(speed && { a: 3 }) })
    expect(cameras.sources.get('a')?.map(({ isOpen }) => isOpen)).toEqual([false, false, ...(speed ? [true] : [])])
    expect(cameras.stage.lanes.get(cameraId('a'))?.camera.fps).toBe(speed)
    expect(facts(cameras)).toEqual(['configuration applied'])
  })

  it('gives it up where that goes on: the others are applied, what runs is known and said, and the next reload mends it', async () => {
    const cameras = await started()
    const { group, stage } = cameras
    let asked = 0
    const stubborn: SupervisorRef = {
      getSnapshot: () => group.getSnapshot(),
      send(event) {
        if (event.type !== 'supervisor.delete_child' || event.id !== 'a') return group.send(event)
        asked++
        event.reply?.({ ok: false, error: 'running' })
      },
    }
    const reload = createReload({ stage, group: () => stubborn, isStopping: () => false })
    await reload(() => readConfigOf(configText({ b: plain, d: plain })))
    expect(asked).toBe(5)
    expect(cameras.running).toEqual({ a: 1, b: 1, d: 1 })
    expect(stage.cameras.map(({ id }) => id)).toEqual(['b', 'd', 'a'])
    expect(stage.configuration.refused?.why).toBe('only for camera a: Error: Camera a could not be removed: running')
    expect(cameras.lines).toMatchObject([
      { level: 'error', path: 'root/cameras/a', fact: 'could not be stopped' },
      { level: 'error', path: 'root', fact: 'configuration applied', fields: { failed: ['a'] } },
    ])
    await cameras.reloadTo(configText({ b: plain, d: plain }))
    expect(cameras.running).toEqual({ b: 1, d: 1 })
    expect(cameras.lines.at(-1)).toMatchObject({ level: 'always', fields: { removed: ['a'], unchanged: ['b', 'd'] } })
    expect(stage.configuration.refused).toBeNull()
  })
})

/** Takes part of each back-off. */
const half = () => 0.5

describe('a reload that meets a camera which has crashed', () => {
  it.each([
    { crashes: 1, state: 'backing_off' },
    { crashes: 6, state: 'crashed' },
  ])('changes it at once, with a budget of its own, where it is $state', async ({ crashes, state }) => {
    const cameras = await startedAndCrashed(crashes, state)
    await cameras.reloadTo(changed)
    expect(cameras.stateOf('a')).toBe('running')
    expect(cameras.running).toEqual({ a: crashes + 1, b: 1, c: 1 })
    expect(cameras.source('a').isOpen).toBe(true)
    expect(facts(cameras)).toEqual(['configuration applied'])
    // What was spent was spent by the camera as it was.
    await cameras.crash('a')
    expect(cameras.stateOf('a')).toBe('backing_off')
  })

  it.each([
    { crashes: 1, state: 'backing_off' },
    { crashes: 6, state: 'crashed' },
  ])('removes it for good where it is $state', async ({ crashes, state }) => {
    const cameras = await startedAndCrashed(crashes, state)
    await cameras.reloadTo(removed)
    expect(cameras.running).toEqual({ b: 1, c: 1 })
    expect(facts(cameras)).toEqual(['configuration applied'])
    const { length } = cameras.sources.get('a') ?? []
    await cameras.clock.advanceAsync(minutes(6))
    expect(cameras.sources.get('a')).toHaveLength(length)
  })

  it.each([
    { crashes: 1, state: 'backing_off', after: 250 },
    { crashes: 6, state: 'crashed', after: minutes(5) },
  ])('leaves its wait alone where it is $state and unchanged', async ({ crashes, state, after }) => {
    const cameras = await startedAndCrashed(crashes, state)
    await cameras.reloadTo(three)
    await cameras.clock.advanceAsync(after - 1)
    expect(cameras.stateOf('a')).toBe(state)
    await cameras.clock.advanceAsync(1)
    expect(cameras.stateOf('a')).toBe('running')
    expect(cameras.source('a').isOpen).toBe(true)
  })

  async function startedAndCrashed(crashes: number, state: string) {
    const cameras = await started(half)
    await cameras.crash('a')
    for (let count = 1; count < crashes; count++) {
      // The longest of these waits.
      await cameras.clock.advanceAsync(seconds(4))
      await cameras.crash('a')
    }
    expect(cameras.stateOf('a')).toBe(state)
    return cameras
  }
})

describe('a reload to a camera whose start throws', () => {
  const next = { added: configText({ a: plain, b: plain, c: plain, d: plain }), changed } as const

  it.each([
    { what: 'added', id: 'd', lives: 1 },
    { what: 'changed', id: 'a', lives: 2 },
  ] as const)(
    'keeps one that was $what: it waits, and is tried again as after any crash',
    async ({ what, id, lives }) => {
      const cameras = await started(half)
      cameras.broken.add(id)
      await cameras.reloadTo(next[what])
      expect(cameras.stateOf(id)).toBe('backing_off')
      expect(cameras.running[id]).toBe(lives)
      expect(facts(cameras)).toEqual(['configuration applied'])
      expect(cameras.stage.cameras.map((camera) => camera.id)).toContain(id)
      cameras.broken.delete(id)
      await cameras.clock.advanceAsync(250)
      expect(cameras.stateOf(id)).toBe('running')
      expect(cameras.source(id).isOpen).toBe(true)
    },
  )

  it('tries it every five minutes once its budget is spent, as one that could not be started from the beginning', async () => {
    const cameras = await runCameras(three, half)
    for (const id of ['a', 'd']) cameras.broken.add(id)
    await cameras.start()
    await cameras.reloadTo(next.added)
    await cameras.clock.advanceAsync(minutes(1))
    expect([cameras.stateOf('a'), cameras.stateOf('d')]).toEqual(['crashed', 'crashed'])
    expect(cameras.running).toEqual({ a: 6, b: 1, c: 1, d: 6 })
    cameras.broken.clear()
    await cameras.clock.advanceAsync(minutes(5))
    expect([cameras.stateOf('a'), cameras.stateOf('d')]).toEqual(['running', 'running'])
  })

  it('and an operator’s restart keeps it too', async () => {
    const cameras = await started(half)
    cameras.broken.add('a')
    await cameras.operate({ type: 'camera.restart', cameraId: cameraId('a') }, 'me')
    expect(cameras.stateOf('a')).toBe('backing_off')
  })
})
