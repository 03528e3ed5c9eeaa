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

  const header = new RecordingLines('belay 0.1.0').header()
  it.each([
    { what: 'is empty', text: '', says: 'Line 1 is no JSON object' },
    { what: 'is something else', text: 'time,camera\n', says: 'Line 1 is no JSON object' },
    { what: 'has no header', text: '{"type":"state.entered"}\n', says: 'Line 1 is no header' },
    {
      what: 'is of another version',
      text: header.replace('"version":1', '"version":2'),
      says: 'Line 1 is of version 2, and this is a reader of version 1',
    },
    { what: 'is damaged', text: `${header}{"a":1}\n`, says: 'Line 2 is no record' },
    { what: 'is damaged at its end', text: `${header}nonsense\n`, says: 'Line 2 is no JSON object' },
  ])('that $what is refused by line', ({ text, says }) => {
    expect(() => readRecording(text)).toThrow(says)
  })
})
