import { describe, expect, it } from 'vitest'
import { EpisodeReader } from '../../inspector/src/timeline/episode-reader.ts'
import type { Episode } from '../../inspector/src/timeline/episode.ts'
import {
  isTakenAnywhere,
  isWayTaken,
  machineHistory,
  statesBefore,
} from '../../inspector/src/history/machine-history.ts'
import { milliseconds } from '../../src/domain/units.ts'
import { ActorPictures } from '../../src/inspection-feed/actor-pictures.ts'
import type { ActorPicture } from '../../src/inspection-feed/actor-picture.ts'
import type { FeedRecord } from '../../src/inspection-feed/record.ts'
import { messagesAmong } from '../../inspector/src/timeline/message-runs.ts'
import { episodesOf } from './episodes-of.ts'
import { tellStory } from './page-records.ts'

const dock = 'root/cameras/dock-1'
const told = (records: readonly FeedRecord[], before: readonly ActorPicture[] = []) =>
  episodesOf({ before, records }).map(
    ({ kind, label, tone, from, to, why }) =>
      `${from}–${to ?? ''} ${kind} ${tone}: ${label}${why === null ? '' : ` (${why})`}`,
  )

const filesOf = (records: readonly FeedRecord[], before: readonly ActorPicture[] = []) =>
  episodesOf({ before, records }).map(({ file }) => file)

