import { describe, expect, it } from 'vitest'
import type { FeedRecord } from '../../src/inspection-feed/record.ts'
import { readRecording, recordingOf, RecordingLines } from '../../src/inspection-feed/recording.ts'
import { RecordRing } from '../../src/inspection-feed/record-ring.ts'
import { createRecorder } from '../../src/inspection-feed/recorder.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

function happen(states: readonly string[], ...takers: ((record: FeedRecord) => void)[]): void {
  const record = createRecorder(new VirtualClock(), (made) => takers.forEach((take) => take(made)))
  for (const to of states)
    record(
      { path: 'root/a', epoch: 1 },
      { type: 'state.entered', from: null, to, nodes: [to], event: 'xstate.init', why: null },
    )
}

describe('a recording', () => {
  it('of the ring is read back as what the ring holds, after what was known before', () => {
    const ring = new RecordRing({ entries: 2 })
    happen(['one', 'two', 'three'], (record) => ring.add(record))
    const { header, records, isTorn } = readRecording([...recordingOf(ring, 'belay 0.1.0', 1)].join(''))
    expect(header).toMatchObject({ version: 1, source: 'daemon', madeBy: 'belay 0.1.0' })
    expect(header.actors).toMatchObject([{ path: 'root/a', state: 'one' }])
    expect(records).toEqual(ring.after(0))
    expect(isTorn).toBe(false)
  })

  it('of the ring holds nothing that happens while it is sent', () => {
    const ring = new RecordRing()
    happen(['one'], (record) => ring.add(record))
    const pieces = recordingOf(ring, 'belay 0.1.0')[Symbol.iterator]()
    pieces.next()
    ring.add({ ...ring.after(0)[0]!, sequence: 2 })
    expect(String(pieces.next().value).split('\n')).toHaveLength(2)
    expect(pieces.next().done).toBe(true)
  })

  it('begins a file with what was known before its first line', () => {
    const lines = new RecordingLines('belay 0.1.0')
    const written: string[] = []
    happen(['one', 'two'], (record) => written.push(lines.line(record)))
    const { header } = readRecording(lines.header())
    expect(header.actors).toMatchObject([{ path: 'root/a', state: 'one' }])
  })

  it('whose last line was cut short is read up to there', () => {
    const lines = new RecordingLines('belay 0.1.0')
    let text = lines.header()
    happen(['one', 'two'], (record) => (text += lines.line(record)))
    const { records, isTorn } = readRecording(text.slice(0, -20))
    expect({ count: records.length, isTorn }).toEqual({ count: 1, isTorn: true })
  })

  it('from which records were left out knows how many', () => {
    const lines = new RecordingLines('belay 0.1.0')
    const written: string[] = []
    happen(['one', 'two', 'three', 'four', 'five', 'six'], (record) => written.push(lines.line(record)))
    const without = (...left: readonly number[]) => {
      const { records, missing } = readRecording(
        lines.header() + written.filter((_, index) => !left.includes(index)).join(''),
      )
      return { count: records.length, missing }
    }
    expect(without()).toEqual({ count: 6, missing: 0 })
    expect(without(1, 2, 4)).toEqual({ count: 3, missing: 3 })
    // What came before the file was another's to keep.
    expect(without(0, 1)).toEqual({ count: 4, missing: 0 })
    expect(without(0, 1, 2, 3, 4, 5)).toEqual({ count: 0, missing: 0 })
  })

  it('whose last line break an editor has left out is read to its end', () => {
    const lines = new RecordingLines('belay 0.1.0')
    let text = lines.header()
    happen(['one', 'two'], (record) => (text += lines.line(record)))
    const { records, isTorn } = readRecording(text.trimEnd())
    expect({ count: records.length, isTorn }).toEqual({ count: 2, isTorn: false })
  })

  const header = new RecordingLines('belay 0.1.0').header()
  const another = 'Open a recording of belay run --record, or a trace of the simulation'
  const mend = 'Mend that line or take it out, and open the file again'
  it.each([
    { what: 'is empty', text: '', says: `Line 1: expected a recording's header, found nothing. ${another}` },
    {
      what: 'is something else',
      text: 'a,b\n',
      says: `Line 1: expected a recording's header, found "a,b". ${another}`,
    },
    { what: 'has no header', text: '{}\n', says: `Line 1, type: expected recording, found nothing. ${another}` },
    {
      what: 'is of another version',
      text: header.replace('"version":1', '"version":2'),
      says: 'Line 1, version: expected 1, found 2. Open it with the Belay that made it',
    },
    { what: 'is torn in its header', text: header.slice(0, -20), says: "Line 1: expected a recording's header" },
    {
      what: 'is damaged',
      text: `${header}${'x'.repeat(50)}\n`,
      says: `Line 2: expected JSON, found "${'x'.repeat(40)}…". ${mend}`,
    },
    { what: 'has an empty line', text: `${header}\n`, says: `Line 2: expected JSON, found nothing. ${mend}` },
    { what: 'is two in one', text: `${header}${header}`, says: 'Line 2, type: expected one of actor.started, ' },
    {
      what: 'ends in half a record',
      text: `${header}{"type":"actor.ended"}`,
      says: 'Line 2, how: expected one of done',
    },
  ])('that $what is refused by line', ({ text, says }) => {
    expect(() => readRecording(text)).toThrow(says)
  })
})

