import type { Milliseconds } from '../domain/units.ts'
import { seconds } from '../domain/units.ts'
import { GaugeTeller } from './gauge-teller.ts'
import type { DaemonState } from './protocol.ts'
import { momentOf, type RecordSink } from './recorder.ts'
import type { Gauges } from './trend-kinds.ts'
import type { Clock, TimerHandle } from '../ports/clock.ts'

export interface GaugeOptions {
  readonly state: () => DaemonState
  readonly clock: Clock
  readonly record: RecordSink
  /** Hears what was read of all parts, whether it has moved or not. */
  readonly onRead: (readings: ReadonlyMap<string, Gauges>) => void
  /** They cannot be read: a bug. They are not read again. */
  readonly onFault: (error: unknown) => void
  /** Default 2 s. */
  readonly every?: Milliseconds
}

/** Reads every part's gauges and facts and every actor's mailbox and budget now and again, and records those that have moved, all of one reading at one moment. Returns the way to end it. */
export function recordGauges({ state, clock, record, onRead, onFault, every = seconds(2) }: GaugeOptions): () => void {
  let moment = momentOf(clock)
  const teller = new GaugeTeller((about, body) => record(about, body, moment))
  let timer: TimerHandle

  function tick(): void {
    moment = momentOf(clock)
    try {
      onRead(teller.look(state()))
      timer = clock.setTimeout(tick, every)
    } catch (error) {
      onFault(error)
    }
  }

  timer = clock.setTimeout(tick, every)
  return () => clock.clearTimeout(timer)
}