describe('the episodes of a camera', () => {
  it('are its connection, its reconnect with the back-offs in it, and its drain', () => {
    const { start, enter, end, wait, hear, records } = tellStory()
    start(dock)
    enter(dock, 'online.connecting', 'xstate.init', 'started')
    wait(100)
    enter(dock, 'online.open.streaming', 'stream.began', 'pictures arrive')
    wait(1_000)
    for (let each = 0; each < 2; each++) {
      enter(dock, 'backingOff', 'xstate.error.actor.frameStream', 'no route')
      wait(50)
      enter(dock, 'online.connecting', 'xstate.after.reconnectDelay.camera.backingOff', 'no route')
      wait(50)
    }
    enter(dock, 'online.open.streaming', 'stream.began', 'pictures arrive')
    wait(500)
    hear(dock, 'drain', { within: 5_000 })
    enter(dock, 'draining', 'drain', 'asked to drain')
    wait(20)
    enter(dock, 'stopped')
    end(dock)
    expect(told(records)).toEqual([
      '0–100 start busy: start (started)',
      '100–1100 state good: streaming (pictures arrive)',
      '1100–1300 reconnect warn: reconnect, 2 back-offs (no route)',
      '1300–1800 state good: streaming (pictures arrive)',
      '1800–1820 stop busy: drain (asked to drain)',
      '1800–1820 deadline off: 5 s to drain',
      '1820–1820 state off: stopped',
    ])
  })

  it('end with what it was at when it is told to drain', () => {
    const { start, enter, end, wait, records } = tellStory()
    start(dock)
    enter(dock, 'online.connecting', 'xstate.init', 'started')
    wait(100)
    enter(dock, 'backingOff', 'x', 'no route')
    wait(400)
    enter(dock, 'draining', 'drain', 'asked to drain')
    wait(20)
    enter(dock, 'stopped')
    end(dock)
    expect(told(records)).toEqual([
      '0–500 start warn: start, 1 back-off (no route)',
      '500–520 stop busy: drain (asked to drain)',
      '520–520 state off: stopped',
    ])
  })

  it('are called by what they were where nothing was connected again', () => {
    const { start, enter, wait, records } = tellStory()
    start(dock)
    enter(dock, 'online.open.streaming')
    for (const node of ['online.open.stale', 'online.open.degraded', 'online.open.stale', 'online.open.streaming']) {
      wait(100)
      enter(dock, node, 'x', 'no picture for 0.5 s')
    }
    enter(dock, 'online.open.frozen', 'x', 'the same picture for 30 s')
    expect(told(records).slice(1)).toEqual([
      '100–400 interruption warn: stale, degraded (no picture for 0.5 s)',
      '400–400 state good: streaming (no picture for 0.5 s)',
      '400– interruption warn: frozen (the same picture for 30 s)',
    ])
  })

  it('that go on have no end, and say where they are', () => {
    const { start, enter, wait, records } = tellStory()
    start(dock)
    enter(dock, 'online.connecting', 'xstate.init', 'started')
    wait(100)
    enter(dock, 'backingOff', 'x', 'no route')
    expect(told(records)).toEqual(['0– start warn: start, 1 back-off (backing off) (no route)'])
  })

  it('join a crash with the life after it', () => {
    const { start, enter, end, wait, records } = tellStory()
    start(dock)
    enter(dock, 'online.open.streaming', 'stream.began', 'pictures arrive')
    wait(100)
    enter(dock, 'crashed', 'xstate.error', 'TypeError: a bug')
    end(dock, 'failed')
    wait(500)
    start(dock, 'camera', 2)
    enter(dock, 'online.connecting', 'xstate.init', 'started', 2)
    wait(50)
    enter(dock, 'online.open.streaming', 'stream.began', 'pictures arrive', 2)
    expect(told(records)).toEqual([
      '0–100 state good: streaming (pictures arrive)',
      '100–650 crash bad: crash and restart (TypeError: a bug)',
      '650– state good: streaming (pictures arrive)',
    ])
  })

  it('join no crash with the end of its supervisor: nobody is left to begin another life', () => {
    const { start, enter, end, wait, records } = tellStory()
    for (const path of ['root/cameras', dock, 'root/cameras-2/dock-1']) start(path)
    enter(dock, 'crashed', 'xstate.error', 'TypeError: a bug')
    enter('root/cameras-2/dock-1', 'crashed', 'xstate.error', 'TypeError: a bug')
    end(dock, 'failed')
    wait(500)
    end('root/cameras')
    wait(500)
    expect(told(records)).toEqual([
      '0–500 crash bad: crash (TypeError: a bug)',
      '0– crash bad: crash and restart (crashed) (TypeError: a bug)',
    ])
  })

  it('have a deadline of each stop, the latest as long as it drains', () => {
    const { start, enter, end, hear, wait, records } = tellStory()
    start(dock)
    hear(dock, 'drain', { within: 5_000 })
    enter(dock, 'draining', 'drain')
    wait(300)
    end(dock)
    start(dock, 'camera', 2)
    hear(dock, 'drain', { within: 4_000 })
    enter(dock, 'draining', 'drain')
    expect(told(records).filter((each) => each.includes('deadline'))).toEqual([
      '0–300 deadline off: 5 s to drain',
      '300–4300 deadline off: 4 s to drain',
    ])
  })

  it.each([
    { event: 'drain', within: 2_000, deadline: '0–2100 deadline off: 2.1 s to drain' },
    { event: 'drain', within: 9_000, deadline: '0–5000 deadline off: 5 s to drain' },
    { event: 'stop.hurry', within: 0, deadline: '0–100 deadline off: 0.1 s to drain' },
    { event: 'stop.extend', within: 9_000, deadline: '0–9100 deadline off: 9.1 s to drain' },
    { event: 'stop.extend', within: 2_000, deadline: '0–5000 deadline off: 5 s to drain' },
  ])('have the deadline that $event within $within ms leaves of one of 5 s', ({ event, within, deadline }) => {
    const { enter, hear, wait, records } = tellStory()
    hear('root/cameras', 'drain', { within: 5_000 })
    enter('root/cameras', 'stopping', 'drain')
    wait(100)
    hear('root/cameras', event, { within })
    expect(told(records)).toContain(deadline)
  })

  it('have a deadline ahead as long as it drains', () => {
    const { enter, hear, wait, records } = tellStory()
    wait(1_000)
    hear(dock, 'drain', { within: 5_000 })
    enter(dock, 'draining', 'drain')
    expect(told(records)).toContain('1000–6000 deadline off: 5 s to drain')
  })
})

