import pino from 'pino'
import { prettyFactory } from 'pino-pretty'
import { OperatingError } from '../domain/errors.ts'
import type { Log, LogSink } from '../ports/log.ts'

export interface PinoLogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** `json`: one object a line. `human`: for a terminal. */
  readonly format: 'json' | 'human'
  /** A file descriptor (1: standard output) or a file's path, appended to. */
  readonly destination: number | string
  /** `human` only. */
  readonly colour?: boolean
}

/** Structured logging by pino: `{"level":"info","time":"2026-…Z","actor":"root/uploader","fact":"…",…}`. */
export function createPinoLog({ level, format, destination, colour = false }: PinoLogOptions): LogSink {
  // With a least length of 0 its `flush` would not wait; with 1 each line is still written at once.
  const sink = pino.destination({
    dest: destination,
    sync: false,
    minLength: 1,
    maxLength: longestBacklog,
    mkdir: true,
  })
  let dropped = 0
  let droppedInAll = 0
  let retry: NodeJS.Timeout | undefined
  sink.on('drop', () => {
    dropped++
    droppedInAll++
  })
  // A log that cannot be written (a full disk) never costs the daemon. What waits is kept, and a new line would try it again,
  // but not once so much waits that it is dropped.
  sink.on('error', () => {
    clearTimeout(retry)
    retry = setTimeout(() => sink.flush(), retryAfter).unref()
  })
  const logger = pino(
    {
      level,
      messageKey: 'fact',
      timestamp: pino.stdTimeFunctions.isoTime,
      base: null,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: told },
    },
    format === 'json' ? sink : humanly(sink, colour),
  )
  sink.on('drain', () => {
    if (dropped > 0)
      logger.warn({ actor: 'root/log', lines: dropped }, 'log lines were dropped: they could not be written')
    dropped = 0
  })
  return {
    ...toLog(logger),
    get linesDropped() {
      return droppedInAll
    },
    flush: () =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer)
          // Pino's own flush at the exit would wait for ever: for a reader that takes nothing, or on a full disk.
          sink.flushSync = () => undefined
          resolve()
        }
        const timer = setTimeout(done, flushLimit)
        sink.flush(done)
      }),
  }
}

/**
 * An error in a field is written with its code, message and cause, and a bug with where it was made; what we expect of the world
 * has nothing in our code to be looked for. Secrets print as `[secret]` by themselves.
 */
function told(error: Error): object {
  const written = pino.stdSerializers.errWithCause(error)
  return error instanceof OperatingError ? { ...written, stack: undefined } : written
}

/** Bytes that may wait for whoever reads the log; beyond that, lines are dropped and counted. */
const longestBacklog = 16 * 1024 * 1024

/** Milliseconds from a write that failed to the next try. */
const retryAfter = 1000

/** A reader that takes nothing, or a full disk, holds up the end no longer than this, in milliseconds. */
const flushLimit = 1000

function humanly(sink: pino.DestinationStream, colorize: boolean): pino.DestinationStream {
  const format = prettyFactory({
    colorize,
    translateTime: 'SYS:HH:MM:ss.l',
    messageKey: 'fact',
    ignore: 'actor',
    messageFormat: '{actor}: {fact}',
    singleLine: true,
  })
  return { write: (line) => sink.write(format(line)) }
}

function toLog(logger: pino.Logger): Log {
  return {
    debug: (fact, fields) => logger.debug(fields ?? {}, fact),
    info: (fact, fields) => logger.info(fields ?? {}, fact),
    warn: (fact, fields) => logger.warn(fields ?? {}, fact),
    error: (fact, fields) => logger.error(fields ?? {}, fact),
    always: (fact, fields) => logger.child({}, { level: 'info' }).info(fields ?? {}, fact),
    at: (path) => toLog(logger.child({ actor: path })),
  }
}
