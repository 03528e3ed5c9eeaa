import { describe, expect, it } from 'vitest'
import { epochMs, milliseconds } from '../../src/domain/units.ts'
import { createFeed, type ResumePoint } from '../../src/inspection-feed/feed.ts'
import type { DaemonState, FeedMessage } from '../../src/inspection-feed/protocol.ts'
import { RecordRing } from '../../src/inspection-feed/record-ring.ts'
import { createRecorder } from '../../src/inspection-feed/recorder.ts'
import type { Clock } from '../../src/ports/clock.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'
import { actorView, cameraView, daemonState, startedAt } from './sample-state.ts'

/** @param lateBy of its timers, in ms. */
function startFeed(lateBy = 0) {
  const clock = new VirtualClock()
  const setTimeout: Clock['setTimeout'] = (callback, ms) => clock.setTimeout(callback, milliseconds(ms + lateBy))
  const clearTimeout: Clock['clearTimeout'] = (handle) => clock.clearTimeout(handle)
  const shown = { state: daemonState(), looks: 0, fault: undefined as Error | undefined }
  const ring = new RecordRing()
  const record = createRecorder(clock, (made) => ring.add(made))
  const happen = (path: string) => record({ path, epoch: 1 }, { type: 'actor.ended', how: 'done', why: null })
  const feed = createFeed({
    clock: { now: () => clock.now(), monotonic: () => clock.monotonic(), setTimeout, clearTimeout },
    ring,
    state: () => {
      shown.looks++
      if (shown.fault !== undefined) throw shown.fault
      return { ...shown.state, at: clock.now() }
    },
  })
  const listen = (resume?: ResumePoint) => {
    const messages: FeedMessage[] = []
    const failures: unknown[] = []
    const end = feed.subscribe(
      {
        message: ({ text }) => messages.push(JSON.parse(text) as FeedMessage),
        failed: (error) => failures.push(error),
      },
      resume,
    )
    return { messages, failures, end }
  }
  return { clock, shown, feed, ring, happen, listen }
}

const at = (ms: number) => epochMs(startedAt + ms)

describe('a feed that nobody listens to', () => {
  it('computes nothing', () => {
    const { clock, shown } = startFeed()
    clock.advance(10_000)
    expect({ looks: shown.looks, timers: clock.pending }).toEqual({ looks: 0, timers: 0 })
  })

  it('computes nothing again once the last listener has left', () => {
    const { clock, shown, listen } = startFeed()
    const [one, other] = [listen(), listen()]
    one.end()
    expect(clock.pending).toBe(1)
    other.end()
    other.end()
    clock.advance(10_000)
    expect({ looks: shown.looks, timers: clock.pending }).toEqual({ looks: 2, timers: 0 })
  })
})

describe('a listener', () => {
  it('gets a snapshot at once', () => {
    const { listen } = startFeed()
    expect(listen().messages).toEqual([
      { type: 'snapshot', sequence: 1, cause: 'began', state: { ...daemonState(), at: at(0) }, recordsUntil: 0 },
    ])
  })

  it('is told of a change within 100 ms, and not before', () => {
    const { clock, shown, listen } = startFeed()
    const { messages } = listen()
    shown.state = daemonState({ phase: 'draining' })
    clock.advance(99)
    expect(messages).toHaveLength(1)
    clock.advance(1)
    expect(messages[1]).toEqual({ type: 'delta', sequence: 2, at: at(100), phase: 'draining' })
  })

  it('is told ten times a second, though timers are late', () => {
    const { clock, shown, listen } = startFeed(30)
    const { messages } = listen()
    for (let ms = 0; ms < 10_000; ms += 10) {
      shown.state = daemonState({ actors: [actorView('root', { why: String(ms) })] })
      clock.advance(10)
    }
    expect(messages).toHaveLength(100)
  })

  it('is told no more often after a timer that was very late', () => {
    const { clock, shown, listen } = startFeed(250)
    listen()
    clock.advance(3_500)
    expect(shown.looks).toBe(11)
  })

  it('is told at once when it is about to be let go, of however much', () => {
    const { shown, feed, happen, listen } = startFeed()
    const { messages, end } = listen()
    shown.state = daemonState({ phase: 'draining' })
    for (let count = 0; count < 1_500; count++) happen('root/csv-writer')
    feed.flush()
    expect(messages.slice(1)).toMatchObject([{ sequence: 2, phase: 'draining' }, { sequence: 3 }])
    const records = messages.flatMap((message) => (message.type === 'delta' ? (message.records ?? []) : []))
    expect(records.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 1_500 }, (_, index) => index + 1))
    feed.flush()
    expect(messages).toHaveLength(3)
    end()
    const { looks } = shown
    feed.flush()
    expect(shown.looks).toBe(looks)
  })

  it('hears a sign of life after a second without changes, and not before', () => {
    const { clock, listen } = startFeed()
    const { messages } = listen()
    clock.advance(999)
    expect(messages).toHaveLength(1)
    clock.advance(1)
    expect(messages[1]).toEqual({ type: 'delta', sequence: 2, at: at(1_000) })
    clock.advance(1_000)
    expect(messages[2]).toEqual({ type: 'delta', sequence: 3, at: at(2_000) })
  })

  it('who comes later starts from the same sequence as the others', () => {
    const { clock, shown, listen } = startFeed()
    const early = listen()
    shown.state = daemonState({ phase: 'draining' })
    const late = listen()
    expect(early.messages[1]).toMatchObject({ sequence: 2, phase: 'draining' })
    expect(late.messages).toMatchObject([{ type: 'snapshot', sequence: 2, state: { phase: 'draining' } }])
    clock.advance(1_000)
    expect(early.messages[2]).toEqual(late.messages[1])
  })
})

