import { describe, expect, it } from 'vitest'
import { createActor } from 'xstate'
import { createResourceActors } from '../../src/actors/resource.ts'
import { resourceMachine } from '../../src/machines/resource-machine.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'

function startResource() {
  const calls: string[] = []
  let breakDown: (error: unknown) => void = () => undefined
  const broken = new Promise<never>((_, reject) => (breakDown = reject))
  broken.catch(() => undefined)
  const actors = createResourceActors({
    open: async () => 'open',
    close: async () => void calls.push('close'),
    broken,
  })
  const resource = createActor(resourceMachine.provide({ actors }), { clock: new VirtualClock() })
  const errors: unknown[] = []
  resource.subscribe({ error: (error) => errors.push(error) })
  resource.start()
  return { resource, calls, errors, breakDown }
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
