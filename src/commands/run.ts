import { resolve } from 'node:path'
import { createPinoLog } from '../adapters/pino-log.ts'
import { systemClock } from '../adapters/system-clock.ts'
import { systemdManager } from '../adapters/systemd.ts'
import { LineFolder } from '../adapters/recording/line-folder.ts'
import { createDaemon } from '../daemon.ts'
import { seconds } from '../domain/units.ts'
import type { FeedRecord } from '../inspection-feed/record.ts'
import { RecordingLines } from '../inspection-feed/recording.ts'
import type { LogSink } from '../ports/log.ts'
import { conclude } from './run/conclude.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { configToStart, readConfig } from './read-config.ts'
import { reportToService } from './run/report-to-service.ts'
import { shutOutOthers } from './run/shut-out-others.ts'
import { systemWorld } from './system-world.ts'
import { systemWords } from './terminal/system-words.ts'
import { hasColour, type Terminal } from './terminal/terminal.ts'
import { version } from './version.ts'

export interface RunOptions {
  /** A folder for recordings of all that happens in the actor system. */
  readonly record?: string
}

/** `belay run`: the daemon, until it is told to stop; SIGHUP has it read its configuration again. It speaks through its log, on standard output. */
export async function runCommand(file: string, options: RunOptions, terminal: Terminal): Promise<ExitCode> {
  shutOutOthers()
  const config = await configToStart(file, terminal)
  if (config === undefined) return exitCodes.config
  const human = config.log.format === 'human' || (config.log.format === 'auto' && terminal.isInteractive)
  const log = createPinoLog({
    level: config.log.level,
    format: human ? 'human' : 'json',
    destination: 1,
    colour: hasColour(terminal),
  })
  const recording = options.record === undefined ? undefined : await openRecording(options.record, log, terminal)
  if (recording === 'failed') return exitCodes.cutOff
  const manager = systemdManager(terminal.environment, log.at('root'))
  const service =
    manager &&
    reportToService(
      manager,
      systemClock,
      () => daemon.state(),
      () => daemon.awaited(),
    )
  const daemon = createDaemon({
    config,
    world: systemWorld({ config, log }),
    version,
    gaugesEvery: seconds(2),
    ...service,
    ...(recording && { onRecord: recording.write }),
  })
  terminal.onSignal((signal) => {
    log.at('root').info('signal', { signal })
    const reload = () => daemon.reload(() => readConfig(file, terminal))
    if (signal === 'SIGHUP') void (service === undefined ? reload() : service.whileReloading(reload))
    else daemon.stop()
  })
  log.at('root').info('starting', { version, dataFolder: config.dataFolder, cameras: config.cameras.length })
  daemon.start()
  const end = await daemon.ended
  const { code, words } = conclude(end)
  const last = log.at('root')
  for (const { path, frames, rows } of end.accounts) log.at(path).info('account', { frames, rows })
  const { files, rows } = end.state.uploader
  log.at(end.state.uploader.path).info('account', { files, rows })
  if (code === exitCodes.ok) last.info('ended', { code, words })
  else last.error('ended', { code, words })
  await manager?.settled()
  await recording?.close()
  await log.flush()
  return code
}

async function openRecording(path: string, log: LogSink, terminal: Terminal) {
  const folder = resolve(terminal.folder, path)
  const lines = new RecordingLines(`belay ${version}`)
  try {
    const files = await LineFolder.open({ folder, header: () => lines.header(), log: log.at('root') })
    return {
      write: (record: FeedRecord) => files.write(lines.line(record), record.at),
      close: () => files.close(),
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    terminal.err(`--record ${path}: expected a folder that can be made or written, found ${systemWords(code)}\n`)
    return 'failed'
  }
}