describe('the episodes of a file', () => {
  it('are one from its seal to its delivery, with its tries', () => {
    const { hear, wait, records } = tellStory()
    hear('root/csv-writer', 'file.sealed', { path: 'sealed/a.csv', rows: 8 })
    wait(10)
    hear('root/csv-writer', 'file.sealed', { path: 'sealed/b.csv', rows: 8 })
    hear('root/uploader', 'file.failed', { path: 'sealed/a.csv', why: 'the server has no room' })
    wait(10)
    hear('root/uploader', 'file.delivered', { path: 'sealed/a.csv' })
    hear('root/csv-writer', 'file.sealed', { path: 'sealed/c.csv', rows: 8 })
    hear('root/uploader', 'file.conflict', { path: 'sealed/c.csv', why: 'another file has its name' })
    expect(told(records)).toEqual([
      '0–20 upload warn: a.csv, 2 tries (the server has no room)',
      '10– upload busy: b.csv (waits)',
      '20–20 upload bad: conflict: c.csv (another file has its name)',
    ])
    expect(filesOf(records)).toEqual(['sealed/a.csv', 'sealed/b.csv', 'sealed/c.csv'])
  })
})

describe('the episode of a file that is packed', () => {
  it('ends where it went into its archive, whose own then begins; each is there once, however often it is claimed', () => {
    const { hear, wait, records } = tellStory()
    hear('root/csv-writer', 'file.sealed', { path: 'sealed/a.csv', held: true })
    wait(10)
    hear('root/csv-writer', 'file.archived', { path: 'sealed/a.csv', into: 'sealed/a.tar.gz' })
    hear('root/csv-writer', 'file.packed', { path: 'sealed/a.tar.gz' })
    wait(10)
    hear('root/uploader', 'file.claimed', { path: 'sealed/a.tar.gz' })
    hear('root/uploader', 'file.released', { path: 'sealed/a.tar.gz', why: 'no answer' })
    hear('root/uploader', 'file.claimed', { path: 'sealed/a.tar.gz' })
    wait(10)
    hear('root/uploader', 'file.delivered', { path: 'sealed/a.tar.gz' })
    expect(told(records)).toEqual(['0–10 upload good: packed: a.csv', '10–30 upload good: a.tar.gz'])
  })
})

describe('the episode of a file that could not be packed', () => {
  it('ends with its refusal, on the uploader’s lane as all others', () => {
    const { hear, records, wait } = tellStory()
    hear('root/csv-writer', 'file.sealed', { path: 'sealed/a.csv', rows: 8, held: true })
    hear('root/csv-writer', 'file.sealed', { path: 'sealed/b.csv', rows: 8, held: true })
    wait(50)
    hear('root/csv-writer', 'file.refused', { path: 'sealed/a.csv', why: 'it has changed since it was sealed' })
    const episodes = episodesOf({ before: [], records })
    expect(told(records)).toEqual([
      '0–50 upload bad: refused: a.csv (it has changed since it was sealed)',
      '0– upload busy: b.csv (waits)',
    ])
    expect(new Set(episodes.map(({ path }) => path))).toEqual(new Set(['root/uploader']))
  })
})

describe('the episode of a file that an operator sends again', () => {
  it('begins anew', () => {
    const { hear, say, wait, records } = tellStory()
    hear('root/uploader', 'file.deadLetter', { path: 'sealed/a.csv', why: 'it failed 2 times' })
    wait(10)
    const asked = { type: 'operator.asked', command: 'file.retry', by: '10.0.0.9', outcome: 'done' } as const
    say('root/uploader', { ...asked, words: 'File 1 is due at once', file: 'sealed/a.csv' })
    expect(told(records)).toContain('10– upload busy: a.csv (waits)')
  })
})

