import { describe, expect, it } from 'vitest'
import { assign, createActor, setup } from 'xstate'
import { History } from '../../inspector/src/history/history.ts'
import { machineHistory, statesBefore } from '../../inspector/src/history/machine-history.ts'
import { pastScene } from '../../inspector/src/history/scene.ts'
import { GaugeTeller } from '../../src/inspection-feed/gauge-teller.ts'
import type { ActorView } from '../../src/inspection-feed/protocol.ts'
import type { FeedRecord } from '../../src/inspection-feed/record.ts'
import { createRecorder } from '../../src/inspection-feed/recorder.ts'
import { createTap } from '../../src/inspection-feed/tap.ts'
import { createSupervisor, run } from '../../src/supervision/index.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'
import { episodesOf } from './episodes-of.ts'
import { daemonState } from '../inspection-feed/sample-state.ts'

const path = 'root/csv-writer'

type WriterEvent = { type: 'blocked' | 'low'; why: string } | { type: 'resumed' | 'bug' | 'drain' }

/** It says its reason anew in the state that it is in, as the CSV writer does. */
const writer = setup({
  types: {} as { context: { why: string }; events: WriterEvent },
  actions: {
    explain: assign({ why: ({ context, event }) => ('why' in event ? event.why : context.why) }),
    throwUp: () => {
      throw new TypeError('a bug')
    },
  },
}).createMachine({
  id: 'csv-writer',
  context: { why: 'nothing to mend' },
  initial: 'online',
  on: { bug: { actions: 'throwUp' }, drain: { target: '.stopped' } },
  states: {
    online: {
      initial: 'writing',
      states: {
        writing: {
          tags: 'ready',
          on: { low: { actions: 'explain' }, blocked: { target: 'blocked', actions: 'explain' } },
        },
        blocked: { on: { blocked: { actions: 'explain' }, resumed: 'writing' } },
      },
    },
    stopped: { type: 'final' },
  },
})

async function watch() {
  const clock = new VirtualClock()
  const records: FeedRecord[] = []
  const record = createRecorder(clock, (made) => records.push(made))
  const tap = createTap({ clock, onFault: (fault) => expect(fault).toBeUndefined(), onRecord: record })
  const options = { clock, random: () => 0, onReport: tap.supervisorReport, intensity: 3 }
  const children = [{ id: 'csv-writer', start: () => run(writer) }]
  const root = createActor(createSupervisor({ ...options, children }), { id: 'root', clock, inspect: tap.inspect })
  root.start()
  await settle()
  const teller = new GaugeTeller(record)
  const shown: { readonly moment: number; readonly actors: readonly ActorView[] }[] = []
  const look = () => {
    teller.look(daemonState({ actors: tap.actors(), cameras: [] }))
    shown.push({ moment: clock.monotonic(), actors: structuredClone(tap.actors()) })
    clock.advance(1_000)
  }
  look()
  const send = async (event: WriterEvent) => {
    root.getSnapshot().children[0]?.ref?.send(event as never)
    await settle()
    look()
  }
  return { records, shown, send }
}

const happenings: readonly WriterEvent[] = [
  { type: 'low', why: '900 MB are free' },
  { type: 'low', why: '800 MB are free' },
  { type: 'blocked', why: 'the disk is full' },
  { type: 'blocked', why: 'the disk is read only' },
  { type: 'blocked', why: 'the disk is read only' },
  { type: 'resumed' },
  { type: 'low', why: '700 MB are free' },
  { type: 'bug' },
  { type: 'low', why: '600 MB are free' },
]

/** One child after the other: it is up, and ends, when it is told. */
const patient = setup({ types: {} as { events: { type: 'begin' | 'drain' | 'finish' } } }).createMachine({
  initial: 'opening',
  states: {
    opening: { on: { begin: 'open', drain: 'done' } },
    open: { tags: 'ready', on: { drain: 'draining' } },
    draining: { on: { finish: 'done' } },
    done: { type: 'final' },
  },
})

