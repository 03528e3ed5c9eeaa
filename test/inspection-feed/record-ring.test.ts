import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { FeedRecord, RecordBody } from '../../src/inspection-feed/record.ts'
import { RecordRing, type RingLimits } from '../../src/inspection-feed/record-ring.ts'
import { createRecorder } from '../../src/inspection-feed/recorder.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

const entered = (to: string, why = ''): RecordBody => ({
  type: 'state.entered',
  from: null,
  to,
  nodes: [to],
  event: 'xstate.init',
  why,
})

function fill(limits: RingLimits, bodies: readonly RecordBody[]): RecordRing {
  const ring = new RecordRing(limits)
  const record = createRecorder(new VirtualClock(), (made) => ring.add(made))
  for (const body of bodies) record({ path: 'root/a', epoch: 1 }, body)
  return ring
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
}

const sequences = (records: readonly FeedRecord[]) => records.map(({ sequence }) => sequence)

describe('a ring of records', () => {
  const states = ['one', 'two', 'three', 'four', 'five'].map((state) => entered(state))

  it('keeps all of them up to its bound', () => {
    const ring = fill({ entries: 5 }, states)
    expect({ last: ring.last, size: ring.size, kept: sequences(ring.after(0)) }).toEqual({
      last: 5,
      size: 5,
      kept: [1, 2, 3, 4, 5],
    })
    expect(ring.before()).toEqual([])
  })

  it('lets go of the oldest beyond it, and remembers what they said of their actor', () => {
    const ring = fill({ entries: 3 }, states)
    expect(sequences(ring.after(0))).toEqual([3, 4, 5])
    expect(ring.before()).toMatchObject([{ path: 'root/a', epoch: 1, state: 'two' }])
  })

  it('lets go of the oldest where they are heavy, and always keeps the latest', () => {
    const why = 'x'.repeat(500)
    const heavy = ['one', 'two', 'three'].map((state) => entered(state, why))
    expect(fill({ bytes: 2_000 }, heavy).size).toBe(2)
    expect(sequences(fill({ bytes: 1 }, heavy).after(0))).toEqual([3])
  })

  it('holds 16 MB unless told otherwise', () => {
    const ring = fill(
      {},
      Array.from({ length: 30_000 }, () => entered('one', 'x'.repeat(1_000))),
    )
    const bytes = ring.after(0).reduce((sum, record) => sum + JSON.stringify(record).length, 0)
    expect(bytes).toBeGreaterThan(14_000_000)
    expect(bytes).toBeLessThan(17_000_000)
  })

  it('holds on to nothing that has gone because it was heavy', async () => {
    const ring = new RecordRing({ bytes: 2_000 })
    const gone: WeakRef<FeedRecord>[] = []
    const record = createRecorder(new VirtualClock(), (made) => {
      ring.add(made)
      gone.push(new WeakRef(made))
    })
    for (let each = 0; each < 100; each++) record({ path: 'root/a', epoch: 1 }, entered('one', 'x'.repeat(500)))
    // What a weak reference was made of stays until the next turn of the loop.
    await setImmediate()
    collectGarbage()
    expect(gone.filter((each) => each.deref() !== undefined).length).toBe(ring.size)
  })

  it('gives those after a sequence, as many as asked for', () => {
    const ring = fill({ entries: 3 }, states)
    expect(sequences(ring.after(3))).toEqual([4, 5])
    expect(sequences(ring.after(0, 2))).toEqual([3, 4])
    expect(sequences(ring.after(5))).toEqual([])
  })

  it('takes 50,000 unless told otherwise', () => {
    const ring = fill(
      {},
      Array.from({ length: 50_001 }, () => entered('one')),
    )
    expect(ring.size).toBe(50_000)
  })

  it('weighs a record about as its JSON does', () => {
    const samples: RecordBody[] = [
      { type: 'actor.started', kind: 'machine', machine: 'camera' },
      { type: 'actor.ended', how: 'failed', why: 'StreamLostError: the stream ended' },
      entered('streaming', 'pictures arrive'),
      { type: 'event.received', source: 'root/cameras', event: 'drain', detail: { within: 5000 } },
      { type: 'event.received', source: null, event: 'file.failed', detail: { why: 'x'.repeat(500), path: 'a.csv' } },
      { type: 'supervisor.decided', decision: 'start', cause: 'boot', restartsLeft: 5, reason: 'starting dock-1' },
      { type: 'gauges.read', values: { captured: 812, inspected: 810, dropped: 2, fps: 24.9 } },
      { type: 'gauges.read', values: { fps: 24.9 }, facts: { source: `rtsp://${'x'.repeat(400)}`, lastFinding: null } },
      { type: 'simulation.step', what: 'sftp.write', about: 'a.csv.part', outcome: 'hangs' },
      { type: 'invariant.violated', invariant: 'a row is in one file', detail: 'row 8 is in two' },
    ]
    for (const body of samples) {
      const weigh = (bytes: number) => fill({ bytes }, [body, body]).size
      const [record] = fill({}, [body]).after(0)
      const length = JSON.stringify(record).length
      // Two of them fit into three times their length, and not into half of it.
      expect({ ...body, fits: [weigh(length), weigh(length * 3)] }).toEqual({ ...body, fits: [1, 2] })
    }
  })
})
