import { describe, expect, it } from 'vitest'
import { History } from '../../inspector/src/history/history.ts'
import { statesBefore } from '../../inspector/src/history/machine-history.ts'
import { pastScene } from '../../inspector/src/history/scene.ts'
import { epochMs } from '../../src/domain/units.ts'
import { ActorPictures } from '../../src/inspection-feed/actor-pictures.ts'
import { GaugeTeller } from '../../src/inspection-feed/gauge-teller.ts'
import type { DaemonState } from '../../src/inspection-feed/protocol.ts'
import type { FeedRecord } from '../../src/inspection-feed/record.ts'
import { RecordRing } from '../../src/inspection-feed/record-ring.ts'
import { readRecording, recordingOf, RecordingLines } from '../../src/inspection-feed/recording.ts'
import { tellingState } from '../../src/domain/actor-states.ts'
import { tellStory } from './page-records.ts'
import { actorView, cameraView, daemonState, startedAt } from '../inspection-feed/sample-state.ts'

/** A second between one state and the next. */
function recorded(states: readonly DaemonState[]): FeedRecord[] {
  const { records, start, enter, say, wait } = tellStory()
  for (const path of ['root', 'root/cameras']) start(path, null)
  enter('root', 'running')
  for (const { path } of states[0]?.cameras ?? []) start(path)
  for (const [machine, state] of [
    ['inference', 'running'],
    ['csv-writer', 'writing'],
    ['uploader', 'delivering'],
  ] as const) {
    start(`root/${machine}`, machine)
    enter(`root/${machine}`, state)
  }
  const teller = new GaugeTeller(({ path }, body) => say(path, body))
  for (const state of states) {
    teller.look(state)
    wait(1_000)
  }
  return records
}

function stateAt(records: readonly FeedRecord[], monotonic: number): DaemonState {
  const history = new History()
  history.load([], records)
  return pastScene(history, monotonic).state
}

const finding = (lastFinding: string | null) => daemonState({ cameras: [cameraView('dock-1', { lastFinding })] })

