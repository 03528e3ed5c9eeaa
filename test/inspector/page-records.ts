import type { FeedRecord, Plain, RecordBody } from '../../src/inspection-feed/record.ts'
import { createRecorder } from '../../src/inspection-feed/recorder.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

/** Tells a story of actors, record by record. */
export function tellStory() {
  const clock = new VirtualClock()
  const records: FeedRecord[] = []
  const record = createRecorder(clock, (made) => records.push(made))
  const states = new Map<string, string>()
  const say = (path: string, body: RecordBody, epoch = 1) => record({ path, epoch }, body)
  return {
    clock,
    records,
    say,
    wait: (ms: number) => clock.advance(ms),
    start: (path: string, machine: string | null = 'camera', epoch = 1) => {
      states.delete(path)
      say(path, { type: 'actor.started', kind: machine === null ? 'supervisor' : 'machine', machine }, epoch)
    },
    /** `online.open.streaming`: the node; the state is called by its last word. */
    enter: (path: string, node: string, event = 'xstate.init', why: string | null = null, epoch = 1) => {
      const to = node.slice(node.lastIndexOf('.') + 1)
      const from = states.get(path) ?? null
      states.set(path, to)
      const nodes = to === 'crashed' ? [] : [node]
      say(path, { type: 'state.entered', from, to, nodes, event, why }, epoch)
    },
    end: (path: string, how: 'done' | 'failed' | 'stopped' = 'done', epoch = 1) => {
      say(path, { type: 'actor.ended', how, why: null }, epoch)
    },
    hear: (path: string, event: string, detail: Record<string, Plain> = {}, source: string | null = null) => {
      say(path, { type: 'event.received', source, event, detail })
    },
  }
}
