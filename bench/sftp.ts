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
import { deliverOver, sealRandom } from '../test/adapters/sftp/deliver-over.ts'
import { type Sshd, startSshd } from '../test/support/sshd.ts'
import { startTcpProxy } from '../test/support/tcp-proxy.ts'
import { median } from './figures.ts'
import { apart, memory } from './sftp-memory.ts'

const rounds = 3
const run = promisify(execFile)

interface Case {
  readonly files: number
  readonly bytes: number
  /** Of a round trip to the server. */
  readonly roundTripMs: number
}

const cases: Readonly<Record<string, Case>> = {
  small: { files: 1000, bytes: 20_000, roundTripMs: 0 },
  large: { files: 1, bytes: 200_000_000, roundTripMs: 0 },
  rtt50: { files: 100, bytes: 20_000, roundTripMs: 50 },
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

async function compare(name: string, { files, bytes, roundTripMs }: Case): Promise<object> {
  const proxy = roundTripMs === 0 ? undefined : await startTcpProxy(sshd.port, { delayMs: roundTripMs / 2 })
  const port = proxy?.port ?? sshd.port
  const [ours, theirs, synced]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < rounds; round++) {
    const folder = join(home, `${name}-${round}`)
    ours.push(
      await deliverAll(
        folder,
        port,
        Array.from({ length: files }, () => bytes),
      ),
    )
    const content = join(folder, 'dock-1/model')
    theirs.push(await openSsh(content, `${name}-${round}`, port))
    if (roundTripMs === 0) synced.push(await openSsh(content, `${name}-${round}-synced`, port, 'put -f'))
    await rm(folder, { recursive: true })
    for (const used of await readdir(join(home, 'remote'))) await rm(join(home, 'remote', used), { recursive: true })
  }
  await proxy?.close()
  const [seconds, sftpSeconds] = [median(ours), median(theirs)]
  const figures = { files, bytes, roundTripMs, rounds, seconds, sftpSeconds, ratio: seconds / sftpSeconds }
  // With `-f` it has each file synced, as we do, one after the other.
  return synced.length === 0 ? figures : { ...figures, sftpSyncedSeconds: median(synced) }
}

/** In seconds, from the connection on. */
async function deliverAll(folder: string, port: number, sizes: readonly number[]): Promise<number> {
  const manifest = await openSqliteManifest(folder)
  try {
    await manifest.beginBoot(epochMs(1))
    await sealRandom(folder, manifest, sizes)
    const { host, username, privateKey, hostKeyFingerprint }: Sshd = sshd
    const began = performance.now()
    await deliverOver({
      ...{ folder, manifest },
      server: { host, port, username, privateKey, hostKey: { fingerprints: [hostKeyFingerprint] } },
    })
    const seconds = (performance.now() - began) / 1000
    const { delivered } = await manifest.counts()
    if (delivered !== sizes.length) throw new Error(`${delivered} of ${sizes.length} files were delivered`)
    return seconds
  } finally {
    await manifest.close()
  }
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
  await deliverAll(
    folder,
    sshd.port,
    Array.from({ length: files }, () => 1000),
  )
  // Before what was made is deleted: ten thousand deletions at once take more memory than all their deliveries.
  measure()
  for (const used of [join(home, 'remote/dock-1'), folder]) await rm(used, { recursive: true })
}
