import { describe, expect, it } from 'vitest'
import { assign, createActor, emit, fromPromise, sendTo, setup } from 'xstate'
import { ActorPictures } from '../../src/inspection-feed/actor-pictures.ts'
import { eventDetail } from '../../src/inspection-feed/event-detail.ts'
import type { FeedRecord } from '../../src/inspection-feed/record.ts'
import { createRecorder } from '../../src/inspection-feed/recorder.ts'
import { createTap } from '../../src/inspection-feed/tap.ts'
import {
  type CallReply,
  type ChildSpec,
  createSupervisor,
  run,
  type SupervisorOptions,
} from '../../src/supervision/index.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'
import { tellStory } from '../inspector/page-records.ts'
import { startedAt } from './sample-state.ts'

type Event =
  { type: 'lost'; why: string; password: string; frame: Uint8Array } | { type: 'again' | 'drain' | 'bug' | 'fail' }

const machine = setup({
  types: {} as { context: { why: string; secret: string }; events: Event },
  actors: {
    work: fromPromise<never, string>(
      ({ input }) =>
        new Promise((_, reject) => queueMicrotask(() => input === 'fails' && reject(new Error('no route')))),
    ),
  },
  actions: {
    throwUp: () => {
      throw new TypeError('a bug')
    },
    nudge: sendTo('stream', { type: 'nudge' }),
  },
}).createMachine({
  id: 'camera',
  context: { why: 'pictures arrive', secret: 'hunter2' },
  initial: 'online',
  on: { drain: { target: '.stopped' }, bug: { actions: 'throwUp' } },
  states: {
    online: {
      initial: 'streaming',
      invoke: { id: 'stream', src: 'work', input: 'lasts' },
      states: { streaming: { tags: 'ready' } },
      on: {
        lost: { target: 'backingOff', actions: assign({ why: ({ event }) => event.why }) },
        again: { actions: 'nudge' },
        fail: 'failing',
      },
    },
    failing: { invoke: { id: 'attempt', src: 'work', input: 'fails', onError: 'backingOff' } },
    backingOff: { after: { 1000: 'online' } },
    stopped: { type: 'final' },
  },
})

const camera = (id: string, rules: Partial<ChildSpec> = {}): ChildSpec => ({ id, start: () => run(machine), ...rules })

async function start(options: SupervisorOptions) {
  const clock = new VirtualClock()
  const records: FeedRecord[] = []
  const faults: unknown[] = []
  const tap = createTap({
    clock,
    onFault: (fault) => faults.push(fault),
    onRecord: createRecorder(clock, (record) => records.push(record)),
  })
  const logic = createSupervisor({ clock, random: () => 0, onReport: tap.supervisorReport, ...options })
  const root = createActor(logic, { id: 'root', clock, inspect: tap.inspect })
  root.start()
  await settle()
  const send = (id: string, event: Event) =>
    root
      .getSnapshot()
      .children.find((each) => each.id === id)
      ?.ref?.send(event as never)
  /** One line each, without the supervisor's own. */
  const lines = (path: string, type: FeedRecord['type'] | '' = '') =>
    records.filter((each) => each.path === path && each.type.startsWith(type)).map(line)
  return { clock, tap, root, records, faults, send, lines }
}

function line(record: FeedRecord): string {
  const life = record.epoch === null ? '' : `#${record.epoch} `
  switch (record.type) {
    case 'actor.started':
      return `${life}started ${record.kind} ${record.machine ?? '-'}`
    case 'actor.ended':
      return `${life}ended ${record.how} ${record.why ?? '-'}`
    case 'state.entered':
      return `${life}${record.from ?? '.'} → ${record.to} [${record.nodes.join()}] by ${record.event} (${record.why ?? '-'})`
    case 'event.received':
      return `${life}got ${record.event} from ${record.source ?? '-'} ${JSON.stringify(record.detail)}`
    case 'supervisor.decided':
      return `${life}${record.decision} for ${record.cause}`
    case 'why.changed':
      return `${life}because ${record.why ?? '-'}`
    case 'gauges.read':
    case 'operator.asked':
    case 'simulation.step':
    case 'invariant.violated':
      return record.type
  }
}

