import type { InspectionEvent } from 'xstate'
import { ActorTally } from '../inspection-feed/actor-tally.ts'
import { InspectBridge } from '../inspection-feed/inspect-bridge.ts'
import type { FeedRecord } from '../inspection-feed/record.ts'
import { RecordRing } from '../inspection-feed/record-ring.ts'
import { createRecorder, type RecordSink } from '../inspection-feed/recorder.ts'
import { createTap, type Tap } from '../inspection-feed/tap.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Report } from '../supervision/index.ts'
import { logReport } from '../logging/log-report.ts'
import { logTransition } from '../logging/log-transition.ts'

export interface ActorWatchOptions {
  readonly clock: Clock
  readonly log: Log
  /** Hears everything that happens in the actor system, as it does; must neither throw nor wait. */
  readonly onRecord: ((record: FeedRecord) => void) | undefined
  /** So many inference threads hang that only a new process helps. */
  readonly onWedged: () => void
}

/** What XState and the supervisors tell of the actors: into the log, the counts, the ring of records and the inspect bridge. */
export interface ActorWatch {
  readonly tap: Tap
  readonly tally: ActorTally
  readonly ring: RecordRing
  readonly bridge: InspectBridge
  readonly record: RecordSink
  hearXState(event: InspectionEvent): void
  hearSupervisor(report: Report): void
}

export function watchActors({ clock, log, onRecord, onWedged }: ActorWatchOptions): ActorWatch {
  const tally = new ActorTally()
  const ring = new RecordRing()
  const bridge = new InspectBridge(ring)
  const record = createRecorder(clock, (made) => {
    ring.add(made)
    bridge.see(made)
    onRecord?.(made)
  })
  const tap = createTap({
    clock,
    tally,
    onFault: (error) => log.error('the inspection tap failed', { error }),
    onMachine: (machine) => bridge.learn(machine),
    onRecord(about, body) {
      record(about, body)
      if (body.type !== 'state.entered' || about.kind !== 'machine') return
      tally.transition(about.path, body)
      logTransition(log, about.path, body)
      if (about.path === 'root/inference' && body.to === 'wedged') onWedged()
    },
  })
  return {
    tap,
    tally,
    ring,
    bridge,
    record,
    hearXState: (event) => tap.inspect(event),
    hearSupervisor(report) {
      logReport(log, report)
      tally.report(report)
      tap.supervisorReport(report)
    },
  }
}