describe('what is read of a recording', () => {
  const stamp = { sequence: 1, at: 1_767_225_600_000, monotonic: 0, path: 'root/a', epoch: 1 }
  const decided = { type: 'supervisor.decided', decision: 'restart', cause: 'exit', restartsLeft: 2, reason: 'crashed' }
  const picture = {
    ...{
      path: 'root/a',
      epoch: 1,
      kind: 'machine',
      machine: 'camera',
      state: 'streaming',
      nodes: ['online'],
      why: null,
    },
    ...{ since: 1, sinceMonotonic: 1, ended: null, restartsLeft: 3, decision: decided, gauges: { captured: 1 } },
  }
  const way = { from: null, fromNodes: [], event: 'xstate.init' }
  const series = { name: 'dock-1', min: [null], mean: [1], max: [2] }
  const trend = { kind: 'fps', span: '1h', bucketMs: 1, startedAt: 1, from: 0, fromAt: 1, series: [series], leftOut: 0 }
  const header = { type: 'recording', version: 1, source: 'simulation', madeBy: 'belay', actors: [picture] }
  const bodies = [
    { type: 'actor.started', kind: 'machine', machine: null },
    { type: 'actor.ended', how: 'done', why: null },
    { type: 'state.entered', from: null, to: 'a', nodes: ['a'], event: 'xstate.init', why: null },
    { type: 'event.received', source: null, event: 'drain', detail: { within: 5, path: 'a', again: false } },
    decided,
    { type: 'gauges.read', values: { captured: 1 } },
    { type: 'operator.asked', command: 'camera.pause', by: '::1', outcome: 'done', words: 'paused' },
    { type: 'simulation.step', what: 'power cut', about: '', outcome: null },
    { type: 'invariant.violated', invariant: 'rows', detail: 'twice' },
  ]
  const textOf = (...lines: object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  const record = (body: object) => ({ ...stamp, ...body })

  it('is every kind of record, with what is beside what we know, and what may be absent', () => {
    const optional = [
      { ...bodies[2], nextTryAt: 1 },
      { ...decided, nextTryAt: 1 },
      { ...bodies[5], facts: { a: 'b', c: null, d: 1, e: true } },
      { ...bodies[6], file: 'a.csv' },
      { ...bodies[0], laterOn: {} },
    ]
    const decision = { ...decided, nextTryAt: 1, nextTryMonotonic: 1 }
    const full = { ...picture, decision, nextTryAt: 1, deadline: { from: 1, to: 2 }, way, facts: { lossless: true } }
    const records = [...bodies, ...optional].map(record)
    const read = readRecording(textOf({ ...header, seed: 42, trends: [trend], actors: [picture, full] }, ...records))
    expect(read.records).toEqual(records)
    expect(read.header.actors).toEqual([picture, full])
  })

  it.each(bodies)('has every field of $type, each of its kind', (body) => {
    for (const field of Object.keys(record(body)))
      for (const value of [undefined, [[]]])
        expect(
          () => readRecording(textOf(header, record({ ...body, [field]: value }))),
          `${field}: ${JSON.stringify(value)}`,
        ).toThrow(`Line 2, ${field}`)
  })

  it('has in its header every field of what was known before, each of its kind', () => {
    for (const field of Object.keys(picture))
      for (const value of [undefined, [[]]])
        expect(() => readRecording(textOf({ ...header, actors: [picture, { ...picture, [field]: value }] }))).toThrow(
          `Line 1, actors[1].${field}`,
        )
  })

  it.each([
    [{ path: '' }, 'path: expected a text that is not empty, found nothing'],
    [{ path: 5 }, 'path: expected a text that is not empty, found 5'],
    [{ ...bodies[3], source: '' }, 'source: expected a text that is not empty or null, found nothing'],
    [{ ...bodies[5], values: { 'dropped.no-slot': 'x' } }, 'values["dropped.no-slot"]: expected a number, found "x"'],
    [{ at: 1e20 }, 'at: expected milliseconds since 1970, found 100000000000000000000'],
    [{ ...bodies[2], nodes: ['a', 5] }, 'nodes[1]: expected a text, found 5'],
    [
      { ...bodies[3], detail: { within: {} } },
      'detail.within: expected a text, a number, true or false, found an object',
    ],
    [{ ...bodies[5], values: { fps: null } }, 'values.fps: expected a number, found null'],
    [{ ...bodies[5], facts: { a: [] } }, 'facts.a: expected a text, a number, true or false or null, found a list'],
    [{ ...bodies[0], kind: 'actor' }, 'kind: expected one of supervisor, machine, other, found "actor"'],
    [{ ...bodies[2], nextTryAt: null }, 'nextTryAt: expected milliseconds since 1970, found null'],
  ])('has not %j', (change, says) => {
    expect(() => readRecording(textOf(header, record({ ...bodies[0], ...change })))).toThrow(`Line 2, ${says}. `)
  })

  it.each([
    [
      { trends: [{ ...trend, series: [{ ...series, max: ['a'] }] }] },
      'trends[0].series[0].max[0]: expected a number or null',
    ],
    [
      { actors: [{ ...picture, way: { ...way, fromNodes: null } }] },
      'actors[0].way.fromNodes: expected a list, found null',
    ],
    [
      { actors: [{ ...picture, decision: { ...decided, cause: 1 } }] },
      'actors[0].decision.cause: expected a text, found 1',
    ],
    [{ actors: [{ ...picture, decision: 1 }] }, 'actors[0].decision: expected an object or null, found 1'],
    [{ actors: [{ ...picture, deadline: {} }] }, 'actors[0].deadline.from: expected a number, found nothing'],
  ])('has in its header not %j', (change, says) => {
    expect(() => readRecording(textOf({ ...header, ...change }))).toThrow(`Line 1, ${says}`)
  })
})
