import { describe, expect, it } from 'vitest'
import { InspectBridge } from '../../src/inspection-feed/inspect-bridge.ts'
import { createRecorder } from '../../src/inspection-feed/recorder.ts'
import { RecordRing } from '../../src/inspection-feed/record-ring.ts'
import { cameraMachine } from '../../src/machines/camera-machine.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

/** A ring of three records, and a bridge that knows of a camera. */
function startBridge() {
  const ring = new RecordRing({ entries: 3 })
  const bridge = new InspectBridge(ring)
  bridge.learn(cameraMachine)
  const record = createRecorder(new VirtualClock(), (made) => {
    ring.add(made)
    bridge.see(made)
  })
  const about = { path: 'root/cameras/dock-1', epoch: 1 }
  const enter = (to: string, from: string | null): void =>
    record(about, { type: 'state.entered', from, to, nodes: [`online.${to}`], event: 'moved', why: null })
  record(about, { type: 'actor.started', kind: 'machine', machine: 'camera' })
  enter('connecting', null)
  /** What a listener is told at once: each machine, and the state it is in. */
  const introduced = (): unknown[] => {
    const told: { type: string; sessionId: string; state: string }[] = []
    const leave = bridge.attach((text) => told.push(JSON.parse(text) as (typeof told)[number]) > 0)
    leave()
    return told.map(({ type, sessionId, state }) => [type, sessionId, (JSON.parse(state) as { value: unknown }).value])
  }
  return { bridge, record, enter, introduced }
}

const session = 'root/cameras/dock-1#1'
const inState = (state: string): unknown[] => [['service.register', session, { online: state }]]

describe('a bridge that nobody listens to', () => {
  it('registers what runs once somebody does', () => {
    const { introduced } = startBridge()
    expect(introduced()).toEqual(inState('connecting'))
  })

  it('knows what has happened since the last listener left', () => {
    const { enter, introduced } = startBridge()
    introduced()
    enter('backingOff', 'connecting')
    expect(introduced()).toEqual(inState('backingOff'))
  })

  it('knows what the ring has forgotten, between two listeners too', () => {
    const { enter, introduced } = startBridge()
    for (let times = 0; times < 4; times++) enter('backingOff', 'connecting')
    expect(introduced()).toEqual(inState('backingOff'))
    for (let times = 0; times < 4; times++) enter('connecting', 'backingOff')
    expect(introduced()).toEqual(inState('connecting'))
  })
})

describe('a bridge that somebody listens to', () => {
  it('tells of each life from its beginning to its end, and of what begins below it', () => {
    const { bridge, record } = startBridge()
    const told: unknown[] = []
    bridge.attach((text) => {
      const { type, sessionId, parent, state } = JSON.parse(text) as Record<string, string>
      const { value } = JSON.parse(state ?? '{}') as { value?: unknown }
      return told.push([type, sessionId, parent, value]) > 0
    })
    const [dock, part] = ['root/cameras/dock-1', 'root/cameras/dock-1/part']
    const begin = (path: string) => {
      record({ path, epoch: 2 }, { type: 'actor.started', kind: 'machine', machine: 'camera' })
      const first = { from: null, to: 'connecting', nodes: ['online.connecting'], event: 'xstate.init', why: null }
      record({ path, epoch: 2 }, { type: 'state.entered', ...first })
    }
    // It crashes: that is no state of its chart.
    const crash = { from: 'connecting', to: 'crashed', nodes: [], event: 'moved', why: 'a bug' }
    record({ path: dock, epoch: 1 }, { type: 'state.entered', ...crash })
    record({ path: dock, epoch: 1 }, { type: 'actor.ended', how: 'failed', why: 'a bug' })
    begin(dock)
    begin(part)
    expect(told).toEqual([
      ['service.register', `${dock}#1`, undefined, { online: 'connecting' }],
      ['service.stop', `${dock}#1`, undefined, undefined],
      ['service.register', `${dock}#2`, undefined, { online: 'connecting' }],
      ['service.register', `${part}#2`, `${dock}#2`, { online: 'connecting' }],
    ])
  })
})

describe('a listener that has left messages out', () => {
  it('is told what has ended meanwhile before all is registered anew, and of nothing that it never knew', () => {
    const { bridge, record } = startBridge()
    const told: unknown[] = []
    const note = (text: string): boolean => {
      const { type, sessionId } = JSON.parse(text) as Record<string, string>
      return told.push([type, sessionId]) > 0
    }
    let isBehind = false
    const listener = (text: string): boolean => !isBehind && note(text)
    bridge.attach(listener)
    const [dock, part] = ['root/cameras/dock-1', 'root/cameras/dock-1/part']
    const begin = (path: string, epoch: number) => {
      record({ path, epoch }, { type: 'actor.started', kind: 'machine', machine: 'camera' })
      const first = { from: null, to: 'connecting', nodes: ['online.connecting'], event: 'xstate.init', why: null }
      record({ path, epoch }, { type: 'state.entered', ...first })
    }
    const end = (path: string, epoch: number) =>
      record({ path, epoch }, { type: 'actor.ended', how: 'done', why: null })
    begin(part, 1)
    isBehind = true
    end(part, 1)
    end(dock, 1)
    begin(dock, 2)
    end(dock, 2)
    begin(dock, 3)
    bridge.introduce(listener, note)
    isBehind = false
    end(dock, 3)
    bridge.introduce(listener, note)
    expect(told).toEqual([
      ['service.register', `${dock}#1`],
      ['service.register', `${part}#1`],
      ['service.stop', `${dock}#1`],
      ['service.stop', `${part}#1`],
      ['service.register', `${dock}#3`],
      ['service.stop', `${dock}#3`],
    ])
  })
})
