import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { styleText } from 'node:util'
import { Loose } from '../actors/loose.ts'
import { NodeDisk } from '../adapters/disk/node-disk.ts'
import { createPinoLog } from '../adapters/pino-log.ts'
import type { Config } from '../config/config.ts'
import { seconds } from '../domain/units.ts'
import { systemAddress } from './check-address.ts'
import { type CheckWorld, checkEverything } from './check-everything.ts'
import { CheckFailedError, type CheckLine, type CheckRun, within } from './check-line.ts'
import { hideSecrets } from './check-secrets.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { readConfig } from './read-config.ts'
import { sftpServer, systemWorld } from './system-world.ts'
import { tableLines } from './table.ts'
import type { Terminal } from './terminal.ts'

/**
 * `belay check`: tries for real all that a configuration names, beside a daemon that may be running on it, and leaves nothing
 * behind. 0: all is well; 1: a part failed; 75: interrupted before all was known; 78: the configuration itself is wrong.
 */
export async function checkCommand(file: string, terminal: Terminal): Promise<ExitCode> {
  const config = await readConfig(file, terminal)
  if (config === undefined) return exitCodes.config
  const interruption = new AbortController()
  terminal.onStopSignal((signal) => interruption.abort(new Error(signal)))
  const count = (items: readonly unknown[], noun: string) => `${items.length} ${noun}${items.length === 1 ? '' : 's'}`
  terminal.out(
    `Trying ${count(config.cameras, 'camera')}, ${count(config.models, 'model')}, the data folder, the SFTP server and the page's address …\n`,
  )
  // Downloads go here: those of a daemon that runs are its own.
  const scratch = await mkdtemp(join(tmpdir(), 'belay-check-'))
  const threads = new Loose()
  try {
    const { world, run, flush } = await systemChecks(config, scratch, interruption.signal)
    const lines = await checkEverything(config, world, threads, run)
    await flush()
    say(lines, config, terminal)
    if (!(await areIdle(threads, run))) {
      terminal.out('An inference thread hangs and cannot be ended. Killing this process (exit code 137).\n')
      return exitCodes.wedged
    }
    if (lines.some(({ outcome }) => outcome === 'failed')) return exitCodes.failed
    return lines.some(({ outcome }) => outcome === 'interrupted') ? exitCodes.cutOff : exitCodes.ok
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** The same adapters as the daemon's, without its manifest and its server. */
async function systemChecks(
  config: Config,
  scratch: string,
  signal: AbortSignal,
): Promise<{ world: CheckWorld; run: CheckRun; flush: () => Promise<void> }> {
  const log = createPinoLog({ level: 'warn', format: 'human', destination: 2 })
  const world = systemWorld({ config: { ...config, dataFolder: scratch }, log })
  const existingFolder = await nearestFolder(config.dataFolder)
  return {
    run: { clock: world.clock, signal },
    flush: () => log.flush(),
    world: {
      random: world.random,
      videoSource: (camera, size) => world.videoSource(camera, size),
      modelRunner: world.modelRunner,
      sftpServer: world.sftpServer,
      keylessSftpServer: sftpServer({ ...config.sftp, hostKey: { fingerprints: [] } }),
      existingFolder,
      disk: new NodeDisk(existingFolder),
      address: systemAddress(config.http.host, config.http.port),
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

const marks: Readonly<Record<CheckLine['outcome'], { text: string; style: 'green' | 'red' | 'yellow' }>> = {
  ok: { text: '✓ ok', style: 'green' },
  failed: { text: '✗ failed', style: 'red' },
  interrupted: { text: '- interrupted', style: 'yellow' },
}

/** Readable without colour, and where the output goes to a file. */
function say(lines: readonly CheckLine[], config: Config, terminal: Terminal): void {
  // Before the table is laid out: a secret that is wrapped would no longer be found.
  const hide = hideSecrets(config)
  const rows = lines.map(({ name, what, outcome, took, detail }) => [
    name,
    what,
    marks[outcome].text,
    (took / 1000).toFixed(1),
    hide(detail),
  ])
  const width = terminal.isInteractive ? Math.max(80, process.stdout.columns) : 100
  const columns = [{ title: 'part' }, { title: 'what' }, { title: 'result' }, { title: 's', align: 'right' as const }]
  for (const line of tableLines([...columns, { title: 'detail' }], rows, width)) {
    terminal.out(`${terminal.isInteractive ? coloured(line) : line}\n`)
  }
  for (const { bug } of lines) if (bug instanceof Error) terminal.err(`${hide(bug.stack ?? bug.message)}\n`)
  const bad = (outcome: CheckLine['outcome']) => lines.filter((line) => line.outcome === outcome)
  const [failed, interrupted] = [bad('failed'), bad('interrupted')]
  const parts = [`${lines.length - failed.length - interrupted.length} of ${lines.length} ok`]
  if (failed.length > 0) parts.push(`failed: ${failed.map(({ name }) => name).join(', ')}`)
  if (interrupted.length > 0) parts.push(`interrupted: ${interrupted.map(({ name }) => name).join(', ')}`)
  terminal.out(`${parts.join('; ')}\n`)
}

function coloured(line: string): string {
  const mark = Object.values(marks).find(({ text }) => line.includes(text))
  return mark === undefined ? line : line.replace(mark.text, styleText(mark.style, mark.text))
}

/** Whether every inference thread has ended by itself: until then, only SIGKILL ends the process without an abort. */
async function areIdle(threads: Loose, { clock }: CheckRun): Promise<boolean> {
  const never = new AbortController().signal
  try {
    await within(
      seconds(5),
      () => 'threads go on',
      { clock, signal: never },
      () => threads.settled(),
    )
    return true
  } catch (error) {
    if (error instanceof CheckFailedError) return false
    throw error
  }
}