describe('the state of a moment of the past', () => {
  it('is all that the state then was', () => {
    const then = daemonState({
      configuration: {
        appliedAt: epochMs(startedAt + 9),
        refused: { at: epochMs(startedAt + 99), why: 'a bad line' },
        atNextStart: ['csv.queue', 'sftp.host'],
      },
      cameras: [
        cameraView('dock-1', {
          source: 'rtsp://10.0.0.7/stream1',
          models: ['belt-particles', 'moving'],
          lossless: true,
          failing: true,
          losingRows: true,
          rows: { produced: 9, accepted: 5, refused: { 'queue-full': 1, 'writer-down': 0 }, failed: 1, queued: 2 },
          resultsAtBound: 3,
        }),
        cameraView('dock-2', { sourceSize: null, latencyMs: null, lastFinding: null, lastFindingAt: null }),
      ],
      inference: {
        ...daemonState().inference,
        workers: { wanted: 4, running: 1, busy: 1, wedged: 1, isShort: true },
      },
      writer: { ...daemonState().writer, disk: { level: 'low', freeBytes: 900_000_000, fullInMs: 5_400_000 } },
    })
    const { actors: _, ...shown } = stateAt(recorded([then]), 1_000)
    const { actors: __, ...expected } = then
    // What the process was is not recorded.
    expect(shown).toEqual({ ...expected, at: epochMs(startedAt + 1_000), process: null })
  })

  it('has the result of then, whatever came after it', () => {
    const records = recorded([finding(null), finding('particle 3'), finding('particle 8'), finding(null)])
    const resultAt = (moment: number) => stateAt(records, moment).cameras[0]?.lastFinding
    expect([500, 1_500, 2_500, 3_500].map(resultAt)).toEqual([null, 'particle 3', 'particle 8', null])
  })

  it('is that of a daemon which starts until its root has said that it runs', () => {
    const { records, start, enter, wait } = tellStory()
    start('root', null)
    for (const state of ['starting', 'running', 'stopping', 'ended']) {
      wait(10)
      enter('root', state)
    }
    expect([0, 10, 20, 30, 40].map((moment) => stateAt(records, moment).phase)).toEqual([
      ...['starting', 'starting', 'running', 'draining', 'stopped'],
    ])
  })

  it('is empty where nothing was recorded of it', () => {
    const old = recorded([daemonState()]).map((record) => {
      if (record.type !== 'gauges.read') return record
      const { facts: _, ...without } = record
      return without
    })
    const { version, boot, cameras, inference, writer, uploader } = stateAt(old, 1_000)
    expect({ version, boot }).toEqual({ version: '', boot: 0 })
    expect(cameras[0]).toMatchObject({
      source: '',
      sourceSize: null,
      models: [],
      lossless: false,
      lastFinding: null,
      lastFindingAt: null,
    })
    expect(inference).toMatchObject({ models: [], workers: { wanted: 0, running: 2 }, waitingLimit: 0 })
    expect(writer).toMatchObject({ queueLimit: 0, disk: { level: 'enough', fullInMs: null } })
    expect(uploader).toMatchObject({ server: '', sendingLimit: 0 })
  })

  it('has no camera whose name is none, as in a recording made by hand', () => {
    const { records, start } = tellStory()
    for (const path of ['root', 'root/cameras']) start(path, null)
    for (const id of ['dock-1', 'Dock 1', 'dock-1/below']) start(`root/cameras/${id}`)
    expect(stateAt(records, 0).cameras.map(({ path }) => path)).toEqual(['root/cameras/dock-1'])
  })

  it('is the same after the records that told it have left the ring, or stand in a file before', () => {
    const [ring, file] = [new RecordRing({ entries: 1 }), new RecordingLines('belay 0.1.0')]
    const records = recorded([finding('particle 3'), finding(null), finding('particle 8')])
    for (const record of records) {
      ring.add(record)
      file.line(record)
    }
    const last = records.at(-1)
    for (const text of [[...recordingOf(ring, 'belay 0.1.0')].join(''), file.header() + JSON.stringify(last) + '\n']) {
      const { header, records: kept } = readRecording(text)
      const history = new History()
      history.load(header.actors, kept)
      const { cameras, uploader } = pastScene(history, 3_000).state
      expect([kept.length, cameras[0]?.lastFinding, cameras[0]?.source, uploader.server]).toEqual([
        ...[1, 'particle 8', 'synthetic', 'sftp://belay@127.0.0.1:2022/in'],
      ])
    }
  })

  it('is whole also after cameras were taken out and put in again, changed or not', () => {
    const { records, start, enter, say, wait } = tellStory()
    for (const path of ['root', 'root/cameras']) start(path, null)
    enter('root', 'running')
    const teller = new GaugeTeller(({ path, epoch }, body) => say(path, body, epoch ?? undefined))
    const look = (epoch: number, cameras: DaemonState['cameras']) => {
      for (const { path } of cameras) start(path, 'camera', epoch)
      teller.look(daemonState({ actors: cameras.map(({ path }) => actorView(path, { epoch })), cameras }))
    }
    const [first, second] = [cameraView('dock-1', { lossless: true }), cameraView('dock-2', { lossless: true })]
    look(1, [first, second])
    const forget = { type: 'supervisor.decided', decision: 'forget', cause: 'call', restartsLeft: 5 } as const
    for (const { path } of [first, second]) say(path, { ...forget, reason: 'it is deleted' })
    wait(1_000)
    const changed = { ...first, models: ['moving'], lastFinding: null, lastFindingAt: null }
    look(2, [changed, second])
    expect(stateAt(records, 1_000).cameras).toEqual([changed, second])
  })

  it('has of a camera that runs anew what holds now', () => {
    const { records, start, say, wait } = tellStory()
    for (const path of ['root', 'root/cameras']) start(path, null)
    const teller = new GaugeTeller(({ path, epoch }, body) => say(path, body, epoch ?? undefined))
    const camera = cameraView('dock-1')
    const without = { ...camera, lastFinding: null, lastFindingAt: null }
    for (const [epoch, shown] of [camera, without].entries()) {
      start(camera.path, 'camera', epoch + 1)
      teller.look(daemonState({ actors: [actorView(camera.path, { epoch: epoch + 1 })], cameras: [shown] }))
      wait(1_000)
    }
    expect(stateAt(records, 2_000).cameras).toEqual([without])
  })

  it('knows how many labels a model has, also where they are too many to be told', () => {
    const labels = Array.from({ length: 1_000 }, (_, index) => `label ${index}`)
    const [model] = daemonState().inference.models
    const { inference } = daemonState()
    const records = recorded([daemonState({ inference: { ...inference, models: [{ ...model!, labels }] } })])
    const [shown] = stateAt(records, 1_000).inference.models
    expect([shown?.labels.length, shown?.labels[0], shown?.labels[49], shown?.labels.at(-1)]).toEqual([
      ...[1_000, 'label 0', 'label 49', '…'],
    ])
    const texts = records.flatMap((record) => (record.type === 'gauges.read' ? Object.values(record.facts ?? {}) : []))
    expect(Math.max(...texts.map((text) => String(text).length))).toBeLessThanOrEqual(500)
  })
})