describe('the episode of a file that is set aside', () => {
  it('ends there, with what it is called and why', () => {
    const { hear, wait, records } = tellStory()
    hear('root/csv-writer', 'file.sealed', { path: 'sealed/a.csv', rows: 8 })
    hear('root/csv-writer', 'file.sealed', { path: 'sealed/b.csv', rows: 8 })
    wait(10)
    hear('root/uploader', 'file.failed', { path: 'sealed/a.csv', why: 'it is longer than it was', again: false })
    hear('root/uploader', 'file.failed', { path: 'sealed/b.csv', why: 'no permission', again: true })
    wait(10)
    hear('root/uploader', 'file.deadLetter', { path: 'sealed/b.csv', why: 'it failed 2 times' })
    expect(told(records)).toEqual([
      '0–10 upload bad: refused: a.csv, 1 try (it is longer than it was)',
      '0–20 upload bad: dead letter: b.csv, 2 tries (it failed 2 times)',
    ])
  })
})

describe('the episodes of files that were under way before all that is held', () => {
  it('are one without names, by the count of then, and each of its own as soon as it is told of', () => {
    const { say, hear, wait, records } = tellStory()
    const count = (pending: number, sending: number) =>
      say('root/uploader', {
        type: 'gauges.read',
        values: { uploaded: 4, 'files.pending': pending, 'files.sending': sending, 'files.delivered': 4 },
      })
    count(1, 2)
    const before = forget(records)
    wait(100)
    hear('root/uploader', 'session.opened')
    expect(told(records, before)).toEqual(['100– upload busy: 3 sealed before (wait)'])
    expect(filesOf(records, before)).toEqual([undefined])
    wait(50)
    hear('root/csv-writer', 'file.sealed', { path: 'sealed/new.csv' })
    hear('root/uploader', 'file.delivered', { path: 'sealed/a.csv' })
    hear('root/uploader', 'file.claimed', { path: 'sealed/b.csv' })
    expect(told(records, before)).toEqual([
      '100–150 upload good: a.csv',
      '100– upload busy: 1 sealed before (waits)',
      '100– upload busy: b.csv (waits)',
      '150– upload busy: new.csv (waits)',
    ])
    // It had arrived a moment after the count, and before the first record.
    count(0, 0)
    expect(told(records, before)).not.toContain('100– upload busy: 1 sealed before (waits)')
  })
})

describe('a violated invariant', () => {
  it('is marked where it was said', () => {
    const { say, wait, records } = tellStory()
    wait(40)
    say('root', { type: 'invariant.violated', invariant: 'a row is in one file', detail: 'row 8 is in two' })
    expect(told(records)).toEqual(['40–40 violation bad: a row is in one file (row 8 is in two)'])
  })
})

describe('what an operator asked for', () => {
  it('is marked where it was asked, with who asked and what became of it', () => {
    const { say, wait, records } = tellStory()
    const by = { type: 'operator.asked', by: '10.0.0.9' } as const
    say(dock, { ...by, command: 'camera.pause', outcome: 'done', words: 'Camera dock-1 is paused' })
    wait(40)
    say(dock, { ...by, command: 'camera.pause', outcome: 'refused', words: 'Camera dock-1 is paused' })
    expect(told(records)).toEqual([
      '0–0 operator busy: camera.pause by 10.0.0.9 (Camera dock-1 is paused)',
      '40–40 operator warn: camera.pause by 10.0.0.9 (refused) (Camera dock-1 is paused)',
    ])
    expect(
      messagesAmong({ chosen: [dock], actors: new Set([dock]) }, records, 0, 40).map(({ source, event }) => [
        source,
        event,
      ]),
    ).toEqual([
      [null, 'camera.pause by 10.0.0.9'],
      [null, 'camera.pause by 10.0.0.9 (refused)'],
    ])
  })
})

