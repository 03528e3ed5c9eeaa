import { describe, expect, it } from 'vitest'
import { exportLines } from '../../inspector/src/export-lines.ts'
import { History } from '../../inspector/src/history/history.ts'
import { pastScene, PastScenes, pastWords, presentScene } from '../../inspector/src/history/scene.ts'
import { epochMs } from '../../src/domain/units.ts'
import { actorGauges } from '../../src/inspection-feed/actor-gauges.ts'
import { RecordRing } from '../../src/inspection-feed/record-ring.ts'
import { readRecording, recordingOf, RecordingLines } from '../../src/inspection-feed/recording.ts'
import { episodesOf } from './episodes-of.ts'
import { tellStory } from './page-records.ts'
import { actorView, daemonState, startedAt } from '../inspection-feed/sample-state.ts'

const dock = 'root/cameras/dock-1'

function manyStates(count: number) {
  const story = tellStory()
  story.start(dock)
  for (let each = 1; each < count; each++) {
    story.wait(1)
    story.enter(dock, `s${each}`)
  }
  return story.records
}

describe('the page’s history', () => {
  it('shows how everything stood at any moment, near a kept picture or far from one', () => {
    const history = new History()
    history.load([], manyStates(3_500))
    for (const at of [0, 1, 999, 1_000, 1_001, 2_750, 3_499])
      expect(history.picturesAt(history.countAt(at)).get(dock)?.state).toBe(at === 0 ? '' : `s${at}`)
  })

  it('goes on with the records that follow, and takes each once', () => {
    const records = manyStates(30)
    const history = new History()
    history.load([], records.slice(0, 10))
    expect(history.append(records.slice(5, 20))).toBe(true)
    expect(history.records).toEqual(records.slice(0, 20))
    expect(history.latest.get(dock)?.state).toBe('s19')
  })

  it('takes nothing after a gap, and says so', () => {
    const records = manyStates(30)
    const history = new History()
    history.load([], records.slice(0, 10))
    expect(history.append(records.slice(11))).toBe(false)
    expect(history.records).toHaveLength(10)
  })

  it('takes what stands before a gap in what it is given, and says that there is one', () => {
    const records = manyStates(30)
    const history = new History()
    expect(history.append([...records.slice(0, 10), ...records.slice(12)])).toBe(false)
    expect(history.append([...records.slice(8, 14), ...records.slice(15)])).toBe(false)
    expect(history.records).toEqual(records.slice(0, 14))
  })

  it('forgets the oldest beyond 50,000, and still knows what they said', () => {
    const history = new History()
    const records = manyStates(56_000)
    for (let from = 0; from < records.length; from += 1_000) history.append(records.slice(from, from + 1_000))
    expect(history.records.length).toBe(51_000)
    expect(history.first?.sequence).toBe(5_001)
    expect(history.picturesAt(0).get(dock)?.state).toBe('s4999')
    expect(history.picturesAt(history.countAt(5_500)).get(dock)?.state).toBe('s5500')
  })

  it('shows one moment by one scene, while it goes on and forgets its beginning, until it is loaded anew', () => {
    const history = new History()
    const records = manyStates(56_000)
    history.load([], records.slice(0, 50_000))
    const scenes = new PastScenes()
    const scene = scenes.at(history, 40_000)
    expect(scene.records.at(-1)).toMatchObject({ to: 's40000' })
    for (let from = 50_000; from < records.length; from += 1_000) history.append(records.slice(from, from + 1_000))
    expect(history.first?.sequence).toBe(5_001)
    expect(scenes.at(history, 40_000)).toBe(scene)
    expect(scenes.at(history, 40_001).records.at(-1)).toMatchObject({ to: 's40001' })
    history.load([], structuredClone(records.slice(39_000, 41_000)))
    expect(scenes.at(history, 40_001).records).toHaveLength(1_002)
  })

  it('shows a moment as it was for as long as it is held, also once the page has forgotten it', () => {
    const history = new History()
    const records = manyStates(56_000)
    history.load([], records.slice(0, 50_000))
    const scenes = new PastScenes()
    const scene = scenes.at(history, 3_000)
    for (let from = 50_000; from < records.length; from += 1_000) {
      history.append(records.slice(from, from + 1_000))
      expect(scenes.at(history, 3_000)).toBe(scene)
    }
    expect(history.first?.monotonic).toBe(5_000)
    expect([scene.pictures.get(dock)?.state, scene.now - startedAt, scene.records.length]).toEqual([
      ...['s3000', 3_000, 3_001],
    ])
    history.load([], structuredClone(records.slice(9_000, 9_100)))
    expect(scenes.at(history, 3_000)).toBe(scene)
  })

  it('shows the last moment as it was for as long as it is held, whatever comes after it', () => {
    const history = new History()
    const records = manyStates(12)
    history.load([], records.slice(0, 10))
    const scenes = new PastScenes()
    const scene = scenes.at(history, history.last?.monotonic ?? NaN)
    history.append(records.slice(10))
    expect(scenes.at(history, 9)).toBe(scene)
    expect([scene.pictures.get(dock)?.state, history.latest.get(dock)?.state]).toEqual(['s9', 's11'])
  })

  it('shows the earliest moment that is remembered, with its own time, for one that had been forgotten before', () => {
    const history = new History()
    const records = manyStates(9_000)
    history.load([], records.slice(5_000, 6_000))
    const scenes = new PastScenes()
    const scene = scenes.at(history, 3_000)
    expect([scene.monotonic, scene.now - startedAt, scene.pictures.get(dock)?.state]).toEqual([5_000, 5_000, 's5000'])
    history.load([], records.slice(8_000))
    expect(scenes.at(history, 3_000)).toBe(scene)
    history.load([], records)
    expect(scenes.at(history, 3_000).pictures.get(dock)?.state).toBe('s3000')
    expect([pastWords(scene, 3_000), pastWords(scene, 5_000)]).toEqual([
      'What was at that moment is no longer remembered. This is a moment of the past, the earliest that was, and not how things are now.',
      'This is a moment of the past, and not how things are now.',
    ])
  })

  it('is saved as a recording that is read back the same, also where no daemon tells of the hours before', async () => {
    const history = new History()
    const records = manyStates(20)
    history.load([], records)
    const { header, records: read } = readRecording((await exportLines(history, undefined)).join(''))
    expect({ actors: header.actors, read }).toEqual({ actors: [], read: records })
  })

  it('is saved as of one moment, though it goes on meanwhile', async () => {
    const history = new History()
    const records = manyStates(56_000)
    history.load([], records.slice(0, 50_000))
    const saving = exportLines(history, undefined)
    for (let from = 50_000; from < records.length; from += 1_000) history.append(records.slice(from, from + 1_000))
    const { header, records: read } = readRecording((await saving).join(''))
    expect(read[0]?.sequence).toBe(5_001)
    expect(header.actors.find(({ path }) => path === dock)?.state).toBe('s4999')
  })

  it('of a trace is saved as that trace, whose seed it tells', async () => {
    const history = new History()
    history.load([], manyStates(20))
    const header = {
      type: 'recording',
      version: 1,
      source: 'simulation',
      madeBy: 'belay',
      seed: 42,
      actors: [],
    } as const
    expect(readRecording((await exportLines(history, header)).join('')).header).toEqual(header)
  })
})