const reconnecting = setup({ delays: { reconnectDelay: 4_000, steadyAfter: 30_000 } }).createMachine({
  id: 'camera',
  initial: 'backingOff',
  on: { lost: { target: '.backingOff', reenter: true } },
  states: {
    backingOff: { after: { reconnectDelay: 'streaming' }, on: { pause: 'paused' } },
    streaming: { after: { steadyAfter: 'paused' } },
    paused: {},
  },
})

describe('a supervisor that is asked for a sign of life', () => {
  it('answers with its counts, and no record tells of it', async () => {
    const { root, records } = await start({ children: [{ id: 'a', start: () => run(reconnecting) }] })
    const before = records.length
    const answers: CallReply[] = []
    root.send({ type: 'supervisor.count_children', reply: (answer) => answers.push(answer) })
    expect(answers).toEqual([
      { ok: true, id: '', ref: undefined, counts: { specs: 1, active: 1, supervisors: 0, workers: 1 } },
    ])
    expect(records.slice(before)).toEqual([])
  })
})

describe('a machine that waits to try again', () => {
  const watch = async () => {
    const started = await start({ children: [{ id: 'a', start: () => run(reconnecting) }] })
    const { clock, tap, records, root } = started
    const send = (type: 'lost' | 'pause') => root.getSnapshot().children[0]?.ref?.send({ type })
    const shown = () => tap.actors().find(({ path }) => path === 'root/a')?.nextTryAt
    const pictured = () => {
      const pictures = new ActorPictures()
      for (const record of records) pictures.apply(record)
      return pictures.get('root/a')?.nextTryAt ?? null
    }
    return { clock, send, both: () => ({ shown: shown(), pictured: pictured() }) }
  }
  const at = (moment: number | null) => ({ shown: moment, pictured: moment })

  it('says until when, in its record and now', async () => {
    const { both } = await watch()
    expect(both()).toEqual(at(startedAt + 4_000))
  })

  it('says so no more once the wait is over, or was cut short', async () => {
    const { clock, send, both } = await watch()
    clock.advance(4_000)
    expect(both()).toEqual(at(null))
    clock.advance(1_000)
    send('lost')
    expect(both()).toEqual(at(startedAt + 9_000))
    send('pause')
    expect(both()).toEqual(at(null))
  })

  it('does not take every delay for one', async () => {
    const { clock, both } = await watch()
    clock.advance(10_000)
    expect(both()).toEqual(at(null))
  })
})

describe('the fields of an event that are recorded', () => {
  it('are those of a file, and when it is tried again', () => {
    const file = { path: 'dock-1/model/a.csv', rows: 8, bytes: 900, sha256: 'ab12' }
    const told = { type: 'file.failed', ...file, priority: 5, why: 'no permission', again: true, dueAt: 4_000 }
    expect(eventDetail(told)).toEqual({ ...file, why: 'no permission', again: true, dueAt: 4_000 })
  })
})