describe('a step of a simulation', () => {
  it('is marked where it did harm', () => {
    const { say, wait, records } = tellStory()
    wait(40)
    say(dock, { type: 'simulation.step', what: 'video.open', about: 'dock-1', outcome: 'ok' })
    say(dock, { type: 'simulation.step', what: 'video.open', about: 'dock-1', outcome: 'hangs' })
    say('root', { type: 'simulation.step', what: 'power cut', about: '', outcome: null })
    expect(told(records)).toEqual(['40–40 fault warn: video.open: hangs (dock-1)', '40–40 fault warn: power cut ()'])
  })
})

describe('the history of a machine', () => {
  const { start, enter, wait, records } = tellStory()
  start(dock)
  enter(dock, 'online.connecting')
  wait(100)
  enter(dock, 'online.open.streaming', 'stream.began')
  wait(1_000)
  enter(dock, 'backingOff', 'xstate.error.actor.frameStream')
  wait(50)
  enter(dock, 'online.connecting', 'xstate.after.reconnectDelay.camera.backingOff')
  wait(7)
  const history = machineHistory({ before: [], records }, dock, 1_157)

  it('tells the time spent in each state and in what encloses it, and how often', () => {
    expect(Object.fromEntries(history.spent)).toEqual({
      'online.connecting': { ms: 107, times: 2 },
      'online.open': { ms: 1_000, times: 1 },
      'online.open.streaming': { ms: 1_000, times: 1 },
      online: { ms: 1_107, times: 2 },
      backingOff: { ms: 50, times: 1 },
    })
  })

  it('tells what it was in before, the latest first, eight at most', () => {
    expect(
      statesBefore({ wallOffset: 0, before: [], records }, dock).map(({ state, since, until }) => [
        state,
        until - since,
      ]),
    ).toEqual([
      ['backingOff', 50],
      ['streaming', 1_000],
      ['connecting', 100],
    ])
    const often = Array.from({ length: 4 }, () => records).flat()
    expect(statesBefore({ wallOffset: 0, before: [], records: often }, dock)).toHaveLength(8)
    expect(statesBefore({ wallOffset: 0, before: [], records: records.slice(0, 1) }, dock)).toEqual([])
  })

  it('knows the way taken last among the arrows', () => {
    const [last] = history.transitions
    const reconnect = { events: ['xstate.after.reconnectDelay.camera.backingOff'], from: 'backingOff', to: 'online' }
    expect(isWayTaken(reconnect, last)).toBe(true)
    expect(isWayTaken({ ...reconnect, from: 'online' }, last)).toBe(false)
    expect(isWayTaken({ ...reconnect, to: 'finished' }, last)).toBe(false)
    expect(isWayTaken({ ...reconnect, events: ['stream.began'] }, last)).toBe(false)
  })

  it('knows whether the way taken last is one that is answered in every state', () => {
    const { records: drained, start, enter } = tellStory()
    start(dock)
    enter(dock, 'online.open.streaming', 'stream.began')
    enter(dock, 'draining', 'drain')
    const [last] = machineHistory({ before: [], records: drained }, dock, 0).transitions
    const drain = { event: 'drain', targets: ['draining'] }
    expect(isTakenAnywhere(drain, last)).toBe(true)
    expect(isTakenAnywhere({ ...drain, event: 'stop' }, last)).toBe(false)
    expect(isTakenAnywhere({ ...drain, targets: ['online'] }, last)).toBe(false)
    expect(isTakenAnywhere({ ...drain, targets: [] }, last)).toBe(false)
    expect(isTakenAnywhere(drain, undefined)).toBe(false)
  })
})

/** What has happened so far has left the ring: only its pictures are left. */
function forget(records: FeedRecord[]): ActorPicture[] {
  const pictures = new ActorPictures()
  for (const record of records.splice(0)) pictures.apply(record)
  return pictures.all()
}

