import { describe, expect, it } from 'vitest'
import { applyMessage, type Seen } from '../../inspector/src/daemon/apply-message.ts'
import { epochMs } from '../../src/domain/units.ts'
import { createFeed } from '../../src/inspection-feed/feed.ts'
import { RecordRing } from '../../src/inspection-feed/record-ring.ts'
import type { DaemonState, FeedMessage } from '../../src/inspection-feed/protocol.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'
import { actorView, cameraView, daemonState } from '../inspection-feed/sample-state.ts'

describe('a page that follows the feed', () => {
  const base = daemonState()
  const steps: { what: string; state: Partial<DaemonState> }[] = [
    { what: 'nothing changes', state: {} },
    { what: 'the phase changes', state: { phase: 'draining' } },
    { what: 'the wall clock is set', state: { runningSince: epochMs(base.runningSince + 60_000) } },
    { what: 'a camera comes first', state: { cameras: [cameraView('dock-0'), ...base.cameras] } },
    { what: 'cameras change places', state: { cameras: base.cameras.toReversed() } },
    { what: 'all cameras go', state: { cameras: [] } },
    { what: 'an actor moves', state: { actors: [actorView('root', { state: 'stopping' }), ...base.actors.slice(1)] } },
    { what: 'an actor goes', state: { actors: base.actors.slice(0, 3) } },
    { what: 'the writer is blocked', state: { writer: { ...base.writer, blocked: 'no space left' } } },
    { what: 'everything is as at first', state: {} },
  ]

  it('knows after each message what the daemon knows', () => {
    const clock = new VirtualClock()
    let state = base
    let seen: Seen | undefined
    const feed = createFeed({ clock, ring: new RecordRing(), state: () => ({ ...state, at: clock.now() }) })
    feed.subscribe({
      message: ({ text }) => (seen = applyMessage(seen, JSON.parse(text) as FeedMessage)),
      failed: (error) => {
        throw error
      },
    })
    for (const step of steps) {
      state = daemonState(step.state)
      clock.advance(100)
      expect({ ...seen?.state, at: state.at }, step.what).toEqual(state)
    }
  })

  it('knows that a message is missing', () => {
    const delta = { type: 'delta', at: epochMs(0) } as const
    const seen = { state: base, sequence: 4 }
    expect(applyMessage(seen, { ...delta, sequence: 5 })?.sequence).toBe(5)
    expect(applyMessage(seen, { ...delta, sequence: 6 })).toBeUndefined()
    expect(applyMessage(seen, { ...delta, sequence: 4 })).toBeUndefined()
    expect(applyMessage(undefined, { ...delta, sequence: 1 })).toBeUndefined()
  })
})
