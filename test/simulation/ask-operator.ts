import type { OperatorCommand } from '../../src/inspection-feed/operator-commands.ts'
import type { Scene } from './happenings.ts'
import { SimulatedBug } from './held-calls.ts'
import type { Lives } from './lives.ts'
import type { Estate, SimulatedProcess } from './simulated-process.ts'

/** The last: while the configuration is read again. */
const commands = [
  'camera.restart',
  'camera.pause',
  'camera.resume',
  'file.retry',
  'camera.restart, and SIGHUP',
] as const

/** Somebody asks the daemon for something, through its page; where that has not been served yet, nobody can. */
export function askOperator({ plant, tape, estate, lives }: Scene): void {
  const { process } = lives
  const type = commands[tape.choose(commands.length, { eager: 0.6 })] ?? 'camera.restart'
  if (type === 'file.retry') {
    const { entries } = estate.manifest
    const file = entries[tape.choose(entries.length, { eager: 0.8 })]
    if (file !== undefined) ask(process, { type, fileId: file.id })
    return
  }
  const { cameras } = process.daemon.state()
  const camera = cameras[tape.choose(cameras.length, { eager: 0.5 })]
  if (camera === undefined) return
  lives.note({ path: camera.path, what: type })
  if (type !== 'camera.restart, and SIGHUP') return ask(process, { type, cameraId: camera.id })
  ask(process, { type: 'camera.restart', cameraId: camera.id })
  const { config, reloaded } = plant
  process.reload(reloaded[tape.choose(reloaded.length, { eager: 0.8 })] ?? config)
}

/** Whatever was paused goes on. */
export function resumeAll(process: SimulatedProcess): void {
  for (const { id, path } of process.daemon.state().cameras)
    if (process.states.get(path) === 'paused') ask(process, { type: 'camera.resume', cameraId: id })
}

/** What was set aside is sent again, once whoever had its name has taken his own away, or the server would take it. */
export function settleSetAside({ process }: Lives, { manifest, site }: Estate): void {
  for (const { id, path, state } of manifest.entries) {
    if (state !== 'conflict' && state !== 'deadLetter') continue
    site.strangers.takeAway(path)
    site.refusedFiles.mend(path)
    ask(process, { type: 'file.retry', fileId: id })
  }
}

/** Not waited for: a stop may come in between. A bug below is for whoever asked to hear, and nothing else is. */
function ask({ operate }: SimulatedProcess, command: OperatorCommand): void {
  void operate?.(command, 'an operator').catch((error: unknown) => {
    if (!(error instanceof SimulatedBug)) throw error
  })
}
