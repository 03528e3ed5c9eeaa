import { createActor } from 'xstate'
import { describe, expect, it } from 'vitest'
import {
  RemoteFullError,
  SftpAuthenticationError,
  SftpCredentialsError,
  SftpHostKeyError,
  SftpUnreachableError,
} from '../../src/domain/delivery-errors.ts'
import { type DeliveryFact, type DeliveryInput, uploaderMachine } from '../../src/machines/uploader-machine.ts'
import { scriptedEvents } from '../fakes/scripted-events.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

const server = 'customer.example:22'

function startUploader() {
  const clock = new VirtualClock()
  const delivery = scriptedEvents<DeliveryFact, { left: number }, DeliveryInput>()
  const uploader = createActor(
    uploaderMachine.provide({
      actors: { deliverDue: delivery.logic },
      delays: { reconnectDelay: ({ context }) => context.failures * 1000, probeDelay: 60_000 },
    }),
    { clock, input: { server } },
  )
  const errors: unknown[] = []
  uploader.subscribe({ error: (error) => errors.push(error) })
  uploader.start()
  return {
    uploader,
    clock,
    delivery,
    errors,
    state: () => uploader.getSnapshot().value,
    why: () => uploader.getSnapshot().context.why,
    drain: () => uploader.send({ type: 'drain' }),
    open: () => delivery.tell({ type: 'session.opened' }),
  }
}

const unreachable = new SftpUnreachableError(server, 'ECONNREFUSED')

describe('an uploader whose server is away', () => {
  it('is ready all the same', async () => {
    const { uploader, delivery } = startUploader()
    expect(uploader.getSnapshot().hasTag('ready')).toBe(true)
    await delivery.fail(unreachable)
    expect(uploader.getSnapshot().hasTag('ready')).toBe(true)
  })

  const failAfter = async ({ delivery, clock, state }: ReturnType<typeof startUploader>, wait: number) => {
    await delivery.fail(unreachable)
    await clock.advanceAsync(wait - 1)
    expect(state()).toBe('backingOff')
    await clock.advanceAsync(1)
    expect(state()).toEqual({ online: 'connecting' })
  }

  it('backs off longer with each failure, also where sessions open and are lost at once', async () => {
    const started = startUploader()
    await failAfter(started, 1000)
    await failAfter(started, 2000)
    await started.open()
    expect(started.state()).toEqual({ online: { session: 'delivering' } })
    await failAfter(started, 3000)
  })

  it.each([
    ['a file has arrived', ({ delivery }) => delivery.tell({ type: 'file.delivered', path: 'a.csv' })],
    ['a session has lasted for 30 s', ({ clock }) => clock.advanceAsync(30_000)],
  ] as [string, (started: ReturnType<typeof startUploader>) => Promise<void>][])(
    'backs off from the start again once %s',
    async (_, recover) => {
      const started = startUploader()
      await failAfter(started, 1000)
      await started.open()
      await recover(started)
      expect(started.uploader.getSnapshot().context.failures).toBe(0)
      await failAfter(started, 1000)
    },
  )

  it('counts a session that was lost a moment before that as one more failure', async () => {
    const started = startUploader()
    await failAfter(started, 1000)
    await started.open()
    await started.clock.advanceAsync(29_999)
    await failAfter(started, 2000)
  })
})

describe('an uploader that is refused', () => {
  it.each([
    [
      new SftpHostKeyError(server, 'SHA256:ours', 'SHA256:theirs'),
      'shows host key SHA256:theirs, expected SHA256:ours',
    ],
    [new SftpAuthenticationError(server, 'belay'), 'refuses the key or password of belay'],
    [new SftpCredentialsError(server, 'no passphrase given'), 'cannot be read: no passphrase given'],
  ])('waits for a minute and says why: %s', async (error, words) => {
    const { clock, delivery, state, why } = startUploader()
    await delivery.fail(error)
    expect(state()).toBe('refused')
    expect(why()).toContain(words)
    await clock.advanceAsync(59_999)
    expect(state()).toBe('refused')
    await clock.advanceAsync(1)
    expect(state()).toEqual({ online: 'connecting' })
  })
})

describe('an uploader whose server is full', () => {
  const full = new RemoteFullError('dock-1/model/a.csv', 1000, 10)
  it('pauses, says how much room is needed, and asks again for that much after a minute', async () => {
    const { clock, delivery, state, why, open, uploader } = startUploader()
    expect(delivery.input).toEqual({ roomFor: 0 })
    await open()
    await delivery.fail(full)
    expect(state()).toBe('full')
    expect(uploader.getSnapshot().hasTag('ready')).toBe(true)
    expect(why()).toMatch(/no room for dock-1\/model\/a.csv: 1000 bytes are needed, 10 bytes are free/)
    await clock.advanceAsync(59_999)
    expect(state()).toBe('full')
    await clock.advanceAsync(1)
    expect(state()).toEqual({ online: 'connecting' })
    expect(delivery.input).toEqual({ roomFor: 1000 })
  })

  it('goes on asking for room until something has arrived', async () => {
    const { clock, delivery, open } = startUploader()
    await delivery.fail(full)
    await clock.advanceAsync(60_000)
    await delivery.fail(unreachable)
    await clock.advanceAsync(1000)
    expect(delivery.input).toEqual({ roomFor: 1000 })
    await open()
    await delivery.tell({ type: 'file.delivered', path: 'dock-1/model/a.csv' })
    await delivery.fail(unreachable)
    await clock.advanceAsync(1000)
    expect(delivery.input).toEqual({ roomFor: 0 })
  })
})