describe('an actor whose last change of state has been forgotten', () => {
  it('has a lane from when it came into its state, and goes on from there', () => {
    const { start, enter, wait, records } = tellStory()
    start(dock)
    enter(dock, 'online.connecting', 'xstate.init', 'started')
    wait(100)
    enter(dock, 'online.open.streaming', 'stream.began', 'pictures arrive')
    wait(1_000)
    const before = forget(records)
    expect(told(records, before)).toEqual(['100– state good: streaming (pictures arrive)'])
    enter(dock, 'backingOff', 'xstate.error.actor.frameStream', 'no route')
    wait(50)
    enter(dock, 'online.open.streaming', 'stream.began', 'pictures arrive')
    expect(told(records, before)).toEqual([
      '100–1100 state good: streaming (pictures arrive)',
      '1100–1150 reconnect warn: reconnect, 1 back-off (no route)',
      '1150– state good: streaming (pictures arrive)',
    ])
  })

  it('is not said to start where it was trying already', () => {
    const { start, enter, wait, records } = tellStory()
    start(dock)
    enter(dock, 'backingOff', 'xstate.error.actor.frameStream', 'no route')
    wait(100)
    const before = forget(records)
    wait(50)
    enter(dock, 'online.open.streaming', 'stream.began', 'pictures arrive')
    expect(told(records, before)).toEqual([
      '0–150 reconnect warn: reconnect, 1 back-off (no route)',
      '150– state good: streaming (pictures arrive)',
    ])
  })

  it('has none where it has ended, unless it crashed and comes back', () => {
    const { say, start, enter, end, wait, records } = tellStory()
    const decided = { type: 'supervisor.decided', cause: 'exit', restartsLeft: 4, reason: 'a bug' } as const
    for (const path of [dock, 'root/cameras/dock-2']) {
      say(path, { ...decided, decision: 'start' })
      start(path)
    }
    enter(dock, 'crashed', 'xstate.error', 'TypeError: a bug')
    end(dock, 'failed')
    enter('root/cameras/dock-2', 'stopped')
    end('root/cameras/dock-2')
    wait(100)
    const before = forget(records)
    expect(told(records, before)).toEqual(['0– crash bad: crash and restart (crashed) (TypeError: a bug)'])
    start(dock, 'camera', 2)
    enter(dock, 'online.open.streaming', 'stream.began', 'pictures arrive', 2)
    expect(told(records, before)).toEqual([
      '0–100 crash bad: crash and restart (TypeError: a bug)',
      '100– state good: streaming (pictures arrive)',
    ])
  })
})

describe('an actor that was told to end before all that is held', () => {
  const { start, enter, end, hear, wait, records } = tellStory()
  start(dock)
  enter(dock, 'online.open.streaming')
  wait(100)
  hear(dock, 'drain', { within: 5_000 })
  enter(dock, 'draining', 'drain', 'asked to drain')
  wait(1_000)
  const before = forget(records)

  it('has its deadline ahead, from when it was told', () => {
    expect(told(records, before)).toEqual([
      '100– stop busy: drain (draining) (asked to drain)',
      '100–5100 deadline off: 5 s to drain',
    ])
  })

  it('has none any more once it has ended, nor in its next life', () => {
    end(dock)
    expect(told(records, before)).toContain('100–1100 deadline off: 5 s to drain')
    start(dock, 'camera', 2)
    enter(dock, 'online.connecting', 'xstate.init', null, 2)
    const pictures = new ActorPictures(before)
    for (const record of records) pictures.apply(record)
    expect(told([], pictures.all())).toEqual(['1100– reconnect busy: reconnect (connecting)'])
  })
})

describe('an actor that crashed, and whose supervisor has ended, before all that is held', () => {
  it('has no lane: nobody is left to begin another life', () => {
    const { say, start, enter, end, records } = tellStory()
    const decided = { type: 'supervisor.decided', cause: 'exit', restartsLeft: 4, reason: 'a bug' } as const
    for (const path of ['root/cameras', dock]) {
      say(path, { ...decided, decision: 'start' })
      start(path)
    }
    enter(dock, 'crashed', 'xstate.error', 'TypeError: a bug')
    end(dock, 'failed')
    end('root/cameras')
    expect(told(records, forget(records))).toEqual([])
  })
})