describe('the records of a machine', () => {
  it('tell its start, its states with their nodes, what led to each and why, and its end', async () => {
    const { clock, root, send, lines } = await start({ children: [camera('a')] })
    send('a', { type: 'lost', why: 'no route', password: 'hunter2', frame: new Uint8Array(8) })
    clock.advance(1_000)
    root.send({ type: 'drain' })
    await settle()
    expect(lines('root/a')).toEqual([
      '#1 start for boot',
      '#1 started machine camera',
      '#1 . → streaming [online.streaming] by xstate.init (pictures arrive)',
      '#1 carry_on for ready',
      '#1 got lost from - {"why":"no route"}',
      '#1 streaming → backingOff [backingOff] by lost (no route)',
      '#1 got xstate.after.1000.camera.backingOff from root/a {}',
      '#1 backingOff → streaming [online.streaming] by xstate.after.1000.camera.backingOff (no route)',
      '#1 stop for drain',
      '#1 got drain from root {"within":5000}',
      '#1 streaming → stopped [stopped] by drain (no route)',
      '#1 ended done -',
      '#1 leave for drain',
    ])
  })

  it('tell how long it may take once it has got on, and after a second stop', async () => {
    const dawdler = setup({ types: {} as { events: { type: 'drain' | 'again' } } }).createMachine({
      id: 'dawdler',
      initial: 'busy',
      states: { busy: { tags: 'ready', on: { again: { actions: emit({ type: 'progress' }) } } } },
    })
    const { clock, root, send, lines } = await start({
      children: [{ id: 'a', start: () => run(dawdler), shutdown: 5_000 }],
      stopBudget: { total: 60_000, hardCap: 120_000, afterSecondStop: 2_000 },
    })
    root.send({ type: 'drain' })
    clock.advance(3_000)
    send('a', { type: 'again' })
    await settle()
    clock.advance(1_000)
    root.send({ type: 'stop.hurry' })
    expect(lines('root/a', 'event.received').filter((line) => !line.includes('again'))).toEqual([
      '#1 got drain from root {"within":5000}',
      '#1 got stop.extend from root {"within":5000}',
      '#1 got stop.hurry from root {"within":2000}',
    ])
  })

  it('tell what it invokes, who said what to whom, and how that ended', async () => {
    const { send, lines } = await start({ children: [camera('a')] })
    send('a', { type: 'again' })
    send('a', { type: 'fail' })
    await settle()
    expect(lines('root/a/stream')).toEqual(['#1 started other -', '#1 got nudge from root/a {}', '#1 ended stopped -'])
    expect(lines('root/a/attempt')).toEqual(['#1 started other -', '#1 ended failed Error: no route'])
    expect(lines('root/a', 'event.received')).toContain(
      '#1 got xstate.error.actor.attempt from root/a/attempt {"error":"Error: no route"}',
    )
  })

  it('tell a crash and the next life', async () => {
    const { send, lines } = await start({ children: [camera('a')], intensity: 3 })
    send('a', { type: 'bug' })
    await settle()
    expect(lines('root/a').slice(5)).toEqual([
      '#1 streaming → crashed [] by xstate.error.actor.a (TypeError: a bug)',
      '#1 ended failed TypeError: a bug',
      '#1 restart for exit',
      '#2 start for exit',
      '#2 started machine camera',
      '#2 . → streaming [online.streaming] by xstate.init (pictures arrive)',
      '#2 carry_on for ready',
    ])
  })

  it('hold nothing of a context or an event that is not on the list', async () => {
    const { send, records, faults } = await start({ children: [camera('a')] })
    send('a', { type: 'lost', why: 'x'.repeat(501), password: 'hunter2', frame: new Uint8Array([222]) })
    const text = JSON.stringify(records)
    expect(text).not.toMatch(/hunter2|222|"context"|"secret"/)
    expect(text).toContain(`"why":"${'x'.repeat(499)}…"`)
    expect(faults).toEqual([])
  })

  it('tell an end once, however often XState does', () => {
    const records: FeedRecord[] = []
    const tap = createTap({
      clock: new VirtualClock(),
      onFault: (fault) => expect(fault).toBeUndefined(),
      onRecord: createRecorder(new VirtualClock(), (record) => records.push(record)),
    })
    const actorRef = { id: 'promise' }
    for (const status of ['active', 'done', 'stopped'])
      tap.inspect({ type: '@xstate.snapshot', actorRef, snapshot: { status }, event: { type: 'some' } })
    expect(records.map(line)).toEqual(['started other -', 'ended done -'])
  })

  it('are numbered without a gap and stamped with both clocks', async () => {
    const { clock, send, records } = await start({ children: [camera('a')] })
    clock.advance(12.3456)
    clock.step(-60_000)
    send('a', { type: 'again' })
    expect(records.map(({ sequence }) => sequence)).toEqual(records.map((_, index) => index + 1))
    expect(records.at(-1)).toMatchObject({ at: startedAt + 12.3456 - 60_000, monotonic: 12.35 })
  })
})

describe('the records of a supervisor', () => {
  it('tell its phases and its end', async () => {
    const { root, lines } = await start({ children: [camera('a')] })
    root.send({ type: 'drain' })
    await settle()
    expect(lines('root')).toEqual([
      'started supervisor -',
      '. → idle [] by xstate.init (-)',
      'idle → running [] by supervisor.boot (-)',
      'got drain from - {}',
      'shut_down for drain',
      'got xstate.done.actor.a from root/a {}',
      'end for drain',
      'running → ended [] by drain (-)',
      'ended done -',
    ])
  })
})

