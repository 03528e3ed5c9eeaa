import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Loose } from '../actors/loose.ts'
import { NodeDisk } from '../adapters/disk/node-disk.ts'
import { manifestVersion } from '../adapters/manifest/open-beside.ts'
import { createPinoLog } from '../adapters/pino-log.ts'
import type { Config } from '../config/config.ts'
import { counted } from '../domain/counted.ts'
import { systemAddress } from './check/check-address.ts'
import { type CheckWorld, checkEverything } from './check/check-everything.ts'
import type { CheckLine, CheckRun } from './check/check-line.ts'
import { areEnded } from './check/check-model.ts'
import { checkForPrograms, checkReport } from './check/check-report.ts'
import { expectWritable } from './check/expect-writable.ts'
import { hideSecrets } from './check/check-secrets.ts'
import { ScratchFolder } from './check/scratch-folder.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { configToStart } from './read-config.ts'
import { sftpConnectorForOne, systemWorld } from './system-world.ts'
import { hasColour, type Terminal, widthOf } from './terminal/terminal.ts'

/**
 * `belay check`: tries for real all that a configuration names, beside a daemon that may be running on it, and leaves nothing
 * behind. 0: all is well; 1: a part failed; 75: interrupted before all was known; 78: the configuration itself is wrong.
 */
export async function checkCommand(
  file: string,
  terminal: Terminal,
  /** For programs: the table's lines alone, as JSON. */
  json = false,
): Promise<ExitCode> {
  const config = await configToStart(file, terminal)
  if (config === undefined) return exitCodes.config
  const interruption = new AbortController()
  terminal.onSignal((signal) => interruption.abort(new Error(signal)))
  // To programs `out` says nothing but the result.
  const tell = (text: string): void => (json ? terminal.err(text) : terminal.out(text))
  tell(
    `Trying ${counted(config.cameras.length, 'camera')}, ${counted(config.models.length, 'model')}, the data folder, the SFTP server and the page's address …\n`,
  )
  const scratch = new ScratchFolder()
  const threads = new Loose()
  try {
    const { world, run, flush } = await systemChecks(config, scratch, interruption.signal)
    const lines = await checkEverything(config, world, threads, run)
    await flush()
    say(lines, config, terminal, json)
    if (!(await areEnded(threads, run))) {
      tell('An inference thread hangs and cannot be ended. Killing this process (exit code 137).\n')
      return exitCodes.wedged
    }
    if (lines.some(({ outcome }) => outcome === 'failed')) return exitCodes.failed
    return lines.some(({ outcome }) => outcome === 'interrupted') ? exitCodes.cutOff : exitCodes.ok
  } finally {
    await scratch.remove()
  }
}

/** The same adapters as the daemon's, without its manifest and its server. */
async function systemChecks(
  config: Config,
  scratch: ScratchFolder,
  signal: AbortSignal,
): Promise<{ world: CheckWorld; run: CheckRun; flush: () => Promise<void> }> {
  const log = createPinoLog({ level: 'warn', format: 'human', destination: 2 })
  // What is left to rows is asked of the data folder's own disk, not of this one.
  const disk = { ...config.disk, pauseBelow: 0 }
  const world = systemWorld({ config: { ...config, dataFolder: scratch.path, disk }, log })
  const existingFolder = await nearestFolder(config.dataFolder)
  return {
    run: { clock: world.clock, signal },
    flush: () => log.flush(),
    world: {
      random: world.random,
      videoSource(camera, size) {
        const source = world.videoSource(camera, size)
        return camera.source.type === 'http' ? scratch.before(source) : source
      },
      modelRunner: world.modelRunner,
      sftpConnector: sftpConnectorForOne(config.sftp),
      keylessSftpConnector: sftpConnectorForOne({ ...config.sftp, hostKey: { fingerprints: [] } }),
      existingFolder,
      disk: new NodeDisk(existingFolder),
      expectWritable: (names) => expectWritable(existingFolder, names),
      manifestVersion: () => manifestVersion(config.dataFolder),
      address: systemAddress(config.http.host, config.http.port, config.dataFolder),
    },
  }
}

/** The folder, or the nearest one above it that exists: what is tried there leaves no folder behind. */
async function nearestFolder(path: string): Promise<string> {
  try {
    await stat(path)
    return path
  } catch (error) {
    // Anything else the check of the folder will meet too, and say.
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return isMissing && dirname(path) !== path ? nearestFolder(dirname(path)) : path
  }
}

function say(lines: readonly CheckLine[], config: Config, terminal: Terminal, json: boolean): void {
  const hide = hideSecrets(config)
  const shown = { width: widthOf(terminal, 100), colour: hasColour(terminal), hide }
  const report = json ? [JSON.stringify(checkForPrograms(lines, hide))] : checkReport(lines, shown)
  for (const line of report) terminal.out(`${line}\n`)
  for (const { bug } of lines) if (bug instanceof Error) terminal.err(`${hide(bug.stack ?? bug.message)}\n`)
}