describe('the history of a machine whose last change of state has been forgotten', () => {
  const { start, enter, wait, records } = tellStory()
  start(dock)
  enter(dock, 'online.connecting')
  wait(100)
  enter(dock, 'online.open.streaming', 'stream.began', 'pictures arrive')
  wait(1_000)
  const before = forget(records)

  it('has the time in that state, and the way that led there', () => {
    const { transitions, spent } = machineHistory({ before, records: [] }, dock, 1_300)
    expect(Object.fromEntries(spent)).toEqual({
      'online.open.streaming': { ms: 1_200, times: 1 },
      'online.open': { ms: 1_200, times: 1 },
      online: { ms: 1_200, times: 1 },
    })
    expect(transitions).toMatchObject([
      {
        ...{ monotonic: 100, to: 'streaming', why: 'pictures arrive' },
        way: { from: 'connecting', fromNodes: ['online.connecting'], event: 'stream.began' },
      },
    ])
    const began = { events: ['stream.began'], from: 'online.connecting', to: 'online.open.streaming' }
    expect(isWayTaken(began, transitions[0])).toBe(true)
  })

  it('knows no way where the recording is of a time when none was told', () => {
    const old = before.map(({ way: _, ...picture }) => picture)
    const { transitions } = machineHistory({ before: old, records: [] }, dock, 1_300)
    expect(transitions).toMatchObject([{ to: 'streaming', way: undefined }])
    expect(isWayTaken({ events: ['stream.began'], from: 'online', to: 'online' }, transitions[0])).toBe(false)
  })

  it('goes on with the records, and has that state among those before', () => {
    enter(dock, 'backingOff', 'xstate.error.actor.frameStream', 'no route')
    wait(50)
    const told = { before, records }
    const { transitions, spent } = machineHistory(told, dock, 1_150)
    expect([spent.get('online')?.ms, spent.get('backingOff')?.ms]).toEqual([1_000, 50])
    expect(
      isWayTaken({ events: ['xstate.error.actor.frameStream'], from: 'online', to: 'backingOff' }, transitions[0]),
    ).toBe(true)
    expect(statesBefore({ ...told, wallOffset: 0 }, dock)).toMatchObject([
      { state: 'streaming', why: 'pictures arrive' },
    ])
  })

  it('has no more time where it has ended', () => {
    const { say, start, enter, end, wait, records } = tellStory()
    say(dock, { type: 'supervisor.decided', decision: 'start', cause: 'boot', restartsLeft: 5, reason: 'starting' })
    start(dock)
    enter(dock, 'stopped')
    end(dock)
    wait(500)
    const { spent } = machineHistory({ before: forget(records), records }, dock, 500)
    expect(Object.fromEntries(spent)).toEqual({ stopped: { ms: 0, times: 1 } })
  })
})

describe('records that a recording lacks', () => {
  const { start, enter, wait, records } = tellStory()
  start(dock)
  for (const node of ['online.connecting', 'online.open.streaming', 'backingOff', 'online.open.streaming']) {
    wait(100)
    enter(dock, node)
  }
  /** Without those at these places. */
  const gapsWithout = (...left: number[]) =>
    told(records.filter((_, index) => !left.includes(index))).filter((each) => each.includes(' gap '))

  it('are a gap of all actors, from the last record before them to the first after, with how many they are', () => {
    const why = ' (the recording lacks them: what went on meanwhile is not known)'
    expect(gapsWithout(2, 3)).toEqual([`100–400 gap warn: 2 records missing${why}`])
    expect(gapsWithout(1, 3)).toEqual([
      `0–200 gap warn: 1 record missing${why}`,
      `200–400 gap warn: 1 record missing${why}`,
    ])
  })

  it('are none before its first and after its last, and none where all are there', () => {
    expect([gapsWithout(), gapsWithout(0, 1), gapsWithout(3, 4)]).toEqual([[], [], []])
  })
})