describe('an uploader that is told to drain', () => {
  it('delivers what is due first, while connected', async () => {
    const { uploader, delivery, drain, open, state } = startUploader()
    await open()
    drain()
    expect(state()).toEqual({ online: 'draining' })
    expect(delivery.finishing).toBe(true)
    await delivery.end({ left: 0 })
    expect(uploader.getSnapshot().output).toEqual({ drained: true })
  })

  it.each([
    [
      'connecting again',
      async ({ delivery, clock }: ReturnType<typeof startUploader>) => {
        await delivery.fail(unreachable)
        await clock.advanceAsync(1000)
      },
    ],
    ['backing off', ({ delivery }: ReturnType<typeof startUploader>) => delivery.fail(unreachable)],
    ['full', ({ delivery }: ReturnType<typeof startUploader>) => delivery.fail(new RemoteFullError('a.csv', 10, 5))],
    [
      'refused',
      ({ delivery }: ReturnType<typeof startUploader>) => delivery.fail(new SftpAuthenticationError(server, 'belay')),
    ],
  ])('ends at once while %s', async (_, arrive) => {
    const started = startUploader()
    await arrive(started)
    started.drain()
    expect(started.state()).toBe('stopped')
    expect(started.delivery.running).toBe(false)
    expect(started.clock.pending).toBe(0)
  })

  it('lets its first connection decide: delivers what is due, or ends as soon as it has failed', async () => {
    const first = startUploader()
    first.drain()
    expect(first.state()).toEqual({ online: 'drainingUnconnected' })
    expect(first.delivery.finishing).toBe(true)
    await first.clock.advanceAsync(1999)
    await first.open()
    expect(first.state()).toEqual({ online: 'draining' })
    await first.clock.advanceAsync(60_000)
    expect(first.state()).toEqual({ online: 'draining' })
    await first.delivery.end({ left: 0 })
    expect(first.state()).toBe('stopped')
    const second = startUploader()
    second.drain()
    await second.delivery.fail(unreachable)
    expect(second.state()).toBe('stopped')
  })

  it('gives a server that says nothing to its first connection 2 s, not longer', async () => {
    const { clock, delivery, drain, state, why } = startUploader()
    drain()
    await clock.advanceAsync(1999)
    expect(state()).toEqual({ online: 'drainingUnconnected' })
    await clock.advanceAsync(1)
    expect(state()).toBe('stopped')
    expect(why()).toBe('asked to drain, and the server has not answered yet')
    expect(delivery.running).toBe(false)
  })

  it('backs off no more when the connection is lost while draining', async () => {
    const { delivery, drain, open, state } = startUploader()
    await open()
    drain()
    await delivery.fail(unreachable)
    expect(state()).toBe('stopped')
  })
})

describe('an uploader with a bug', () => {
  it('fails, so that its supervisor decides', async () => {
    const { delivery, errors } = startUploader()
    const bug = new TypeError('undefined is not a file')
    await delivery.fail(bug)
    expect(errors).toEqual([bug])
  })
})

describe('an uploader whose server lets it in and takes nothing', () => {
  const failed = { type: 'file.failed', path: 'a.csv', why: 'open: permission denied', again: true } as const

  async function failFor(tries: number) {
    const started = startUploader()
    await started.open()
    for (let n = 0; n < tries; n++) await started.delivery.tell(failed)
    return started
  }

  it('is failing after ten tries in a row, and says what it was told; not before', async () => {
    expect((await failFor(9)).state()).toEqual({ online: { session: 'delivering' } })
    const { state, why } = await failFor(10)
    expect([state(), why()]).toEqual([{ online: { session: 'failing' } }, failed.why])
  })

  it.each([
    ['a file arrives', { type: 'file.delivered', path: 'b.csv' }],
    ['the server has another file of that name', { type: 'file.conflict', path: 'b.csv', why: 'another' }],
    ['a file is set aside', { type: 'file.deadLetter', path: 'b.csv', why: 'too often' }],
    ['a file is no longer what was sealed', { ...failed, again: false }],
  ] as const)('delivers again once %s, and counts anew', async (_, fact) => {
    const { state, delivery } = await failFor(10)
    await delivery.tell(fact)
    for (let n = 0; n < 9; n++) await delivery.tell(failed)
    expect(state()).toEqual({ online: { session: 'delivering' } })
    await delivery.tell(failed)
    expect(state()).toEqual({ online: { session: 'failing' } })
  })

  it('says so again at the first vain try of the next session', async () => {
    const { state, delivery, clock, open } = await failFor(10)
    await delivery.fail(unreachable)
    await clock.advanceAsync(1000)
    await open()
    expect(state()).toEqual({ online: { session: 'delivering' } })
    await delivery.tell(failed)
    expect(state()).toEqual({ online: { session: 'failing' } })
  })

  it.each([1, 10])('says no longer what it was told, once a file has arrived after %i tries', async (tries) => {
    const { why, delivery } = await failFor(tries)
    await delivery.tell({ type: 'file.delivered', path: 'b.csv' })
    expect(why()).toBe(`connected to ${server}`)
  })

  it('is not put down to the failures before it where its session lasts: the wait is the shortest each time', async () => {
    const { uploader, delivery, clock, open } = await failFor(10)
    for (let sessions = 0; sessions < 3; sessions++) {
      await clock.advanceAsync(30_000)
      await delivery.fail(unreachable)
      expect(uploader.getSnapshot().context.failures).toBe(1)
      await clock.advanceAsync(1000)
      await open()
      await clock.advanceAsync(20_000)
      await delivery.tell(failed)
      await clock.advanceAsync(10_000)
      expect(uploader.getSnapshot().context.failures).toBe(0)
    }
  })

  it('drains as any other', async () => {
    const { state, drain } = await failFor(10)
    drain()
    expect(state()).toEqual({ online: 'draining' })
  })
})