describe('a delta', () => {
  const base = daemonState()
  it.each<{ what: string; state: Partial<DaemonState>; delta: object }>([
    { what: 'the boot number', state: { boot: 8 }, delta: { boot: 8 } },
    {
      what: 'one camera',
      state: { cameras: [cameraView('dock-1'), cameraView('dock-2', { fps: 24 })] },
      delta: { cameras: [cameraView('dock-2', { fps: 24 })] },
    },
    {
      what: 'a camera that came',
      state: { cameras: [cameraView('dock-0'), ...base.cameras] },
      delta: { cameras: [cameraView('dock-0')], cameraOrder: ['dock-0', 'dock-1', 'dock-2'] },
    },
    { what: 'a camera that went', state: { cameras: [cameraView('dock-2')] }, delta: { cameraOrder: ['dock-2'] } },
    {
      what: 'one actor',
      state: { actors: [...base.actors.slice(0, 3), actorView('root/cameras/dock-2', { state: 'backingOff' })] },
      delta: { actors: [actorView('root/cameras/dock-2', { state: 'backingOff' })] },
    },
    {
      what: 'actors in another order',
      state: { actors: base.actors.toReversed() },
      delta: { actorOrder: base.actors.map(({ path }) => path).reverse() },
    },
    {
      what: 'the writer',
      state: { writer: { ...base.writer, openFiles: 3 } },
      delta: { writer: { ...base.writer, openFiles: 3 } },
    },
    {
      what: 'the uploader',
      state: { uploader: { ...base.uploader, connected: false } },
      delta: { uploader: { ...base.uploader, connected: false } },
    },
    {
      what: 'inference',
      state: { inference: { ...base.inference, waiting: 4 } },
      delta: { inference: { ...base.inference, waiting: 4 } },
    },
  ])('carries $what and nothing else', ({ state, delta }) => {
    const { clock, shown, listen } = startFeed()
    const { messages } = listen()
    shown.state = daemonState(state)
    clock.advance(100)
    expect(messages[1]).toEqual({ type: 'delta', sequence: 2, at: at(100), ...delta })
  })
})

