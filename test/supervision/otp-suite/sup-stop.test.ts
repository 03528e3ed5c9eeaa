import { describe, expect, it } from 'vitest'
import { run, startChild } from '../../../src/supervision/index.ts'
import { fates, nothing, slowToDrain, start, startLink, startLinkSimple, startOne, terminate } from './support.ts'

describe('sup_stop', () => {
  // The time that a child has is `infinity` for a worker as well, if it says so.
  it('sup_stop_infinity', async () => {
    const stage = startLink()
    await start(stage, 'child1', { shutdown: 'infinity', type: 'supervisor' })
    await start(stage, 'child2', { shutdown: 'infinity', onDrain: 'drains when told' })
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(86_400_000)
    expect(stage.states).toEqual({ child1: 'running', child2: 'stopping' })
    stage.puppet('child2').finish()
    expect(fates(stage)).toEqual({ child1: 'drained', child2: 'drained' })
    expect(stage.leftovers).toEqual(nothing)
  })

  it('sup_stop_timeout', async () => {
    const stage = startLink()
    await start(stage, 'child1', { shutdown: 1_000 })
    await start(stage, 'child2', { shutdown: 1_000, onDrain: 'never drains' })
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(999)
    expect(stage.snapshot.status).toBe('active')
    stage.clock.advance(1)
    expect(fates(stage)).toEqual({ child1: 'drained', child2: 'cut_off' })
    expect(stage.leftovers).toEqual(nothing)
  })

  it('sup_stop_timeout_dynamic', async () => {
    const stage = startLink({
      strategy: 'simple_one_for_one',
      children: [
        {
          id: 'child',
          restart: 'temporary',
          shutdown: 1_000,
          start: (_, time) => run(slowToDrain, { time: time as number }),
        },
      ],
    })
    await startOne(stage, 'a', 0)
    await startOne(stage, 'b', 200_000)
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(999)
    expect(stage.states).toEqual({ a: 'terminated', b: 'stopping' })
    stage.clock.advance(1)
    expect(fates(stage)).toEqual({ a: 'drained', b: 'cut_off' })
    expect(stage.leftovers).toEqual(nothing)
  })

  it('sup_stop_brutal_kill', async () => {
    const stage = startLink()
    await start(stage, 'child1', { shutdown: 1_000 })
    await start(stage, 'child2', { shutdown: 'brutal_kill' })
    stage.take()
    stage.supervisor.send({ type: 'drain' })
    expect(stage.take()).toEqual(['child2 is gone', 'child1 hears drain', 'child1 is gone'])
    expect(fates(stage)).toEqual({ child1: 'drained', child2: 'cut_off' })
    expect(stage.leftovers).toEqual(nothing)
  })

  it('sup_stop_brutal_kill_dynamic', async () => {
    const stage = startLinkSimple({}, { restart: 'temporary', shutdown: 'brutal_kill' })
    const ids = Array.from({ length: 10 }, (_, index) => `child${index + 1}`)
    for (const id of ids) await startOne(stage, id)
    stage.take()
    stage.supervisor.send({ type: 'drain' })
    expect(stage.take()).toEqual(ids.map((id) => `${id} is gone`).reverse())
    expect(fates(stage)).toEqual(Object.fromEntries(ids.map((id) => [id, 'cut_off'])))
    expect(stage.leftovers).toEqual(nothing)
  })

  // Children end by themselves, each for its own reason, while another one still takes its time.
  it('sup_stop_race', async () => {
    const stage = startLink()
    await start(stage, 'child_a', { restart: 'temporary', shutdown: 1_000 })
    for (const restart of ['temporary', 'transient', 'permanent'] as const) {
      for (const how of ['normal', 'shutdown', 'abnormal'] as const) {
        await start(stage, `${restart}_${how}`, { restart, shutdown: 1_000, onDrain: 'drains when told' })
      }
    }
    await startChild(stage.supervisor, {
      id: 'child_z',
      restart: 'temporary',
      shutdown: 2_000,
      start: () => run(slowToDrain, { time: 1_000 }),
    })
    stage.take()
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(200)
    for (const restart of ['temporary', 'transient', 'permanent'] as const) {
      for (const how of ['normal', 'shutdown', 'abnormal'] as const) terminate(stage, `${restart}_${how}`, how)
    }
    expect(stage.take().filter((line) => !line.endsWith(' is gone'))).toEqual([])
    stage.clock.advance(799)
    expect(stage.states).toMatchObject({ child_a: 'running', child_z: 'stopping' })
    stage.clock.advance(1)
    expect(stage.take()).toEqual(['child_a hears drain', 'child_a is gone'])
    // Who is stopped by somebody else has not drained, though OTP's reason for both is `shutdown`.
    expect(fates(stage)).toEqual({
      child_a: 'drained',
      temporary_normal: 'drained',
      temporary_shutdown: 'cut_off',
      temporary_abnormal: 'crashed',
      transient_normal: 'drained',
      transient_shutdown: 'cut_off',
      transient_abnormal: 'crashed',
      permanent_normal: 'drained',
      permanent_shutdown: 'cut_off',
      permanent_abnormal: 'crashed',
      child_z: 'drained',
    })
    expect(stage.snapshot.output?.ended).toBe('asked')
    expect(stage.leftovers).toEqual(nothing)
  })

  it('sup_stop_non_shutdown_exit_dynamic', async () => {
    for (const restart of ['temporary', 'transient', 'permanent'] as const) {
      const stage = startLinkSimple({}, { restart, onDrain: 'drains when told' })
      const ways = ['normal', 'shutdown', 'abnormal'] as const
      for (const how of ways) await startOne(stage, how)
      stage.supervisor.send({ type: 'drain' })
      for (const how of ways) terminate(stage, how, how)
      expect(fates(stage)).toEqual({ normal: 'drained', shutdown: 'cut_off', abnormal: 'crashed' })
      expect(stage.snapshot.output?.ended).toBe('asked')
      expect(stage.leftovers).toEqual(nothing)
    }
  })
})
