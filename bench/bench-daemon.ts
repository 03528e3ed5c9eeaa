import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type EmbeddedSftpServer, startEmbeddedSftpServer } from '../src/adapters/sftp/embedded-server.ts'
import { sum } from '../src/domain/frame-account.ts'
import { killLeftovers, type RunningDaemon, startDaemon } from '../test/e2e/support/daemon.ts'
import { accountOf } from '../test/e2e/support/log.ts'
import { keyOf, rowsBelow } from '../test/e2e/support/site.ts'
import type { Clip } from './clip.ts'
import type { BenchModel } from './model-alone.ts'
import type { Workshop } from './workshop.ts'

export interface BenchDaemonOptions {
  readonly models: readonly (BenchModel & { readonly labels?: readonly string[] })[]
  /** Cameras as the configuration has them; each has all models. */
  readonly cameras: readonly object[]
  /** Further keys of the configuration's `inference`. */
  readonly inference?: object
}

export interface BenchDaemon {
  readonly daemon: RunningDaemon
  /** Ends it in order. @throws {Error} a frame or a row is not accounted for, or what was delivered is not every row, each once. */
  readonly stop: () => Promise<void>
}

/** Runs the built daemon as a process of its own, with an SFTP server in this one, for as long as `use` takes. */
export async function withDaemon<T>(
  workshop: Workshop,
  options: BenchDaemonOptions,
  use: (bench: BenchDaemon) => Promise<T>,
): Promise<T> {
  workshop.build()
  const folder = await mkdtemp(join(workshop.folder, 'daemon-'))
  const delivered = join(folder, 'delivered')
  const server = await startEmbeddedSftpServer({ folder: delivered })
  try {
    const daemon = startDaemon(await configure(folder, server, options))
    const stop = async (): Promise<void> => {
      daemon.signal('SIGTERM')
      const exit = await daemon.exit
      if (exit.code !== 0) throw new Error(`The daemon ended with ${JSON.stringify(exit)}\n${daemon.stderr}`)
      await checkAccounts(daemon, delivered, options.cameras.length)
    }
    return await use({ daemon, stop })
  } finally {
    killLeftovers()
    await server.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** So many cameras that read the clip round and round: as fast as their frames are inspected, or at its own rate. */
export const clipCameras = (count: number, clip: Clip, pace: 'lossless' | { readonly fps: number | 'all' }): object[] =>
  Array.from({ length: count }, (_, index) => ({
    id: cameraId(index),
    source: { type: 'file', path: clip.file, loop: true, lossless: pace === 'lossless' },
    fps: pace === 'lossless' ? 'all' : pace.fps,
  }))

export const cameraId = (index: number): string => `camera-${index + 1}`

async function configure(folder: string, server: EmbeddedSftpServer, options: BenchDaemonOptions): Promise<string> {
  const { models, cameras, inference } = options
  const keyFile = join(folder, 'client-key')
  await writeFile(keyFile, server.clientPrivateKey, { mode: 0o600 })
  const uses = Object.fromEntries(models.map(({ name, kind }) => [kind, { model: name }]))
  const config = {
    data: join(folder, 'data'),
    cameras: cameras.map((camera) => ({ ...camera, ...uses })),
    models: Object.fromEntries(
      models.map(({ name, kind, file, labels }) => [name, { kind, file, ...(labels && { labels }) }]),
    ),
    // A machine that is too busy makes the figures worse; it must not make frames fail.
    inference: { deadline: '60s', ...inference },
    // Often enough for files to be sealed and delivered while we look, six times as often as by default.
    csv: { rotation: { interval: '10s' } },
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

async function checkAccounts({ log }: RunningDaemon, delivered: string, cameras: number): Promise<void> {
  const accounts = Array.from({ length: cameras }, (_, index) => cameraId(index)).map((id) => ({
    id,
    ...accountOf(log, `root/cameras/${id}`),
  }))
  for (const { id, frames, rows } of accounts) {
    const isWhole =
      frames.captured === frames.inspected + sum(frames.dropped) + sum(frames.failed) &&
      rows.accepted + sum(rows.refused) === rows.produced
    if (!isWhole) throw new Error(`${id} has lost frames or rows: ${JSON.stringify({ frames, rows })}`)
  }
  const accepted = accounts.reduce((total, { rows }) => total + rows.accepted, 0)
  const found = await rowsBelow(delivered)
  const unique = new Set(found.map(keyOf)).size
  if (found.length !== accepted || unique !== accepted) {
    throw new Error(`${accepted} rows were accepted, ${found.length} delivered, ${unique} of them different`)
  }
}
