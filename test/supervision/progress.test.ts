import { describe, expect, it } from 'vitest'
import { Core, initialState } from '../../src/supervision/core.ts'
import type { Effect } from '../../src/supervision/core-events.ts'
import { createSupervisor, run, type SupervisorOptions } from '../../src/supervision/index.ts'
import { puppet, Stage } from './harness.ts'

const slow = { onDrain: 'drains when told', shutdown: 5_000 } as const

/** root over a group that has 5,000 ms to stop, with cameras side by side. */
function stageOf(root: SupervisorOptions, group: SupervisorOptions = {}): Stage {
  const stage: Stage = new Stage({
    children: [
      puppet(() => stage, 'log', { shutdown: 5_000 }),
      {
        id: 'group',
        type: 'supervisor',
        shutdown: 5_000,
        start: () =>
          run(
            createSupervisor({
              concurrent: true,
              children: ['a', 'b'].map((id) => puppet(() => stage, id, slow)),
              ...group,
            }),
          ),
      },
    ],
    ...root,
  })
  return stage.start()
}

/** Lets `ms` pass in which `a` gets on every second; the moments at which the puppets are gone. */
function passWithProgress(stage: Stage, ms: number): Record<string, number> {
  const gone: Record<string, number> = {}
  for (let at = 1; at <= ms; at++) {
    stage.clock.advance(1)
    for (const line of stage.take()) if (line.endsWith('is gone')) gone[line.split(' ')[0] ?? ''] = at
    if (at % 1_000 === 0 && !('a' in gone) && stage.snapshot.status === 'active') stage.puppet('a').progress()
  }
  return gone
}

describe('progress of a child that is being killed', () => {
  it('comes too late: it is given nothing', () => {
    const stopBudget = { total: 10_000, hardCap: 30_000, afterSecondStop: 1_000 }
    const core = new Core(initialState({ stopBudget }, [{ id: 'a', shutdown: 5_000 }]))
    const at = { at: 0, random: 0 }
    const armed = (effects: readonly Effect[]) =>
      effects.flatMap((effect) => (effect.type === 'arm' ? effect.token : []))
    core.take({ ...at, type: 'boot' })
    core.take({ ...at, type: 'started', id: 'a', epoch: 1 })
    const [token = 0] = armed(core.take({ ...at, type: 'drain' }))
    const progress = { type: 'progress', id: 'a', epoch: 1 } as const
    const [next = 0] = armed(core.take({ ...at, at: 1_000, ...progress }))
    expect(next).toBeGreaterThan(token)
    core.take({ ...at, at: 6_000, type: 'expired', id: 'a', token: next })
    expect(core.child('a')?.killedFor).toBe('shutdown_timeout')
    expect(core.take({ ...at, at: 6_000, ...progress })).toEqual([])
  })
})

