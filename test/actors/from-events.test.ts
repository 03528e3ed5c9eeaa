import { getEventListeners } from 'node:events'
import { type AnyActorRef, createActor, type InspectionEvent, setup } from 'xstate'
import { describe, expect, it } from 'vitest'
import { type EventsScope, fromEvents } from '../../src/actors/from-events.ts'
import { Loose } from '../../src/actors/loose.ts'
import { eventsActor } from '../../src/machines/stand-ins.ts'
import { settle } from '../fakes/virtual-clock.ts'

interface Fact {
  readonly type: 'fact'
  readonly number: number
}

function startParent(run: (scope: EventsScope<{ from: number }>) => AsyncGenerator<Fact, string>, loose = new Loose()) {
  const facts: number[] = []
  const senders: (string | undefined)[] = []
  const inspect = (told: InspectionEvent) => {
    if (told.type === '@xstate.event' && told.event.type === 'fact')
      senders.push((told.sourceRef as AnyActorRef | undefined)?.id)
  }
  const parent = createActor(
    setup({
      types: {} as { events: Fact | { type: 'leave' } | { type: 'tell-finish' }; context: object },
      actors: { child: eventsActor<Fact, { from: number }, string>('child') },
      actions: { note: ({ event }) => facts.push((event as Fact).number) },
    })
      .createMachine({
        context: {},
        initial: 'working',
        states: {
          working: {
            invoke: { id: 'child', src: 'child', input: { from: 1 }, onDone: 'ended', onError: 'failed' },
            on: {
              fact: { actions: 'note' },
              leave: 'left',
              'tell-finish': { actions: ({ self }) => self.getSnapshot().children['child']?.send({ type: 'finish' }) },
            },
          },
          ended: {},
          failed: {},
          left: {},
        },
      })
      .provide({ actors: { child: fromEvents(loose, run) } }),
    { inspect },
  ).start()
  return { parent, facts, senders, loose, state: () => parent.getSnapshot().value }
}

const forever = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))

describe('an events actor', () => {
  it('tells its parent each fact and ends with its output', async () => {
    const { facts, state } = startParent(async function* ({ input }) {
      yield { type: 'fact', number: input.from }
      yield { type: 'fact', number: input.from + 1 }
      return 'all told'
    })
    await settle()
    expect(facts).toEqual([1, 2])
    expect(state()).toBe('ended')
  })

  it('is named to who inspects as the sender of what it tells', async () => {
    const { senders } = startParent(async function* ({ input }) {
      yield { type: 'fact', number: input.from }
      return 'all told'
    })
    await settle()
    expect(senders).toEqual(['child'])
  })

  it('fails with what its generator throws', async () => {
    const { state } = startParent(async function* () {
      yield* []
      throw new Error('gone')
    })
    await settle()
    expect(state()).toBe('failed')
  })

  it('leaves nothing behind on the signal of its incarnation when it cannot begin', async () => {
    const { signal } = new AbortController()
    const begin = (): never => {
      throw new Error('nothing to work on')
    }
    const { state } = startParent(begin, new Loose(signal))
    await settle()
    expect(state()).toBe('failed')
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('goes on after it is told to finish, until it has finished', async () => {
    const { parent, facts, state } = startParent(async function* ({ finish }) {
      await new Promise((resolve) => finish.addEventListener('abort', resolve))
      yield { type: 'fact', number: 7 }
      return 'finished'
    })
    await settle()
    parent.send({ type: 'tell-finish' })
    await settle()
    expect(facts).toEqual([7])
    expect(state()).toBe('ended')
  })
})

describe('an events actor that is stopped', () => {
  it('aborts its signal at once, and is over only when its generator has cleaned up', async () => {
    let cleanUp = () => {}
    let aborted = false
    const { parent, loose, state } = startParent(async function* ({ signal }) {
      try {
        yield { type: 'fact', number: 1 }
        await forever(signal)
        return 'never'
      } finally {
        aborted = signal.aborted
        await new Promise<void>((resolve) => (cleanUp = resolve))
      }
    })
    await settle()
    parent.send({ type: 'leave' })
    await settle()
    expect(aborted).toBe(true)
    expect(state()).toBe('left')
    let over = false
    void loose.settled().then(() => (over = true))
    await settle()
    expect(over).toBe(false)
    cleanUp()
    await settle()
    expect(over).toBe(true)
  })

  it('says nothing any more', async () => {
    let go = () => {}
    const { parent, facts } = startParent(async function* () {
      await new Promise<void>((resolve) => (go = resolve))
      yield { type: 'fact', number: 1 }
      return 'late'
    })
    await settle()
    parent.send({ type: 'leave' })
    go()
    await settle()
    expect(facts).toEqual([])
  })
})

describe('an events actor whose incarnation ends before it is stopped', () => {
  it('lets go, so that what waits for its work need not wait for its stop, and says nothing any more', async () => {
    const incarnation = new AbortController()
    const started = startParent(async function* ({ signal }) {
      await forever(signal).catch(() => undefined)
      yield { type: 'fact', number: 1 }
      return 'late'
    }, new Loose(incarnation.signal))
    await settle()
    let over = false
    void started.loose.settled().then(() => (over = true))
    await settle()
    expect(over).toBe(false)
    incarnation.abort()
    await settle()
    expect(over).toBe(true)
    expect(started.facts).toEqual([])
    expect(started.state()).toBe('working')
  })
})
