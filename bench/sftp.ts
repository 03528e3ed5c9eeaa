/**
 * The uploader's whole protocol (temporary name, fsync, verification, rename, manifest) against OpenSSH's own `sftp`, both to one
 * sshd on this machine, in one run. Prints JSON; `ratio` is our time ÷ theirs.
 *
 *     node --import tsx bench/sftp.ts
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openSqliteManifest } from '../src/adapters/manifest/open-manifest.ts'
import { epochMs } from '../src/domain/units.ts'
import type { Manifest } from '../src/ports/manifest.ts'
import { deliverOver, sealRandom } from '../test/adapters/sftp/deliver-over.ts'
import { type Sshd, startSshd } from '../test/support/sshd.ts'
import { startTcpProxy } from '../test/support/tcp-proxy.ts'
import { median } from './figures.ts'
import { apart, memory } from './sftp-memory.ts'

const run = promisify(execFile)

interface Case {
  readonly files: number
  readonly bytes: number
  /** Of a round trip to the server. */
  readonly roundTripMs: number
  readonly rounds: number
}

/** Not counted: by then V8 has compiled what is hot, as it has in a daemon that has run for a minute. `sftp` has nothing to compile. */
const warmUpRounds = 2

const cases: Readonly<Record<string, Case>> = {
  small: { files: 1000, bytes: 20_000, roundTripMs: 0, rounds: 5 },
  large: { files: 1, bytes: 200_000_000, roundTripMs: 0, rounds: 7 },
  rtt50: { files: 100, bytes: 20_000, roundTripMs: 50, rounds: 3 },
}

const home = await mkdtemp(join(tmpdir(), 'belay-bench-sftp-'))
const sshd = await startSshd({ folder: join(home, 'remote') })
try {
  console.log(JSON.stringify(process.argv.at(-1) === 'memory' ? await memory(deliverAndMeasure) : await all()))
} finally {
  await sshd.stop()
  await rm(home, { recursive: true, force: true })
}

async function all(): Promise<object> {
  const results: Record<string, unknown> = {}
  for (const [name, each] of Object.entries(cases)) {
    results[name] = await compare(name, each)
    console.error(`${name}: ${JSON.stringify(results[name])}`)
  }
  return { ...results, memory: await apart('memory') }
}

/**
 * By turns, and each begins as often: on a disk that has nothing left to write, as when files were sealed long ago. Where what was made
 * a moment before is still being written, only the first of them waits for it.
 */
async function compare(name: string, { files, bytes, roundTripMs, rounds }: Case): Promise<object> {
  const proxy = roundTripMs === 0 ? undefined : await startTcpProxy(sshd.port, { delayMs: roundTripMs / 2 })
  const port = proxy?.port ?? sshd.port
  const [ours, theirs, synced]: [number[], number[], number[]] = [[], [], []]
  const sizes = Array.from({ length: files }, () => bytes)
  for (let round = 0; round < warmUpRounds + rounds; round++) {
    const folder = join(home, `${name}-${round}`)
    const content = join(folder, 'dock-1/model')
    const manifest = await openSqliteManifest(folder)
    try {
      await manifest.beginBoot(epochMs(1))
      await sealRandom(folder, manifest, sizes)
      const turns = [
        async () => ours.push(await deliverAll(folder, manifest, port)),
        async () => theirs.push(await openSsh(content, `${name}-${round}`, port)),
        ...(roundTripMs === 0
          ? [async () => synced.push(await openSsh(content, `${name}-${round}-synced`, port, 'put -f'))]
          : []),
      ]
      for (const turn of round % 2 === 0 ? turns : turns.toReversed()) {
        await run('sync', ['-f', home])
        await turn()
      }
    } finally {
      await manifest.close()
    }
    await rm(folder, { recursive: true })
    for (const used of await readdir(join(home, 'remote'))) await rm(join(home, 'remote', used), { recursive: true })
  }
  await proxy?.close()
  const counted = (all: readonly number[]): number => median(all.slice(warmUpRounds))
  const [seconds, sftpSeconds] = [counted(ours), counted(theirs)]
  const figures = { files, bytes, roundTripMs, rounds, seconds, sftpSeconds, ratio: seconds / sftpSeconds }
  // With `-f` it has each file synced, as we do, one after the other.
  return synced.length === 0 ? figures : { ...figures, sftpSyncedSeconds: counted(synced) }
}

/** In seconds, from the connection on. */
async function deliverAll(folder: string, manifest: Manifest, port: number): Promise<number> {
  const { pending } = await manifest.counts()
  const { host, username, privateKey, hostKeyFingerprint }: Sshd = sshd
  const began = performance.now()
  await deliverOver({
    ...{ folder, manifest },
    server: { host, port, username, privateKey, hostKey: { fingerprints: [hostKeyFingerprint] } },
  })
  const seconds = (performance.now() - began) / 1000
  const { delivered } = await manifest.counts()
  if (delivered !== pending) throw new Error(`${delivered} of ${pending} files were delivered`)
  return seconds
}

/** In seconds, its own connection included. */
async function openSsh(folder: string, remote: string, port: number, put = 'put'): Promise<number> {
  const batch = join(home, 'batch')
  await writeFile(batch, `mkdir ${remote}\n${put} ${folder}/*.csv ${remote}/\n`)
  await mkdir(join(home, 'known'), { recursive: true })
  const options = ['StrictHostKeyChecking=no', `UserKnownHostsFile=${join(home, 'known/hosts')}`, 'LogLevel=ERROR']
  const words = [
    '-q',
    '-b',
    batch,
    '-i',
    sshd.privateKeyFile,
    '-P',
    String(port),
    ...options.flatMap((each) => ['-o', each]),
  ]
  const began = performance.now()
  await run('sftp', [...words, `${sshd.username}@${sshd.host}`], { maxBuffer: 2 ** 26 })
  return (performance.now() - began) / 1000
}

/** In this process, files of 1 kB. */
async function deliverAndMeasure(files: number, measure: () => void): Promise<void> {
  const folder = join(home, `memory-${files}`)
  const manifest = await openSqliteManifest(folder)
  try {
    await manifest.beginBoot(epochMs(1))
    await sealRandom(
      folder,
      manifest,
      Array.from({ length: files }, () => 1000),
    )
    await deliverAll(folder, manifest, sshd.port)
  } finally {
    await manifest.close()
  }
  // Before what was made is deleted: ten thousand deletions at once take more memory than all their deliveries.
  measure()
  for (const used of [join(home, 'remote/dock-1'), folder]) await rm(used, { recursive: true })
}