describe('progress below a supervisor that is told to stop', () => {
  const stopBudget = { total: 10_000, hardCap: 30_000, afterSecondStop: 1_000 }

  it('gives the child and its supervisor as much time again, up to the cap of the root', () => {
    const stage = stageOf({ stopBudget })
    stage.supervisor.send({ type: 'drain' })
    // 5,000 ms are kept for the log, and the half second before them is the group's own.
    expect(passWithProgress(stage, 30_000)).toEqual({ b: 4_500, a: 24_500, log: 24_500 })
    expect(stage.snapshot.output).toMatchObject({ ended: 'asked', drained: false })
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('gives it at once: the next sign need not come before the first deadline', () => {
    const stage = stageOf({ stopBudget })
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(4_400)
    stage.puppet('a').progress()
    stage.take()
    stage.clock.advance(4_499)
    expect(stage.take()).toEqual(['b is gone'])
    stage.clock.advance(1)
    expect(stage.take()).toEqual(['a is gone', 'log hears drain', 'log is gone'])
  })

  it('is passed on where the children that stop later would have too little left, and only then', () => {
    const asked: string[] = []
    const stage: Stage = new Stage({
      children: [puppet(() => stage, 'later', { shutdown: 5_000 }), puppet(() => stage, 'a', slow)],
    })
    stage.start()
    stage.supervisor.on('progress', ({ type }) => asked.push(type))
    stage.supervisor.send({ type: 'drain', within: 12_000 })
    stage.clock.advance(2_000)
    stage.puppet('a').progress()
    expect(asked).toEqual([])
    stage.clock.advance(1)
    stage.puppet('a').progress()
    expect(asked).toEqual(['progress'])
  })

  it('is not to the gain of those who stop later', () => {
    const stage: Stage = new Stage({
      children: [
        puppet(() => stage, 'later', { shutdown: 'infinity', onDrain: 'never drains' }),
        puppet(() => stage, 'a', { ...slow, shutdown: 1_000 }),
      ],
      stopBudget,
    })
    stage.start()
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(500)
    stage.puppet('a').progress()
    stage.clock.advance(100)
    stage.puppet('a').finish()
    stage.take()
    stage.clock.advance(9_399)
    expect(stage.take()).toEqual([])
    stage.clock.advance(1)
    expect(stage.take()).toEqual(['later is gone'])
  })

  it.each([
    { hardCap: 20_000, later: 'infinity', gone: { a: 15_000, later: 20_000 } },
    { hardCap: undefined, later: 'infinity', gone: { a: 5_000, later: 10_000 } },
    { hardCap: 20_000, later: 4_000, gone: { a: 16_000, later: 20_000 } },
  ] as const)('leaves one that stops later ($later) its time, with a cap of $hardCap', ({ hardCap, later, gone }) => {
    const stage: Stage = new Stage({
      children: [
        puppet(() => stage, 'later', { shutdown: later, onDrain: 'never drains' }),
        puppet(() => stage, 'a', { ...slow, shutdown: 1_500 }),
      ],
      stopBudget: { total: 10_000, afterSecondStop: 1_000, ...(hardCap && { hardCap }) },
    })
    stage.start()
    stage.supervisor.send({ type: 'drain' })
    expect(passWithProgress(stage, 20_000)).toEqual(gone)
  })

  it('takes back nothing, however little more there is', () => {
    const stage: Stage = new Stage({
      children: [puppet(() => stage, 'a', slow)],
      stopBudget: { total: 5_000, hardCap: 8_000, afterSecondStop: 1_000 },
    })
    stage.start()
    stage.take()
    stage.supervisor.send({ type: 'drain' })
    stage.supervisor.send({ type: 'stop.extend', within: 100 })
    stage.clock.advance(4_000)
    stage.puppet('a').progress()
    stage.clock.advance(3_999)
    expect(stage.take()).toEqual(['a hears drain'])
    stage.clock.advance(1)
    expect(stage.take()).toEqual(['a is gone'])
  })

  it('gives no more where the root has no cap beyond its total', () => {
    const stage = stageOf({ stopBudget: { ...stopBudget, hardCap: 10_000 } })
    stage.supervisor.send({ type: 'drain' })
    expect(passWithProgress(stage, 10_000)).toEqual({ b: 4_500, a: 4_500, log: 4_500 })
  })

  it.each([
    { allows: 'up to its cap', group: { total: 4_000, hardCap: 7_000 }, ends: 7_000 },
    { allows: 'its total, where it has no cap', group: { total: 4_000 }, ends: 4_000 },
  ])('gives no more than the group itself allows: $allows', ({ group, ends }) => {
    const stage = stageOf({ stopBudget }, { stopBudget: { ...group, afterSecondStop: 1_000 } })
    stage.supervisor.send({ type: 'drain' })
    expect(passWithProgress(stage, 30_000)).toEqual({ b: 4_000, a: ends, log: ends })
  })

  it('gives no more than the root allows, whatever the cap of the group', () => {
    const stage = stageOf(
      { stopBudget: { ...stopBudget, hardCap: 10_000 } },
      { stopBudget: { total: 4_000, hardCap: 20_000, afterSecondStop: 1_000 } },
    )
    stage.supervisor.send({ type: 'drain' })
    expect(passWithProgress(stage, 30_000)).toEqual({ b: 4_000, a: 4_500, log: 4_500 })
  })

  it('gives nothing to one that has been asked a second time', () => {
    const stage = stageOf({ stopBudget })
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(900)
    stage.puppet('a').progress()
    stage.supervisor.send({ type: 'stop.hurry' })
    const { a } = passWithProgress(stage, 10_000)
    expect(a).toBeLessThan(1_000)
    expect(stage.clock.monotonic()).toBe(10_900)
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('reaches through every supervisor in between', () => {
    const stage: Stage = new Stage({
      children: [
        {
          id: 'outer',
          type: 'supervisor',
          shutdown: 5_000,
          start: () =>
            run(
              createSupervisor({
                children: [
                  {
                    id: 'inner',
                    type: 'supervisor',
                    start: () => run(createSupervisor({ children: [puppet(() => stage, 'a', slow)] })),
                  },
                ],
              }),
            ),
        },
      ],
      stopBudget: { total: 5_000, hardCap: 60_000, afterSecondStop: 1_000 },
    })
    stage.start()
    stage.supervisor.send({ type: 'drain' })
    expect(passWithProgress(stage, 20_000)).toEqual({})
    stage.puppet('a').finish()
    expect(stage.snapshot.output).toMatchObject({ ended: 'asked', drained: true })
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('gives a group that is terminated alone as long as it gets on', () => {
    const stage = stageOf({})
    stage.supervisor.send({ type: 'supervisor.terminate_child', id: 'group' })
    expect(passWithProgress(stage, 20_000)).toEqual({ b: 4_500 })
    stage.puppet('a').finish()
    expect(stage.states).toEqual({ log: 'running', group: 'terminated' })
    expect(stage.clock.pending).toBe(0)
  })
})
