import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createActor, fromCallback, fromPromise, setup } from 'xstate'
import { watchSystem } from '../../src/supervision/actor-system.ts'
import { type ChildSpec, createSupervisor, type Report, run } from '../../src/supervision/index.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'
import { puppet, Stage } from './harness.ts'

const { setTimeout: realSetTimeout } = globalThis

/** What XState would throw at the process, out of anybody's reach. */
let unhandled: (() => void)[] = []
beforeEach(() => {
  unhandled = []
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: () => void, delay?: number) => {
    if (delay !== undefined) return realSetTimeout(callback, delay)
    unhandled.push(callback)
    return 0 as unknown as NodeJS.Timeout
  }) as typeof setTimeout)
})
afterEach(() => {
  vi.restoreAllMocks()
})

const stageOf = (children: (stage: () => Stage) => ChildSpec[]): Stage => {
  const stage: Stage = new Stage({ intensity: 5, period: 60_000, children: children(() => stage) })
  return stage
}

describe('a subscriber that throws', () => {
  it('does not keep the supervisor from starting, restarting or stopping', () => {
    const stage = stageOf((on) => [puppet(on, 'a'), puppet(on, 'b')])
    stage.supervisor.subscribe(() => {
      throw new Error('a bad subscriber')
    })
    stage.start()
    stage.snapshot.children[0]?.ref?.subscribe({
      error: () => {
        throw new Error('another')
      },
    })
    stage.puppet('a').crash()
    expect(stage.epochs).toEqual({ a: 2, b: 1 })
    stage.supervisor.send({ type: 'drain' })
    expect(stage.snapshot.output?.drained).toBe(true)
    expect(unhandled.length).toBeGreaterThan(0)
  })
})

describe('a subscriber', () => {
  it('sees no step of a supervisor half done', () => {
    const stage = stageOf((on) => [puppet(on, 'a'), puppet(on, 'b')])
    const seen: unknown[] = []
    stage.supervisor.subscribe(() => seen.push(stage.states))
    stage.start()
    expect(seen).toEqual([
      { a: 'waiting', b: 'waiting' },
      { a: 'running', b: 'running' },
    ])
  })

  it('of a child hears of its end before the next life begins', () => {
    const stage = stageOf((on) => [puppet(on, 'a')]).start()
    stage.snapshot.children[0]?.ref?.subscribe({ error: () => stage.log.push('a subscriber hears of it') })
    stage.take()
    stage.puppet('a').crash()
    expect(stage.take()).toEqual(['a is gone', 'a subscriber hears of it', 'a starts'])
  })
})

describe('an inspector that throws', () => {
  it('loses no event, and is reported', () => {
    const clock = new VirtualClock()
    const reports: Report[] = []
    const stage = stageOf((on) => [puppet(on, 'a', { startTimeout: 1_000 }), puppet(on, 'b')])
    const children = [puppet(() => stage, 'a', { startTimeout: 1_000 }), puppet(() => stage, 'b')]
    const supervisor = createActor(createSupervisor({ clock, children, onReport: (report) => reports.push(report) }), {
      id: 'root',
    })
    const error = new Error('a bad inspector')
    supervisor.system.inspect(() => {
      throw error
    })
    supervisor.start()
    stage.puppet('a').ready()
    stage.puppet('b').crash()
    expect(supervisor.getSnapshot().children.map(({ id, state, epoch }) => [id, state, epoch])).toEqual([
      ['a', 'running', 1],
      ['b', 'running', 2],
    ])
    expect(reports.find(({ cause }) => cause.type === 'fault')).toMatchObject({
      path: 'root',
      epoch: 0,
      cause: { error },
      decision: 'carry_on',
      reason: 'an inspector failed: Error: a bad inspector',
    })
    supervisor.send({ type: 'drain' })
    expect(supervisor.getSnapshot().output?.drained).toBe(true)
    expect(clock.pending).toBe(0)
  })
})

