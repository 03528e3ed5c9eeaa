import { createPinoLog } from '../adapters/pino-log.ts'
import { systemClock } from '../adapters/system-clock.ts'
import { systemdManager } from '../adapters/systemd.ts'
import { createDaemon } from '../daemon.ts'
import { conclude } from './conclude.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { configToStart, readConfig } from './read-config.ts'
import { reportToService } from './report-to-service.ts'
import { systemWorld } from './system-world.ts'
import type { Terminal } from './terminal.ts'
import { version } from './version.ts'

/** `belay run`: the daemon, until it is told to stop; SIGHUP has it read its configuration again. It speaks through its log, on standard output. */
export async function runCommand(file: string, terminal: Terminal): Promise<ExitCode> {
  const config = await configToStart(file, terminal)
  if (config === undefined) return exitCodes.config
  const human = config.log.format === 'human' || (config.log.format === 'auto' && terminal.isInteractive)
  const log = createPinoLog({
    level: config.log.level,
    format: human ? 'human' : 'json',
    destination: 1,
    colour: terminal.isInteractive,
  })
  const manager = systemdManager(terminal.environment, log.at('root'))
  const service = manager && reportToService(manager, systemClock, () => daemon.state())
  const daemon = createDaemon({ config, world: systemWorld({ config, log }), version, ...service })
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
  await log.flush()
  return code
}
