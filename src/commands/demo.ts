import { join, relative, resolve } from 'node:path'
import { makeFolder } from '../adapters/make-folder.ts'
import { createPinoLog } from '../adapters/pino-log.ts'
import { startEmbeddedSftpServer } from '../adapters/sftp/embedded-server.ts'
import { systemClock } from '../adapters/system-clock.ts'
import { demoConfig } from '../config/demo-config.ts'
import { createDaemon, type Daemon } from '../daemon.ts'
import { isoTime, type Milliseconds, milliseconds, seconds } from '../domain/units.ts'
import { conclude } from './run/conclude.ts'
import { findProgram } from './demo/find-program.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { createPainter, type Painter } from './terminal/painter.ts'
import { createStopSteps } from './demo/stop-steps.ts'
import { accountLines, summaryLines } from './demo/summary.ts'
import { inSeconds } from './terminal/in-seconds.ts'
import { shutOutOthers } from './run/shut-out-others.ts'
import { systemWorld } from './system-world.ts'
import { systemWords } from './terminal/system-words.ts'
import { hasColour, type Terminal } from './terminal/terminal.ts'
import { version } from './version.ts'

export interface DemoOptions {
  readonly seconds?: number
  readonly folder?: string
  readonly port: number
}

const clock = systemClock

/** `belay demo`: the daemon on an embedded configuration, delivering to an SFTP server of its own. */
export async function demoCommand(options: DemoOptions, terminal: Terminal): Promise<ExitCode> {
  shutOutOthers()
  const painter = createPainter(terminal)
  const run = isoTime(clock.now()).replace(/[:.]/g, '-')
  const folder = resolve(terminal.folder, options.folder ?? join('belay-demo', run))
  const [data, delivered, logFile] = [join(folder, 'data'), join(folder, 'delivered'), join(folder, 'belay.log')]
  const shown = (path: string) => relative(terminal.folder, path)
  try {
    await makeFolder(delivered)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    terminal.err(`${shown(folder)}: expected a folder that can be made or written, found ${systemWords(code)}\n`)
    return exitCodes.cutOff
  }
  const sftp = await startEmbeddedSftpServer({ folder: delivered })
  const withClip = (await findProgram('ffmpeg', terminal.environment['PATH'])) !== undefined
  const config = demoConfig({
    dataFolder: data,
    httpPort: options.port,
    sftp: { ...sftp, privateKey: sftp.clientPrivateKey },
    withClip,
  })
  const log = createPinoLog({ level: config.log.level, format: 'json', destination: logFile })
  const daemon = createDaemon({
    config,
    world: systemWorld({ config, log, portSearch: true }),
    version,
    onReport: createStopSteps(clock, painter.say),
    gaugesEvery: seconds(2),
  })
  painter.say(`belay ${version} demo. Files and log: ${shown(folder)}. Ctrl-C drains and ends it.`)
  if (!withClip) painter.say('ffmpeg is not installed, so the recorded camera is left out (apt-get install ffmpeg).')

  let stopping: Milliseconds | undefined
  const timer = options.seconds === undefined ? undefined : clock.setTimeout(() => stop(), seconds(options.seconds))
  const stop = () => {
    stopping ??= clock.monotonic()
    clock.clearTimeout(timer)
    daemon.stop()
  }
  terminal.onSignal(stop)
  const ticking = show(daemon, painter, terminal)
  daemon.start()
  const end = await daemon.ended
  ticking.stop()
  clock.clearTimeout(timer)
  await sftp.close()
  await log.flush()

  const { code, words } = conclude(end)
  painter.say(words)
  if (stopping !== undefined) painter.say(`stopped in ${inSeconds(milliseconds(clock.monotonic() - stopping))}`)
  for (const line of accountLines(end.state, shown(data), shown(delivered))) painter.say(line)
  return code
}

/** Draws the summary as long as it runs, and says once where the page is and when the first row was delivered. */
function show(daemon: Daemon, painter: Painter, terminal: Terminal): { stop: () => void } {
  const every = painter.draws ? milliseconds(250) : seconds(2)
  let saidPage = false
  let saidDelivered = false
  let drawn = clock.monotonic()
  const look = () => {
    const state = daemon.state()
    const page = state.actors.find(({ path }) => path === 'root/inspector')
    if (!saidPage && page?.state === 'listening') {
      saidPage = true
      painter.say(`The page ${page.why ?? ''}`)
    }
    if (!saidDelivered && state.uploader.rows.delivered > 0) {
      saidDelivered = true
      // The process's own clock begins with the process.
      painter.say(`first row delivered ${inSeconds(clock.monotonic())} after the start`)
    }
    const now = clock.monotonic()
    if (state.phase === 'running' && now - drawn >= every) {
      drawn = now
      painter.paint(summaryLines(state, hasColour(terminal)))
    }
    timer = clock.setTimeout(look, milliseconds(100))
  }
  let timer = clock.setTimeout(look, milliseconds(100))
  return {
    stop() {
      look()
      clock.clearTimeout(timer)
      painter.done()
    },
  }
}
