import { z } from 'zod'
import { fileStates } from '../../domain/file-state.ts'

const count = z.number()
const perFileState = z.record(z.enum(fileStates), count)
const perCause = z.record(z.string(), count)

/** Of a daemon's state, what `belay status` reads; another version's may have more. */
const reliedOn = z.object({
  version: z.string(),
  boot: count,
  runningSince: count,
  at: count,
  phase: z.string(),
  configuration: z.object({
    refused: z.object({ at: count, why: z.string() }).nullable(),
    atNextStart: z.array(z.string()),
  }),
  actors: z.array(
    z.object({
      path: z.string(),
      state: z.string(),
      since: count,
      why: z.string().nullable(),
      restarts: count.nullable(),
      reconnects: count.nullable(),
      before: z.array(z.object({ state: z.string() })),
    }),
  ),
  cameras: z.array(
    z.object({
      id: z.string(),
      path: z.string(),
      failing: z.boolean(),
      losingRows: z.boolean(),
      fps: count,
      frames: z.object({
        inspected: count,
        dropped: perCause,
        failed: z.object({ timeout: count, 'inference-error': count, 'worker-died': count }).catchall(count),
      }),
      rows: z.object({ refused: perCause, failed: count }),
      latencyMs: z.object({ p95: count }).nullable(),
      lastFinding: z.string().nullable(),
    }),
  ),
  inference: z.object({
    path: z.string(),
    workers: z.object({ wanted: count, running: count, wedged: count, isShort: z.boolean() }),
    waiting: count,
  }),
  writer: z.object({
    path: z.string(),
    stats: z.object({ queueSize: count }),
    openFiles: count,
    sealedFiles: count,
    disk: z.object({ level: z.string(), freeBytes: count.nullable(), fullInMs: count.nullable() }),
  }),
  uploader: z.object({
    path: z.string(),
    stats: z.object({ uploaded: count, failed: count }),
    files: perFileState,
    rows: perFileState,
    oldestUndelivered: count.nullable(),
  }),
  process: z
    .object({
      eventLoopDelayMs: count,
      stalls: count,
      stalledMs: count,
      residentBytes: count,
      memoryBudgetBytes: count,
      logLinesDropped: count,
    })
    .nullable(),
})

/** Where an answer is not as a daemon's state is, such as `uploader.files`; `''`: all of it. `undefined`: nothing is missing. */
export function faultIn(answer: unknown): string | undefined {
  const { error } = reliedOn.safeParse(answer)
  return error?.issues[0]?.path.join('.')
}
