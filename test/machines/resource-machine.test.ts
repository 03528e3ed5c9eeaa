import { describe, expect, it } from 'vitest'
import { createActor } from 'xstate'
import { ManifestFailedError } from '../../src/domain/manifest-errors.ts'
import { createResourceActors } from '../../src/actors/resource.ts'
import { resourceMachine } from '../../src/machines/resource-machine.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'

function startResource({ openedOnce = false, open = async () => 'open' } = {}) {
  const calls: string[] = []
  let breakDown: (error: unknown) => void = () => undefined
  const broken = new Promise<never>((_, reject) => (breakDown = reject))
  broken.catch(() => undefined)
  const actors = createResourceActors({
    open,
    close: async () => void calls.push('close'),
    broken,
  })
  const clock = new VirtualClock()
  const machine = resourceMachine.provide({ actors, delays: { reopenDelay: ({ context }) => 1000 * context.failures } })
  const resource = createActor(machine, { clock, input: { openedOnce } })
  const errors: unknown[] = []
  resource.subscribe({ error: (error) => errors.push(error) })
  resource.start()
  return { resource, clock, calls, errors, breakDown }
}

describe('a resource that is open', () => {
  it('fails with what it is found to be broken by', async () => {
    const { resource, errors, breakDown } = startResource()
    await settle()
    expect(resource.getSnapshot().value).toBe('open')
    const bug = new TypeError('no such table')
    breakDown(bug)
    await settle()
    expect(resource.getSnapshot().status).toBe('error')
    expect(errors).toEqual([bug])
  })

  it('closes when told to drain, and what breaks afterwards concerns nobody', async () => {
    const { resource, calls, errors, breakDown } = startResource()
    await settle()
    resource.send({ type: 'drain' })
    await settle()
    expect(calls).toEqual(['close'])
    breakDown(new TypeError('too late'))
    await settle()
    expect(resource.getSnapshot()).toMatchObject({ status: 'done', output: { drained: true } })
    expect(errors).toEqual([])
  })
})

const failure = new ManifestFailedError('manifest.sqlite', 'open', 'SQLITE_IOERR')

describe('a resource that cannot be opened', () => {
  it.each([
    { what: 'at the first time', openedOnce: false, error: failure },
    { what: 'by a bug, though it was open before', openedOnce: true, error: new TypeError('no such table') },
  ])('fails $what', async ({ openedOnce, error }) => {
    const { errors } = startResource({ openedOnce, open: () => Promise.reject(error) })
    await settle()
    expect(errors).toEqual([error])
  })

  it('is opened after a wait that grows where an earlier life had it open, and is not ready before', async () => {
    let isAway = true
    const open = () => (isAway ? Promise.reject(failure) : Promise.resolve('open again'))
    const { resource, clock, errors } = startResource({ openedOnce: true, open })
    const state = () => resource.getSnapshot().value
    await settle()
    expect([state(), resource.getSnapshot().context.why]).toEqual(['backingOff', failure.message])
    expect(resource.getSnapshot().hasTag('ready')).toBe(false)
    clock.advance(1000)
    await settle()
    expect(state()).toBe('backingOff')
    isAway = false
    clock.advance(1999)
    expect(state()).toBe('backingOff')
    clock.advance(1)
    await settle()
    expect([state(), resource.getSnapshot().context.why]).toEqual(['open', 'open again'])
    expect(errors).toEqual([])
  })

  it.each([
    { when: 'while it waits', drainFirst: false },
    { when: 'while it is being opened', drainFirst: true },
  ])('ends when told to drain $when: nothing is open', async ({ drainFirst }) => {
    const { resource, calls, errors } = startResource({ openedOnce: true, open: () => Promise.reject(failure) })
    if (!drainFirst) await settle()
    resource.send({ type: 'drain' })
    await settle()
    expect(resource.getSnapshot()).toMatchObject({ status: 'done', output: { drained: true } })
    expect([calls, errors]).toEqual([[], []])
  })
})
