import { Bell } from './bell.ts'
import { CsvWriter } from './csv-writer.ts'
import type { WriteRowsOptions } from './write-rows-options.ts'
import type { WriterEvent } from './writer-event.ts'

export type WriterDrained = { readonly drained: true } | { readonly drained: false; readonly left: string }

/** Of a writer whose manifest is gone: nothing is sealed or packed without one. */
const leftToScan: WriterDrained = {
  drained: false,
  left: 'files that are not handed over, since the manifest is not open: the next scan of the data folder finds them',
}

/**
 * The CSV writer: takes rows from the queue, opens it for them, and tells what becomes of files.
 *
 * A request is accepted when its bytes and the name of its file are durable. Series (a camera's folder) don't wait for
 * one another. Before this, `scanDataFolder` must have mended what an earlier writer left, in this process or another.
 *
 * @throws {signal.reason}
 */
export async function* writeRows(options: WriteRowsOptions): AsyncGenerator<WriterEvent, WriterDrained> {
  const { queue, clock, signal, finish } = options
  const tenure = await queue.ledger.takeOver(options.disk, signal)
  const bell = new Bell(clock)
  const events: WriterEvent[] = []
  const writer = new CsvWriter({ ...options, disk: tenure.disk }, bell, (event) => events.push(event))
  const stop = (): void => {
    queue.close()
    bell.ring()
  }
  const hurry = (): void => {
    queue.close()
    writer.hurry()
    bell.ring()
  }
  signal.addEventListener('abort', stop, { once: true })
  finish.addEventListener('abort', hurry, { once: true })
  queue.onWork = bell.ring
  if (!finish.aborted) queue.open()
  try {
    for (;;) {
      signal.throwIfAborted()
      const wakeAt = writer.step(finish.aborted)
      for (let event = events.shift(); event !== undefined; event = events.shift()) yield event
      if (wakeAt === undefined) return writer.isCutShort ? leftToScan : { drained: true }
      await bell.wait(wakeAt)
    }
  } finally {
    signal.removeEventListener('abort', stop)
    finish.removeEventListener('abort', hurry)
    // After an abort the queue may be another incarnation's already; it was closed when the signal came.
    if (!signal.aborted) queue.close()
    tenure.end()
  }
}
