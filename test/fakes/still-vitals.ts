import { milliseconds } from '../../src/domain/units.ts'
import type { Vitals } from '../../src/ports/vitals.ts'

const none = milliseconds(0)

const thread = { ran: none, waited: none, collected: none }

/** A process that uses nothing. */
export const stillVitals: Vitals = {
  thread: () => thread,
  standstill: () => ({ lasted: none, before: thread, after: thread }),
  memory: () => ({ resident: 0, heap: 0, buffers: 0 }),
  memoryLimit: 1e9,
}
