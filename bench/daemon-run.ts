import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type EmbeddedSftpServer, startEmbeddedSftpServer } from '../src/adapters/sftp/embedded-server.ts'
import { sum } from '../src/domain/frame-account.ts'
import type { DaemonState } from '../src/inspection-feed/protocol.ts'
import { killLeftovers, type RunningDaemon, startDaemon } from '../test/e2e/support/daemon.ts'
import { accountOf } from '../test/e2e/support/log.ts'
import { keyOf, rowsBelow } from '../test/e2e/support/site.ts'
import type { Clip } from './clip.ts'
import type { BenchModel } from './model-alone.ts'
import { cpuSecondsOf } from './process-cpu.ts'
import { type Look, type Pace, paceOf } from './progress.ts'

export interface DaemonRunOptions {
  /** A folder of its own is made in it, and removed. */
  readonly folder: string
  readonly clip: Clip
  /** At most one of each kind; every camera has them all. */
  readonly models: readonly BenchModel[]
  readonly cameras: number
  readonly workers: number
}

/** Asking costs the daemon time that is measured; seldom enough for it not to show. */
const betweenLooksMs = 250
const patienceMs = 60_000

/**
 * Runs the built daemon once: so many cameras read the clip without losing a frame, rows are written and delivered to an SFTP server in this process.
 *
 * @throws {Error} not every frame was inspected, or what was delivered is not every row, each once.
 */
export async function runDaemon(options: DaemonRunOptions): Promise<Pace> {
  const folder = await mkdtemp(join(options.folder, 'daemon-'))
  const delivered = join(folder, 'delivered')
  const server = await startEmbeddedSftpServer({ folder: delivered })
  try {
    const daemon = startDaemon(await configure(folder, server, options))
    const looks = await watch(daemon)
    daemon.signal('SIGTERM')
    const exit = await daemon.exit
    if (exit.code !== 0) throw new Error(`The daemon ended with ${JSON.stringify(exit)}\n${daemon.stderr}`)
    await checkAccounts(daemon, delivered, options)
    return paceOf(firstPictureAt(daemon), looks)
  } finally {
    killLeftovers()
    await server.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const cameraIds = (cameras: number): string[] => Array.from({ length: cameras }, (_, index) => `camera-${index + 1}`)

async function configure(folder: string, server: EmbeddedSftpServer, options: DaemonRunOptions): Promise<string> {
  const { clip, models, cameras, workers } = options
  const keyFile = join(folder, 'client-key')
  await writeFile(keyFile, server.clientPrivateKey, { mode: 0o600 })
  const config = {
    data: join(folder, 'data'),
    cameras: cameraIds(cameras).map((id) => ({
      id,
      source: { type: 'file', path: clip.file, lossless: true },
      ...Object.fromEntries(models.map(({ name, kind }) => [kind, { model: name }])),
    })),
    models: Object.fromEntries(models.map(({ name, kind, file }) => [name, { kind, file }])),
    // A machine that is too busy makes the figures worse; it must not make frames fail.
    inference: { workers, deadline: '60s' },
    csv: { rotation: { interval: '2s' } },
    sftp: {
      host: server.host,
      port: server.port,
      username: server.username,
      privateKeyFile: keyFile,
      hostKey: { fingerprint: server.hostKeyFingerprint },
    },
    http: { port: 0 },
    log: { format: 'json' },
  }
  const file = join(folder, 'belay.yaml')
  // JSON is YAML.
  await writeFile(file, JSON.stringify(config))
  return file
}

/** Looks at the daemon again and again until all its frames are inspected. */
async function watch(daemon: RunningDaemon): Promise<Look[]> {
  const looks: Look[] = []
  let over = false
  void daemon.exit.then(() => (over = true))
  let movedAt = performance.now()
  for (;;) {
    if (over) throw new Error(`The daemon ended: ${daemon.stderr}\n${JSON.stringify(daemon.log.slice(-10))}`)
    // It doesn't listen yet, or has ended.
    const state = await daemon.state().catch(() => undefined)
    if (state !== undefined) {
      const inspected = state.cameras.reduce((total, { frames }) => total + frames.inspected, 0)
      if (inspected !== (looks.at(-1)?.inspected ?? 0)) movedAt = performance.now()
      looks.push({ at: state.at, inspected, cpu: await cpuSecondsOf(daemon.pid) })
      if (isThrough(state)) return looks
    }
    if (performance.now() - movedAt > patienceMs) {
      throw new Error(`Nothing moved for ${patienceMs / 1000} s; the daemon says ${JSON.stringify(state)}`)
    }
    await wait(betweenLooksMs)
  }
}

const isThrough = ({ cameras, actors }: DaemonState): boolean =>
  cameras.every(
    ({ path, frames }) => actors.find((actor) => actor.path === path)?.state === 'finished' && frames.inFlight === 0,
  )

/** When the first camera's first picture came; milliseconds of Unix time. */
function firstPictureAt({ log }: RunningDaemon): number {
  const began = log.filter(
    ({ fact, actor, state }) => fact === 'state' && /^root\/cameras\//.test(actor) && state === 'streaming',
  )
  if (began.length === 0) throw new Error('No camera has said that it streams')
  return Math.min(...began.map(({ time }) => Date.parse(time)))
}

async function checkAccounts({ log }: RunningDaemon, delivered: string, options: DaemonRunOptions): Promise<void> {
  const accounts = cameraIds(options.cameras).map((id) => ({ id, ...accountOf(log, `root/cameras/${id}`) }))
  for (const { id, frames, rows } of accounts) {
    // The first frame has none before it, for models that take two.
    const inspectable = frames.captured - frames.dropped['no-predecessor']
    const isWhole =
      frames.captured === options.clip.frames &&
      frames.inspected === inspectable &&
      sum(frames.dropped) <= 1 &&
      rows.accepted === rows.produced
    if (!isWhole) throw new Error(`${id} has lost frames or rows: ${JSON.stringify({ frames, rows })}`)
  }
  const accepted = accounts.reduce((total, { rows }) => total + rows.accepted, 0)
  const found = await rowsBelow(delivered)
  const unique = new Set(found.map(keyOf)).size
  if (found.length !== accepted || unique !== accepted) {
    throw new Error(`${accepted} rows were accepted, ${found.length} delivered, ${unique} of them different`)
  }
}