describe('a scene', () => {
  const history = new History()
  const story = tellStory()
  story.start('root', null)
  story.enter('root', 'running')
  story.say('root/cameras', { type: 'actor.started', kind: 'supervisor', machine: null })
  story.enter('root/cameras', 'running')
  story.say(dock, { type: 'supervisor.decided', decision: 'start', cause: 'boot', restartsLeft: 5, reason: 'starting' })
  story.start(dock)
  story.enter(dock, 'online.open.streaming', 'stream.began', 'pictures arrive')
  story.say(dock, { type: 'gauges.read', values: { captured: 10, inspected: 9, 'dropped.superseded': 1, fps: 24.9 } })
  story.wait(1_000)
  story.enter(dock, 'crashed', 'xstate.error.actor.dock-1', 'TypeError: a bug')
  story.end(dock, 'failed')
  story.say(dock, {
    ...{ type: 'supervisor.decided', decision: 'back_off', cause: 'exit', restartsLeft: 4 },
    nextTryAt: epochMs(startedAt + 1_500),
    reason: 'dock-1 failed: restarting it in 500 ms',
  })
  story.wait(500)
  story.start(dock, 'camera', 2)
  story.enter(dock, 'online.connecting', 'xstate.init', 'started', 2)
  history.load([], story.records)
  const actorAt = (monotonic: number) => pastScene(history, monotonic).state.actors.find(({ path }) => path === dock)

  it('of the past has each actor in its state then, with the words for it', () => {
    expect(actorAt(999)).toMatchObject({
      ...{ kind: 'machine', state: 'streaming', why: 'pictures arrive', epoch: 1, since: startedAt },
      description: 'Pictures arrive, are new, and are inspected.',
    })
    expect(actorAt(1_500)).toMatchObject({
      state: 'connecting',
      nextTryAt: null,
      epoch: 2,
      description: 'Waits for the first picture.',
    })
  })

  it('has a crashed actor as its supervisor has it', () => {
    expect(actorAt(1_200)).toMatchObject({
      ...{ state: 'backing_off', restartsLeft: 4, why: 'dock-1 failed: restarting it in 500 ms' },
      nextTryAt: startedAt + 1_500,
      lastDecision: 'back off: dock-1 failed: restarting it in 500 ms',
    })
  })

  it('has the counts of then, and only what had happened', () => {
    const scene = pastScene(history, 999)
    expect(scene.state.cameras).toMatchObject([
      {
        id: 'dock-1',
        source: '',
        lastFinding: null,
        fps: 24.9,
        frames: { captured: 10, inspected: 9, dropped: { superseded: 1 } },
      },
    ])
    expect({ now: scene.now, count: scene.records.length, phase: scene.state.phase }).toEqual({
      now: startedAt + 999,
      count: 8,
      phase: 'running',
    })
  })

  it('has the mailboxes of then, and none of who has no life', () => {
    const mailboxes = new History()
    const { records, start, say, wait, end } = tellStory()
    for (const path of ['root', 'root/cameras']) start(path, null)
    start(dock)
    say(dock, { type: 'gauges.read', values: { fps: 25, ...actorGauges(actorView(dock)) } })
    wait(1_000)
    say(dock, {
      type: 'gauges.read',
      values: { fps: 25, ...actorGauges(actorView(dock, { mailbox: { waiting: 3, most: 8 } })) },
    })
    wait(1_000)
    say(dock, { type: 'supervisor.decided', decision: 'crash', cause: 'exit', restartsLeft: 0, reason: 'too often' })
    end(dock, 'failed')
    mailboxes.load([], records)
    const at = (moment: number) => pastScene(mailboxes, moment).state.actors.at(-1)?.mailbox
    expect([at(500), at(1_500), at(2_000)]).toEqual([{ waiting: 0, most: 1 }, { waiting: 3, most: 8 }, null])
  })

  it('has of a supervisor its own budget, and of who is supervised what was said or read last', () => {
    const budgets = new History()
    const { records, start, say, wait } = tellStory()
    const decided = { type: 'supervisor.decided', decision: 'restart', cause: 'exit', reason: 'a bug' } as const
    for (const path of ['root', 'root/cameras']) start(path, null)
    start(dock)
    say('root/cameras', { ...decided, restartsLeft: 5 })
    say(dock, { ...decided, restartsLeft: 2 })
    const group = actorView('root/cameras', { kind: 'supervisor', restartsLeft: 1 })
    say('root/cameras', { type: 'gauges.read', values: actorGauges(group) })
    wait(60_000)
    say(dock, { type: 'gauges.read', values: actorGauges(actorView(dock, { restartsLeft: 3 })) })
    wait(1_000)
    say(dock, { ...decided, restartsLeft: 2 })
    budgets.load([], records)
    const left = (moment: number) => pastScene(budgets, moment).state.actors.map(({ restartsLeft }) => restartsLeft)
    expect([left(0), left(60_500), left(61_000)]).toEqual([
      [null, 1, 2],
      [null, 1, 3],
      [null, 1, 2],
    ])
  })

  it('can be told of from its own records, of the past or the present, by a ring or a file of which the first are gone', () => {
    const { records, start, enter, hear, wait } = tellStory()
    start(dock)
    enter(dock, 'online.open.streaming', 'stream.began', 'pictures arrive')
    wait(1_000)
    hear('root/uploader', 'drain')
    hear('root/uploader', 'drain')
    const [ring, file] = [new RecordRing({ entries: 1 }), new RecordingLines('belay 0.1.0')]
    for (const record of records) {
      ring.add(record)
      file.line(record)
    }
    const last = `${JSON.stringify(records.at(-1))}\n`
    for (const text of [[...recordingOf(ring, 'belay 0.1.0')].join(''), file.header() + last]) {
      const read = readRecording(text)
      const later = new History()
      later.load(read.header.actors, read.records)
      for (const scene of [pastScene(later, 1_000), presentScene(later, daemonState(), startedAt + 1_500, true)]) {
        expect([scene.records.length, episodesOf(scene).map(({ path, label, from }) => [path, label, from])]).toEqual([
          ...[1, [[dock, 'streaming', 0]]],
        ])
      }
    }
  })

  it('of the present is the daemon’s own state, at the records’ own time', () => {
    const live = daemonState()
    const scene = presentScene(history, live, startedAt + 2_000, true)
    expect({ state: scene.state, monotonic: scene.monotonic, isPast: scene.isPast }).toEqual({
      state: live,
      monotonic: 2_000,
      isPast: false,
    })
  })
})