describe('an actor that tries again at a moment of the past', () => {
  const camera = (name: string) => `root/cameras/${name}`
  const { records, start, enter, end, say, wait } = tellStory()
  for (const path of ['root', 'root/cameras']) start(path, null)
  for (const name of ['new', 'lost', 'crashed', 'back']) {
    start(camera(name))
    enter(camera(name), 'connecting')
  }
  wait(1_000)
  for (const name of ['lost', 'back']) enter(camera(name), 'backingOff', 'camera.lost', 'nobody answers')
  enter(camera('crashed'), 'crashed', 'xstate.error', 'a bug')
  const decided = { type: 'supervisor.decided', decision: 'restart', cause: 'exit', restartsLeft: 4 } as const
  say(camera('crashed'), { ...decided, reason: 'a bug' })
  end(camera('crashed'), 'failed')
  wait(1_000)
  const begun = records.length
  for (const name of ['lost', 'back']) enter(camera(name), 'connecting')
  start(camera('crashed'), 'camera', 2)
  enter(camera('crashed'), 'connecting', 'xstate.init', null, 2)
  wait(1_000)
  const told = records.length
  enter(camera('back'), 'streaming')

  const tellingAt = (history: History, moment: number) =>
    Object.fromEntries(
      pastScene(history, moment)
        .state.actors.filter(({ kind }) => kind === 'machine')
        .map((actor) => [actor.path.slice(camera('').length), tellingState(actor)]),
    )
  const since = (count: number): History => {
    const history = new History()
    const pictures = new ActorPictures()
    for (const record of records.slice(0, count)) pictures.apply(record)
    history.load(pictures.all(), records.slice(count))
    return history
  }

  it('is no better than it was before, as it was at the time', () => {
    expect(tellingAt(since(0), 2_500)).toEqual({
      ...{ new: 'connecting', lost: 'backingOff', crashed: 'crashed', back: 'backingOff' },
    })
    expect(tellingAt(since(0), 3_000)).toMatchObject({ lost: 'backingOff', back: 'streaming' })
    expect(tellingAt(since(0), 500)).toMatchObject({ lost: 'connecting', crashed: 'connecting' })
    const lost = pastScene(since(0), 2_500).state.actors.find(({ path }) => path === camera('lost'))
    expect(lost?.before).toEqual([
      { state: 'backingOff', since: startedAt + 1_000, until: startedAt + 2_000, why: 'nobody answers' },
      { state: 'connecting', since: startedAt, until: startedAt + 1_000, why: null },
    ])
  })

  it('was in its earlier states for the reason that it said last', () => {
    const story = tellStory()
    for (const path of ['root', 'root/cameras']) story.start(path, null)
    story.start(camera('new'))
    story.enter(camera('new'), 'refused', 'test', 'no such name')
    for (let each = 0; each < 10; each++) story.say(camera('new'), { type: 'why.changed', why: `asked ${each} times` })
    story.enter(camera('new'), 'connecting')
    const history = new History()
    history.load([], story.records)
    const shown = pastScene(history, 0).state.actors.find(({ path }) => path === camera('new'))
    expect(shown?.before.map(({ state, why }) => `${state}: ${why}`)).toEqual(['refused: asked 9 times'])
  })

  it('has the latest of many states, as the tree has them', () => {
    const often = tellStory()
    for (const path of ['root', 'root/cameras']) often.start(path, null)
    for (const name of ['dock-1', 'dock-2']) often.start(camera(name))
    for (let each = 0; each < 40; each++) {
      often.wait(1)
      for (const name of ['dock-1', 'dock-2'])
        often.enter(camera(name), ['connecting', 'backingOff'][each % 2]!, 'test', `${name} ${each}`)
    }
    const history = new History()
    history.load([], often.records)
    for (const count of [1, 5, 8, 9, 10, 39]) {
      const scene = pastScene(history, count)
      const trying = scene.state.actors.filter(({ state }) => state === 'connecting')
      expect(trying.map(({ before }) => before)).toEqual(trying.map(({ path }) => statesBefore(scene, path)))
      expect(trying.length).toBe(count % 2 === 1 ? 2 : 0)
    }
  })

  it('is so too where only pictures tell what it was', () => {
    expect(tellingAt(since(begun), 2_500)).toMatchObject({ new: 'connecting', lost: 'backingOff', crashed: 'crashed' })
    // By then nothing is left of the life that crashed.
    expect(tellingAt(since(told), 3_000)).toMatchObject({
      new: 'connecting',
      lost: 'backingOff',
      crashed: 'connecting',
    })
  })
})
