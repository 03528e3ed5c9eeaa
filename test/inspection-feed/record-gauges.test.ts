import { describe, expect, it } from 'vitest'
import { milliseconds, seconds } from '../../src/domain/units.ts'
import type { FactsChange } from '../../src/inspection-feed/record.ts'
import { createRecorder } from '../../src/inspection-feed/recorder.ts'
import { recordGauges } from '../../src/inspection-feed/record-gauges.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'
import { actorView, cameraView, daemonState, startedAt } from './sample-state.ts'

function start() {
  const clock = new VirtualClock()
  const shown = { state: daemonState({ actors: [actorView('root/cameras/dock-1', { epoch: 3 })] }) }
  const read: string[] = []
  const faults: unknown[] = []
  const said: string[][] = []
  const facts: Record<string, FactsChange>[] = []
  const end = recordGauges({
    state: () => shown.state,
    clock,
    every: seconds(2),
    onFault: (error) => faults.push(error),
    onRead: (readings) => said.push([...readings.keys()]),
    record({ path, epoch }, body) {
      read.push(`${path}#${epoch} ${body.type === 'gauges.read' ? JSON.stringify(body.values) : body.type}`)
      if (body.type === 'gauges.read' && body.facts !== undefined) facts.push({ [path]: body.facts })
    },
  })
  return { clock, shown, read, facts, faults, said, end }
}

describe('gauges', () => {
  it('are read of every part every two seconds, causes that are 0 left out', () => {
    const { clock, read } = start()
    clock.advance(1_999)
    expect(read).toEqual([])
    clock.advance(1)
    expect(read.map((line) => line.split(' ')[0])).toEqual([
      'root/cameras/dock-1#3',
      'root/cameras/dock-2#null',
      'root/inference#null',
      'root/csv-writer#null',
      'root/uploader#null',
    ])
    expect(read[0]).toBe(
      'root/cameras/dock-1#3 {"captured":10,"inspected":7,"inFlight":1,"dropped.superseded":2,"rowsProduced":7,"rowsAccepted":7,"rowsFailed":0,"rowsQueued":0,"fps":25,"inspectedPerSecond":20,"latencyP50Ms":20,"latencyP95Ms":31,"mailboxWaiting":0,"mailboxMost":1,"restartsLeft":5}',
    )
  })

  it('are left out where they are no number that JSON has', () => {
    const { clock, shown, read, facts } = start()
    const { writer } = shown.state
    const disk = { ...writer.disk, freeBytes: Infinity, fullInMs: milliseconds(NaN) }
    shown.state = { ...shown.state, writer: { ...writer, disk } }
    clock.advance(2_000)
    expect(read.find((line) => line.startsWith('root/csv-writer'))).not.toMatch(/diskFreeBytes|:null/)
    expect(facts.find((fact) => 'root/csv-writer' in fact)?.['root/csv-writer']).not.toHaveProperty('diskFullInMs')
  })

  it('of one reading are of one moment, however long the reading takes', () => {
    const clock = new VirtualClock()
    const moments: string[] = []
    const record = createRecorder(clock, ({ at, monotonic }) => {
      moments.push(`${at} ${monotonic}`)
      clock.oversleep(1)
    })
    const end = recordGauges({
      ...{ state: () => daemonState({}), clock, every: seconds(2), record },
      ...{ onRead: () => undefined, onFault: () => undefined },
    })
    clock.advance(2_000)
    end()
    expect(moments.length).toBeGreaterThan(2)
    expect(new Set(moments).size).toBe(1)
  })

  it('tell of each actor how full its mailbox is, where that is known', () => {
    const { clock, shown, read, said } = start()
    const actors = [actorView('root', { epoch: null, mailbox: { waiting: 2, most: 7 } }), actorView('root/log')]
    shown.state = daemonState({ actors: [...actors, actorView('root/other', { mailbox: null, restartsLeft: null })] })
    clock.advance(2_000)
    expect(read.filter((line) => line.includes('mailbox'))).toEqual([
      'root#null {"mailboxWaiting":2,"mailboxMost":7,"restartsLeft":5}',
      'root/log#1 {"mailboxWaiting":0,"mailboxMost":1,"restartsLeft":5}',
    ])
    expect(read.some((line) => line.startsWith('root/other'))).toBe(false)
    expect(said[0]).not.toContain('root')
  })

  it('are recorded again only where they have moved, and followed whether they have or not', () => {
    const { clock, shown, read, said } = start()
    clock.advance(2_000)
    read.length = 0
    const cameras = [cameraView('dock-1'), cameraView('dock-2', { fps: 24.987 })]
    shown.state = { ...shown.state, cameras }
    clock.advance(2_000)
    expect(read).toEqual([expect.stringMatching(/^root\/cameras\/dock-2#.*"fps":24\.99/)])
    const all = ['root/cameras/dock-1', 'root/cameras/dock-2', 'root/inference', 'root/csv-writer', 'root/uploader']
    expect(said).toEqual([all, all])
  })

  it('bring along what has changed beside them, and what is not known any more', () => {
    const { clock, shown, facts } = start()
    const cameras = [cameraView('dock-1')]
    shown.state = daemonState({ cameras })
    clock.advance(2_000)
    expect(facts).toContainEqual({
      'root/cameras/dock-1': {
        ...{ source: 'synthetic', sourceWidth: 640, sourceHeight: 480, models: 'belt-particles', lossless: false },
        ...{ lastFinding: 'particle 3, best 0.97', lastFindingAt: startedAt + 900 },
      },
    })
    facts.length = 0
    shown.state = daemonState({ cameras: [cameraView('dock-1', { lastFinding: 'nothing seen' })] })
    clock.advance(2_000)
    shown.state = daemonState({ cameras: [cameraView('dock-1', { lastFinding: null, lastFindingAt: null, fps: 3 })] })
    clock.advance(4_000)
    expect(facts).toEqual([
      { 'root/cameras/dock-1': { lastFinding: 'nothing seen' } },
      { 'root/cameras/dock-1': { lastFinding: null, lastFindingAt: null } },
    ])
  })

  it('that cannot be read are a fault, said once', () => {
    const { clock, shown, faults } = start()
    const bug = new TypeError('a bug')
    Object.defineProperty(shown, 'state', {
      get: () => {
        throw bug
      },
    })
    clock.advance(10_000)
    expect(faults).toEqual([bug])
  })

  it('are read no more once ended', () => {
    const { clock, read, end } = start()
    end()
    clock.advance(10_000)
    expect({ read, timers: clock.pending }).toEqual({ read: [], timers: 0 })
  })
})
