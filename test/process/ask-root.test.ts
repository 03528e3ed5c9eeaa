import { createActor, setup } from 'xstate'
import { describe, expect, it } from 'vitest'
import { seconds } from '../../src/domain/units.ts'
import { askRoot, type Root } from '../../src/process/ask-root.ts'
import { Heartbeat } from '../../src/process/heartbeat.ts'
import { createSupervisor, run, type SupervisorEvent } from '../../src/supervision/index.ts'
import { silentLog } from '../fakes/noted-log.ts'
import { stillVitals } from '../fakes/still-vitals.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'
import { runPlant } from '../slots/run-plant.ts'

/** A heart that asks a real root, to which events may be kept from coming. */
async function startBeating(children: Parameters<typeof createSupervisor>[0]['children'] = []) {
  const clock = new VirtualClock()
  const actor = createActor(createSupervisor({ clock, children }), { id: 'root', clock })
  actor.subscribe({ error: () => undefined })
  let isStuck = false
  const root: Root = {
    getSnapshot: () => actor.getSnapshot(),
    send: (event: SupervisorEvent) => void (isStuck || actor.send(event)),
  }
  let fed = 0
  const heart = new Heartbeat({
    clock,
    vitals: stillVitals,
    log: silentLog,
    memoryBudget: Infinity,
    onBeat: () => askRoot(root, () => fed++),
  })
  heart.start()
  actor.start()
  await settle()
  return {
    actor,
    stick: () => (isStuck = true),
    fedWithin: async (ms: number) => {
      const before = fed
      await clock.advanceAsync(ms)
      return fed - before
    },
  }
}

describe('a heart that asks the root with each beat', () => {
  it('is heard of while the root answers', async () => {
    const { fedWithin } = await startBeating()
    expect(await fedWithin(seconds(5))).toBe(5)
  })

  it('is heard of while a slot starts, however long it takes', async () => {
    const loading = setup({ types: {} as { tags: 'ready' } }).createMachine({
      id: 'inference',
      initial: 'loading',
      states: { loading: {}, loaded: { tags: 'ready' } },
    })
    const { fedWithin, actor } = await startBeating([
      { id: 'inference', startTimeout: 'infinity', start: () => run(loading) },
      { id: 'cameras', start: () => run(loading) },
    ])
    expect([await fedWithin(seconds(600)), actor.getSnapshot().value]).toEqual([600, 'starting'])
  })

  it('is not, once the root takes events and handles none, although it has not failed', async () => {
    const { fedWithin, stick, actor } = await startBeating()
    stick()
    expect([await fedWithin(seconds(5)), actor.getSnapshot().status]).toEqual([0, 'active'])
  })

  it('is, once the root has ended as it was told to: threads may still be waited for', async () => {
    const { fedWithin, actor } = await startBeating()
    actor.send({ type: 'drain' })
    await settle()
    expect([await fedWithin(seconds(5)), actor.getSnapshot().status]).toEqual([5, 'done'])
  })
})

describe('the heart of the daemon', () => {
  it('is heard of once a second, each time after the root was asked', async () => {
    const heard: string[] = []
    const plant = await runPlant(undefined, undefined, {
      beat: () => heard.push('beat'),
      event: (path, type) => void (type === 'supervisor.count_children' && heard.push(`${path} is asked`)),
    })
    heard.splice(0)
    await plant.pass(3_000)
    expect(heard).toEqual(Array.from({ length: 3 }, () => ['root is asked', 'beat']).flat())
  })
})