describe('an inspector that throws where one supervisor is below another', () => {
  it('is reported by the one above', () => {
    const heard: string[] = []
    const hears = (who: string) => (report: Report) => {
      if (report.cause.type === 'fault') heard.push(`${who}: ${report.path}`)
    }
    const group = createSupervisor({ onReport: hears('group') })
    const clock = new VirtualClock()
    const children = [{ id: 'group', start: () => run(group) }]
    const supervisor = createActor(createSupervisor({ clock, children, onReport: hears('root') }), { id: 'root' })
    supervisor.start()
    expect(heard).toEqual([])
    supervisor.system.inspect(() => {
      throw new Error('a bad inspector')
    })
    supervisor.send({ type: 'drain' })
    expect(new Set(heard)).toEqual(new Set(['root: root']))
  })
})

describe('a disposer that fails', () => {
  it.each([
    {
      how: 'throws',
      dispose: () => {
        throw new Error('stuck')
      },
    },
    { how: 'rejects', dispose: () => Promise.reject(new Error('stuck')) },
  ])('is reported when it $how, and the others still run before the next life begins', async ({ dispose }) => {
    const stage = stageOf((on) => [puppet(on, 'a')]).start()
    const disposed: string[] = []
    const { incarnation } = stage.puppet('a')
    incarnation.defer(() => void disposed.push('first'))
    incarnation.defer(dispose)
    incarnation.defer(() => void disposed.push('last'))
    stage.puppet('a').crash()
    await settle()
    expect(disposed).toEqual(['last', 'first'])
    expect(stage.epochs).toEqual({ a: 2 })
    expect(stage.reports.filter(({ cause }) => cause.type === 'fault')).toMatchObject([
      { path: 'root/a', epoch: 1, cause: { error: new Error('stuck') }, decision: 'carry_on' },
    ])
    expect(stage.reports.find(({ cause }) => cause.type === 'fault')?.reason).toBe(
      'a disposer of a failed: Error: stuck',
    )
  })

  it('is reported with the restarts that are left of the budget that its child spends', () => {
    const budget = { intensity: 3, period: 60_000, retryAfter: 300_000 }
    const stage: Stage = new Stage({
      ...{ intensity: 7, period: 60_000 },
      children: [puppet(() => stage, 'camera', { budget }), puppet(() => stage, 'log')],
    })
    stage.start()
    for (const id of ['camera', 'log']) {
      stage.puppet(id).crash()
      stage.puppet(id).incarnation.defer(() => {
        throw new Error('stuck')
      })
      stage.puppet(id).crash()
    }
    const faults = stage.reports.filter(({ cause }) => cause.type === 'fault')
    expect(faults.map(({ path, restartsLeft }) => [path, restartsLeft])).toEqual([
      ['root/camera', 2],
      ['root/log', 6],
    ])
  })

  it('is given up after its deadline', async () => {
    const stage = stageOf((on) => [puppet(on, 'a')]).start()
    stage.puppet('a').incarnation.defer(() => new Promise(() => {}), 300)
    stage.puppet('a').crash()
    await stage.clock.advanceAsync(299)
    expect(stage.epochs).toEqual({ a: 1 })
    await stage.clock.advanceAsync(1)
    expect(stage.epochs).toEqual({ a: 2 })
    expect(stage.reports.find(({ cause }) => cause.type === 'fault')?.cause).toMatchObject({
      error: { code: 'supervision.disposer_timeout', path: 'root/a', deadline: 300 },
    })
    expect(stage.clock.pending).toBe(0)
  })

  it('runs at once when it is registered after the end', () => {
    const stage = stageOf((on) => [puppet(on, 'a')]).start()
    const { incarnation } = stage.puppet('a')
    stage.puppet('a').crash()
    let disposed = false
    incarnation.defer(() => void (disposed = true))
    expect(disposed).toBe(true)
    expect(incarnation.signal.aborted).toBe(true)
  })
})

describe('what an old life says late', () => {
  it('changes nothing', () => {
    const stage = stageOf((on) => [puppet(on, 'a', { startTimeout: 1_000 })]).start()
    const old = stage.puppet('a').incarnation
    stage.puppet('a').ready()
    stage.puppet('a').crash()
    old.ready()
    expect(stage.states).toEqual({ a: 'starting' })
    stage.supervisor.send({ type: 'drain' })
    old.progress()
    expect(stage.snapshot.status).toBe('done')
  })
})