describe('a supervisor that starts or stops', () => {
  it('shows at each moment of the past whom it waited for then', async () => {
    const clock = new VirtualClock()
    const records: FeedRecord[] = []
    const onRecord = createRecorder(clock, (made) => records.push(made))
    const tap = createTap({ clock, onFault: (fault) => expect(fault).toBeUndefined(), onRecord })
    const ids = ['uploader', 'csv-writer']
    const children = ids.map((id) => ({ id, start: () => run(patient), startTimeout: 60_000 }))
    const options = { clock, random: () => 0, onReport: tap.supervisorReport, children }
    const root = createActor(createSupervisor(options), { id: 'root', clock, inspect: tap.inspect })
    const whyOf = (actors: readonly ActorView[]) => actors.find(({ kind }) => kind === 'supervisor')?.why
    const shown: { readonly moment: number; readonly why: string | null | undefined }[] = []
    const look = async () => {
      await settle()
      shown.push({ moment: clock.monotonic(), why: whyOf(tap.actors()) })
      clock.advance(1)
    }
    const tell = (index: number, type: 'begin' | 'finish') => {
      root.getSnapshot().children[index]?.ref?.send({ type } as never)
      return look()
    }
    root.start()
    await look()
    await tell(0, 'begin')
    await tell(1, 'begin')
    root.send({ type: 'drain' })
    await look()
    await tell(1, 'finish')
    expect(shown.map(({ why }) => why)).toEqual([
      ...['waits for uploader', 'waits for csv-writer', null, 'waits for csv-writer', 'waits for uploader'],
    ])
    const history = new History()
    history.load([], records)
    expect(shown.map(({ moment }) => whyOf(pastScene(history, moment).state.actors))).toEqual(
      shown.map(({ why }) => why),
    )
  })
})

async function afterAll() {
  const watched = await watch()
  for (const each of happenings) await watched.send(each)
  const history = new History()
  history.load([], watched.records)
  return { ...watched, history, whole: pastScene(history, Infinity) }
}

const ofMachines = (actors: readonly ActorView[]) =>
  actors
    .filter(({ kind }) => kind === 'machine')
    .map(({ description: _, before: __, restarts: ___, reconnects: ____, ...actor }) => actor)

describe('an actor whose reason changes while its state lasts', () => {
  it('shows at each moment of the past what it showed then', async () => {
    const { shown, history } = await afterAll()
    expect(shown.map(({ moment }) => ofMachines(pastScene(history, moment).state.actors))).toEqual(
      shown.map(({ actors }) => ofMachines(actors)),
    )
    expect(shown.map(({ actors }) => actors.find((actor) => actor.path === path)?.why)).toEqual([
      ...['nothing to mend', '900 MB are free', '800 MB are free', 'the disk is full', 'the disk is read only'],
      ...['the disk is read only', 'the disk is read only', '700 MB are free', 'nothing to mend', '600 MB are free'],
    ])
  })

  it('was in its earlier states for the reason that it had at last', async () => {
    const { shown, whole } = await afterAll()
    const before = shown.at(-1)?.actors.find((actor) => actor.path === path)?.before
    expect(before).toHaveLength(4)
    expect(statesBefore(whole, path).map(({ state, why }) => `${state}: ${why}`)).toEqual(
      before?.map(({ state, why }) => `${state}: ${why}`),
    )
    expect(machineHistory(whole, path, whole.monotonic).transitions[0]).toMatchObject({ why: '600 MB are free' })
  })

  it('has the latest reason on the timeline, of the state that goes on and of those that are over', async () => {
    const { records } = await afterAll()
    const own = episodesOf({ before: [], records }).filter((episode) => episode.path === path)
    expect(own.map(({ label, why }) => `${label}: ${why}`)).toEqual([
      'writing: 800 MB are free',
      'blocked: the disk is read only',
      'writing: 700 MB are free',
      'crash and restart: TypeError: a bug',
      'writing: 600 MB are free',
    ])
  })

  it('tells each reason once', async () => {
    const { records } = await afterAll()
    expect(records.flatMap((each) => (each.type === 'why.changed' ? [each.why] : []))).toEqual([
      ...['900 MB are free', '800 MB are free', 'the disk is read only', '700 MB are free', '600 MB are free'],
    ])
  })
})
