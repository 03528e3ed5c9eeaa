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
    const leave = bridge.attach((text) => told.push(JSON.parse(text) as (typeof told)[number]))
    leave()
    return told.map(({ type, sessionId, state }) => [type, sessionId, (JSON.parse(state) as { value: unknown }).value])
  }
  return { enter, introduced }
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