describe('whatever XState leaves running', () => {
  it('is stopped when the machine above it has thrown, and also what it started in the same step', () => {
    const clock = new VirtualClock()
    const log: string[] = []
    const resident = (name: string) =>
      fromCallback(() => {
        log.push(`${name} begins`)
        return () => log.push(`${name} ends`)
      })
    const machine = setup({
      actors: { old: resident('old'), fresh: resident('fresh') },
      actions: {
        explode: () => {
          throw new Error('boom')
        },
      },
    }).createMachine({
      invoke: { src: 'old' },
      initial: 'quiet',
      states: {
        quiet: { on: { go: 'loud' } },
        loud: { invoke: { src: 'fresh' }, initial: 'bang', states: { bang: { entry: 'explode' } } },
      },
    })
    const supervisor = createActor(
      createSupervisor({ clock, children: [{ id: 'a', restart: 'temporary', start: () => run(machine) }] }),
      { id: 'root' },
    )
    const actors = watchSystem(supervisor.system)
    supervisor.start()
    expect(actors.count).toBe(3)
    supervisor.getSnapshot().children[0]?.ref?.send({ type: 'go' })
    expect(log).toContain('old ends')
    expect(log.filter((line) => line.startsWith('fresh'))).toEqual(
      log.includes('fresh begins') ? ['fresh begins', 'fresh ends'] : [],
    )
    expect(actors.count).toBe(1)
  })

  it('includes a promise: its signal aborts', () => {
    const clock = new VirtualClock()
    let aborted = false
    const logic = fromPromise(({ signal }) => {
      signal.addEventListener('abort', () => (aborted = true))
      return new Promise(() => {})
    })
    const supervisor = createActor(
      createSupervisor({ clock, children: [{ id: 'a', shutdown: 100, start: () => run(logic) }] }),
      { id: 'root' },
    )
    supervisor.start()
    supervisor.send({ type: 'drain' })
    clock.advance(100)
    expect(aborted).toBe(true)
    expect(supervisor.getSnapshot().output?.children).toEqual([{ id: 'a', path: 'root/a', result: 'cut_off' }])
  })
})

describe('a child whose output is null', () => {
  it('has drained all the same', () => {
    const stage = stageOf((on) => [puppet(on, 'a', { onDrain: 'drains when told' })]).start()
    stage.supervisor.send({ type: 'drain' })
    stage.puppet('a').finish(null)
    expect(stage.snapshot.output).toMatchObject({ drained: true, children: [{ result: 'drained', output: null }] })
  })
})

describe('ids that look like numbers', () => {
  it('start and stop in the order given, not in that of the numbers', () => {
    const stage = stageOf((on) => ['10', '2', '1'].map((id) => puppet(on, id))).start()
    stage.supervisor.send({ type: 'drain' })
    expect(stage.take()).toEqual([
      '10 starts',
      '2 starts',
      '1 starts',
      '1 hears drain',
      '1 is gone',
      '2 hears drain',
      '2 is gone',
      '10 hears drain',
      '10 is gone',
    ])
  })
})

describe('a child that is stopped by somebody else', () => {
  it('has ended for its supervisor, which restarts it', () => {
    const stage = stageOf((on) => [puppet(on, 'a')]).start()
    const ref = stage.snapshot.children[0]?.ref
    if (ref === undefined) throw new Error('a is not up')
    stage.actors.stop(ref)
    expect(stage.epochs).toEqual({ a: 2 })
    expect(stage.states).toEqual({ a: 'running' })
  })
})

describe('a report listener that throws', () => {
  it('does not disturb the supervisor; its error goes to the process', async () => {
    const thrown: unknown[] = []
    const queued: (() => void)[] = []
    vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((callback) => void queued.push(callback))
    const stage: Stage = new Stage({
      children: [puppet(() => stage, 'a')],
      onReport: () => {
        throw new Error('a bad listener')
      },
    })
    stage.start()
    for (const callback of queued) {
      try {
        callback()
      } catch (error) {
        thrown.push(error)
      }
    }
    expect(stage.states).toEqual({ a: 'running' })
    expect(thrown).toEqual([new Error('a bad listener'), new Error('a bad listener')])
  })
})

describe('a supervisor without a clock', () => {
  it('says so instead of starting', () => {
    const supervisor = createActor(createSupervisor({ children: [] }), { id: 'root' })
    let error: unknown
    supervisor.subscribe({ error: (reason) => (error = reason) })
    supervisor.start()
    expect(String(error)).toBe('Error: supervisor root has no clock: give it one, or run it below one that has')
  })
})