describe('a listener that comes back', () => {
  const phases = ['draining', 'stopped', 'running'] as const

  function listenAndLeave() {
    const started = startFeed()
    const first = started.listen()
    for (const phase of phases) {
      started.shown.state = daemonState({ phase })
      started.clock.advance(100)
    }
    first.end()
    return started
  }

  it.each([
    { had: 1, gets: [2, 3, 4] },
    { had: 3, gets: [4] },
    { had: 4, gets: [] },
  ])('gets what it has missed since message $had', ({ had, gets }) => {
    const { listen } = listenAndLeave()
    const { messages } = listen({ startedAt, sequence: had })
    expect(messages.map(({ type, sequence }) => [type, sequence])).toEqual(gets.map((sequence) => ['delta', sequence]))
  })

  it('gets what has changed while nobody listened', () => {
    const { listen, shown, clock } = listenAndLeave()
    clock.advance(60_000)
    shown.state = daemonState({ phase: 'draining' })
    expect(listen({ startedAt, sequence: 4 }).messages).toEqual([
      { type: 'delta', sequence: 5, at: at(60_300), phase: 'draining' },
    ])
  })

  it.each([
    { point: 'of another start', resume: { startedAt: epochMs(startedAt - 1), sequence: 4 } },
    { point: 'in the future', resume: { startedAt, sequence: 5 } },
    { point: 'that makes no sense', resume: { startedAt, sequence: NaN } },
    { point: 'before the first', resume: { startedAt, sequence: -1 } },
  ])('at a point $point gets a snapshot and is told why', ({ resume }) => {
    const { listen } = listenAndLeave()
    expect(listen(resume).messages).toMatchObject([{ type: 'snapshot', sequence: 4, cause: 'lost-place' }])
  })

  it('within the 200 latest messages goes on, and beyond gets a snapshot', () => {
    const { clock, listen } = startFeed()
    listen()
    clock.advance(300_000)
    expect(listen({ startedAt, sequence: 101 }).messages).toHaveLength(200)
    expect(listen({ startedAt, sequence: 100 }).messages).toMatchObject([{ type: 'snapshot', cause: 'lost-place' }])
  })

  it('finds few messages kept where they are long', () => {
    const { clock, shown, listen } = startFeed()
    listen()
    for (let round = 0; round < 5; round++) {
      shown.state = daemonState({ cameras: [cameraView('dock-1', { lastFinding: `${round}`.repeat(300_000) })] })
      clock.advance(100)
    }
    expect(listen({ startedAt, sequence: 3 }).messages).toHaveLength(3)
    expect(listen({ startedAt, sequence: 2 }).messages).toMatchObject([{ type: 'snapshot' }])
  })
})

describe('what happens in the actor system', () => {
  const told = (messages: readonly FeedMessage[]) =>
    messages.map((message) => (message.type === 'delta' ? message.records?.map(({ sequence }) => sequence) : []))

  it('is told with the next message, each record once', () => {
    const { clock, happen, listen } = startFeed()
    happen('root/before')
    const { messages } = listen()
    happen('root/a')
    happen('root/b')
    clock.advance(100)
    happen('root/c')
    clock.advance(100)
    expect(messages[0]).toMatchObject({ recordsUntil: 1 })
    expect(told(messages.slice(1))).toEqual([[2, 3], [4]])
    expect(messages[2]).toEqual({
      type: 'delta',
      sequence: 3,
      at: at(200),
      records: [
        {
          ...{ sequence: 4, at: at(100), monotonic: 100, path: 'root/c', epoch: 1 },
          ...{ type: 'actor.ended', how: 'done', why: null },
        },
      ],
    })
  })

  it('is told 1,000 records a message, the rest with the next', () => {
    const { clock, happen, listen } = startFeed()
    const { messages } = listen()
    for (let each = 0; each < 1_001; each++) happen('root/a')
    clock.advance(200)
    expect(told(messages.slice(1)).map((records) => records?.length)).toEqual([1_000, 1])
  })

  it('is told to a listener that comes back, and of a long absence only the end', () => {
    const { happen, listen } = startFeed()
    listen().end()
    happen('root/a')
    expect(told(listen({ startedAt, sequence: 1 }).messages)).toEqual([[1]])
    const { happen: happenElsewhere, listen: listenElsewhere } = startFeed()
    listenElsewhere().end()
    for (let each = 0; each < 1_500; each++) happenElsewhere('root/a')
    expect(told(listenElsewhere({ startedAt, sequence: 1 }).messages)[0]?.[0]).toBe(501)
  })
})

describe('a state that cannot be put together', () => {
  it('is told to every listener, and the feed rests', () => {
    const { clock, shown, listen } = startFeed()
    const [one, other] = [listen(), listen()]
    shown.fault = new TypeError('a bug')
    clock.advance(100)
    expect([one.failures, other.failures]).toEqual([[shown.fault], [shown.fault]])
    expect(clock.pending).toBe(0)
  })

  it('is thrown at who wants to listen', () => {
    const { shown, listen } = startFeed()
    shown.fault = new TypeError('a bug')
    expect(() => listen()).toThrow('a bug')
  })
})
