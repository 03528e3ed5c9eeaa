import type { DeliveryEvent } from '../delivery/deliver-due.ts'
import type { PoolEvent } from '../frame-path/pool-events.ts'
import type { Log } from '../ports/log.ts'
import type { WriterEvent } from '../storage/writer-event.ts'

type Level = 'debug' | 'info' | 'warn' | 'error'

/** How loud each fact is: what is added says so here. */
const levels = {
  // Each file comes by these; what became of it is worth a line.
  'file.claimed': 'debug',
  'file.released': 'debug',
  'file.archived': 'debug',
  'disk.enough': 'info',
  'disk.low': 'warn',
  'file.adopted': 'info',
  'file.conflict': 'warn',
  'file.deadLetter': 'warn',
  'file.delivered': 'info',
  'file.failed': 'warn',
  'file.packed': 'info',
  'file.refused': 'warn',
  'file.removed': 'info',
  'file.sealed': 'info',
  'file.unpackable': 'warn',
  'file.unreadable': 'warn',
  'pool.ready': 'info',
  // Nothing is inspected any more, and the process ends.
  'pool.wedged': 'error',
  'removal.failed': 'warn',
  'request.failed': 'warn',
  'session.opened': 'info',
  'worker.refused': 'warn',
  'worker.replaced': 'info',
  'worker.retired': 'warn',
  'worker.returned': 'info',
  'writer.blocked': 'warn',
  'writer.resumed': 'info',
} as const satisfies Record<(DeliveryEvent | PoolEvent | WriterEvent)['type'], Level>

/** Passes on what a generator tells, and says each of its facts in the log and to `note` first. */
export async function* reporting<Fact extends { readonly type: keyof typeof levels }, Output>(
  log: Log,
  facts: AsyncGenerator<Fact, Output>,
  note: (fact: Fact) => void,
): AsyncGenerator<Fact, Output> {
  try {
    for (;;) {
      const next = await facts.next()
      if (next.done === true) return next.value
      const { type, ...fields } = next.value
      log[levels[type]](type, fields)
      note(next.value)
      yield next.value
    }
  } finally {
    await facts.return(undefined as Output)
  }
}