describe('episodes that are read on while the oldest records go', () => {
  const story = tellStory()
  const { start, enter, end, hear, wait, records } = story
  start(dock)
  start('root/cameras/dock-2')
  enter('root/cameras/dock-2', 'stopped')
  end('root/cameras/dock-2')
  for (const node of ['online.connecting', 'online.open.streaming', 'backingOff', 'online.open.streaming']) {
    enter(dock, node, 'x', 'no route')
    hear('root/csv-writer', 'file.sealed', { path: `sealed/${story.clock.monotonic()}.csv` })
    wait(100)
  }
  const labels = (episodes: readonly Episode[]) => episodes.map(({ label, from, to }) => `${from}–${to ?? ''} ${label}`)
  /** As the history has them once the first `count` have gone. */
  const without = (count: number, until = records.length) => ({
    before: forget(records.slice(0, count)),
    records: records.slice(count, until),
  })

  it('are those of before without what was over by then, and keep how they began', () => {
    const reader = new EpisodeReader()
    reader.read(without(0, 10))
    expect(labels(reader.read(without(9)))).toEqual([
      '0– 0.csv (waits)',
      '100–200 streaming',
      '100– 100.csv (waits)',
      '200–300 reconnect, 1 back-off',
      '200– 200.csv (waits)',
      '300– streaming',
      '300– 300.csv (waits)',
    ])
  })

  it('are so too where records are missing', () => {
    const reader = new EpisodeReader()
    const lacking = (count: number, until?: number) => {
      const held = without(count, until)
      return { ...held, records: held.records.filter(({ sequence }) => sequence !== 8) }
    }
    reader.read(lacking(0, 10))
    expect(labels(reader.read(lacking(6)))).toContain('0– 0.csv (waits)')
  })

  it('name no more than 1,000 files that are under way since before, and count those that have been for longest', () => {
    const long = tellStory()
    const told = (first: number) => ({
      before: forget(long.records.slice(0, first)),
      records: long.records.slice(first),
    })
    for (let file = 0; file < 1_003; file++) {
      long.wait(1)
      long.hear('root/csv-writer', 'file.sealed', { path: `sealed/${file}.csv` })
    }
    const reader = new EpisodeReader()
    expect(reader.read(told(0))).toHaveLength(1_003)
    const read = labels(reader.read(told(1_002)))
    expect([read.length, ...read.slice(0, 2)]).toEqual([1_001, '4– 3.csv (waits)', '5– 4.csv (waits)'])
    expect(read.slice(-2)).toEqual(['1003– 3 sealed before (wait)', '1003– 1002.csv (waits)'])
    long.hear('root/uploader', 'file.delivered', { path: 'sealed/0.csv' })
    expect(labels(reader.read(told(1_002))).slice(-3)).toEqual([
      ...['1003–1003 0.csv', '1003– 2 sealed before (wait)', '1003– 1002.csv (waits)'],
    ])
  })

  it('are read anew after a step back, and in another history', () => {
    const reader = new EpisodeReader()
    const all = labels(reader.read(without(0)))
    expect(labels(reader.read(without(0, 6)))).toEqual(['0–0 stopped', '0– start (connecting)', '0– 0.csv (waits)'])
    expect(labels(reader.read(without(0)))).toEqual(all)
    const others = records.map((record) => ({ ...record, monotonic: milliseconds(record.monotonic + 1) }))
    expect(reader.read({ before: [], records: others })[0]?.from).toBe(1)
    expect(reader.read({ before: without(8).before, records: [] })).toEqual(episodesOf({ ...without(8), records: [] }))
  })
})