describe('the pictures that records make', () => {
  const picturesOf = (records: readonly FeedRecord[]) => {
    const pictures = new ActorPictures()
    for (const record of records) pictures.apply(record)
    return pictures.all()
  }
  const pictureOf = (records: readonly FeedRecord[], path: string) =>
    picturesOf(records).find((picture) => picture.path === path)

  it('show of each actor where it stands, since when, why, and its last decision', async () => {
    const { clock, send, records } = await start({ children: [camera('a')], intensity: 3 })
    clock.advance(500)
    send('a', { type: 'bug' })
    await settle()
    clock.advance(250)
    send('a', { type: 'lost', why: 'no route', password: '', frame: new Uint8Array() })
    expect(pictureOf(records, 'root/a')).toMatchObject({
      path: 'root/a',
      epoch: 2,
      kind: 'machine',
      machine: 'camera',
      state: 'backingOff',
      nodes: ['backingOff'],
      why: 'no route',
      since: startedAt + 750,
      sinceMonotonic: 750,
      ended: null,
      restartsLeft: 2,
      decision: { decision: 'carry_on', cause: 'ready' },
    })
  })

  it('are not moved by what an earlier life says late', async () => {
    const { send, records } = await start({ children: [camera('a')], intensity: 3 })
    send('a', { type: 'bug' })
    await settle()
    const early = records.find(({ path, type }) => path === 'root/a' && type === 'actor.ended')
    expect(pictureOf([...records, { ...early!, sequence: records.length + 1 }], 'root/a')).toMatchObject({
      ...{ epoch: 2, state: 'streaming', ended: null },
    })
  })

  it('are no more than 20,000 of actors that have ended, of which the oldest go', () => {
    const { say, end, records } = tellStory()
    for (let each = 0; each <= 20_000; each++) {
      const decided = { decision: 'leave', cause: 'drain', restartsLeft: 0, reason: 'it is done' } as const
      say(`root/${each}`, { type: 'supervisor.decided', ...decided })
      end(`root/${each}`)
    }
    const pictures = new ActorPictures()
    for (const record of records) pictures.apply(record)
    const paths = pictures.all().map(({ path }) => path)
    expect({ count: paths.length, first: paths[0] }).toEqual({ count: 20_000, first: 'root/1' })
  })

  it('forget what was invoked and has ended, and keep a supervised actor', async () => {
    const { root, send, records } = await start({ children: [camera('a')] })
    send('a', { type: 'fail' })
    await settle()
    root.send({ type: 'drain' })
    await settle()
    expect(pictureOf(records, 'root/a/attempt')).toBeUndefined()
    expect(pictureOf(records, 'root/a')).toMatchObject({ state: 'stopped', ended: 'done' })
  })

  it('forget who was taken out of the plant, with all that is below it, and know who comes by that name anew', async () => {
    const { root, records } = await start({
      children: [{ id: 'group', start: () => run(createSupervisor({ children: [camera('a')] })) }, camera('group-2')],
    })
    const ask = (call: 'terminate_child' | 'delete_child') => root.send({ type: `supervisor.${call}`, id: 'group' })
    ask('terminate_child')
    await settle()
    expect(pictureOf(records, 'root/group/a')).toMatchObject({ state: 'stopped' })
    ask('delete_child')
    await settle()
    expect(picturesOf(records).map(({ path }) => path)).toEqual(['root', 'root/group-2', 'root/group-2/stream'])
    root.send({ type: 'supervisor.start_child', spec: camera('group') })
    await settle()
    expect(pictureOf(records, 'root/group')).toMatchObject({ kind: 'machine', state: 'streaming', ended: null })
  })
})

describe('the records of a supervisor that fails by a bug', () => {
  it('tell its end and that of those below it, and then their next lives', async () => {
    const { root, lines } = await start({
      children: [{ id: 'group', start: () => run(createSupervisor({ children: [camera('a')] })) }],
    })
    const bug = { type: 'supervisor.start_child', get spec(): never { throw new TypeError('a bug') } } // prettier-ignore
    root.getSnapshot().children[0]?.ref?.send(bug)
    await settle()
    const ended = (path: string) => lines(path).filter((each) => / (started|ended) /.test(each))
    expect(ended('root/group')).toEqual([
      '#1 started supervisor -',
      '#1 ended failed TypeError: a bug',
      '#2 started supervisor -',
    ])
    expect(ended('root/group/a')).toEqual([
      '#1 started machine camera',
      '#1 ended stopped -',
      '#1 started machine camera',
    ])
  })
})
