import { once } from 'node:events'
import pino from 'pino'
import pretty from 'pino-pretty'
import type { Log, LogSink } from '../ports/log.ts'

export interface PinoLogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** `json`: one object a line. `human`: for a terminal. */
  readonly format: 'json' | 'human'
  /** A file descriptor (1: standard output) or a file's path, appended to. */
  readonly destination: number | string
}

/** Structured logging by pino: `{"level":"info","time":"2026-…Z","path":"root/uploader","fact":"…",…}`. */
export function createPinoLog({ level, format, destination }: PinoLogOptions): LogSink {
  const sink = pino.destination({ dest: destination, sync: false, mkdir: true })
  const stream =
    format === 'json'
      ? sink
      : pretty({
          destination: sink,
          colorize: destination === 1,
          translateTime: 'SYS:HH:MM:ss.l',
          messageKey: 'fact',
          ignore: 'pid,hostname,path',
          messageFormat: '{path}: {fact}',
        })
  const logger = pino(
    {
      level,
      messageKey: 'fact',
      timestamp: pino.stdTimeFunctions.isoTime,
      base: null,
      formatters: { level: (label) => ({ level: label }) },
      // An error in a field is written with its code, message and cause; secrets print as `[secret]` by themselves.
      serializers: { error: pino.stdSerializers.errWithCause },
    },
    stream,
  )
  return {
    ...toLog(logger),
    async flush() {
      if (stream !== sink) {
        stream.end()
        await once(stream, 'close')
      }
      await new Promise<void>((resolve, reject) => {
        sink.flush((error) => (error ? reject(error) : resolve()))
      })
    },
  }
}

function toLog(logger: pino.Logger): Log {
  return {
    debug: (fact, fields) => logger.debug(fields ?? {}, fact),
    info: (fact, fields) => logger.info(fields ?? {}, fact),
    warn: (fact, fields) => logger.warn(fields ?? {}, fact),
    error: (fact, fields) => logger.error(fields ?? {}, fact),
    at: (path) => toLog(logger.child({ path })),
  }
}
