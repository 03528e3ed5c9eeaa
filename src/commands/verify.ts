import { createGzip } from 'node:zlib'
import { NodeDisk } from '../adapters/disk/node-disk.ts'
import type { Config } from '../config/config.ts'
import { OperatingError } from '../domain/errors.ts'
import type { FileState } from '../domain/file-state.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { ManifestRecords } from '../ports/manifest.ts'
import { packPlanOf } from '../storage/pack-plan.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { configToStart, configWithoutSecrets } from './read-config.ts'
import { sftpConnectorForOne } from './system-world.ts'
import { Tenure } from '../storage/tenure.ts'
import { interruptionOf } from './terminal/interruption.ts'
import type { Terminal } from './terminal/terminal.ts'
import { openToLook, openToRepair } from './verify/open-as-owner.ts'
import type { Finding } from './verify/verify-finding.ts'
import { verifyFolder } from './verify/verify-folder.ts'
import { verifyManifest } from './verify/verify-manifest.ts'
import { verifyRemote } from './verify/verify-remote.ts'
import { repair } from './verify/verify-repair.ts'
import { type Looked, verifyForPrograms, verifyReport } from './verify/verify-report.ts'
import { withManifest } from './manifest/with-manifest.ts'

export interface VerifyOptions {
  /** Compare with the server too. */
  readonly remote: boolean
  /** Mend what is safe to mend. */
  readonly repair: boolean
  /** For programs: what was found, as JSON. */
  readonly json?: boolean
}

/**
 * `belay verify`: the data folder of a daemon that doesn't run, against its manifest, and with `--remote` against the server.
 * 0: all is well, or is after `--repair`; 1: faults are left; 75: a daemon runs there, the world refused, or it was interrupted.
 */
export async function verifyCommand(
  file: string,
  options: VerifyOptions,
  terminal: Terminal,
  clock: Clock,
): Promise<ExitCode> {
  const config = await (options.remote ? configToStart : configWithoutSecrets)(file, terminal)
  const signal = interruptionOf(terminal)
  const diskOf = ({ dataFolder }: Config): Disk => new Tenure(new NodeDisk(dataFolder), signal).disk
  // A look alone changes nothing, not even an older schema.
  if (!options.repair) {
    return withManifest(config, terminal, openToLook, async (manifest, config) =>
      conclude(
        await look(manifest, config, options, diskOf(config), signal),
        await manifest.counts(),
        options,
        terminal,
      ),
    )
  }
  return withManifest(config, terminal, openToRepair, async (manifest, config) => {
    const disk = diskOf(config)
    const { found, ...looked } = await look(manifest, config, options, disk, signal)
    const mendable = found.filter(({ grade }) => grade === 'mendable')
    const pack = packPlanOf(config.csv.pack)
    const failures = await repair(mendable, {
      ...{ manifest, disk, clock, pack, signal },
      ...{ gzip: createGzip, cameras: config.cameras },
    })
    for (const { message } of failures) terminal.err(`${message}\n`)
    // Looked at again: what is said to be mended was seen to be so.
    const left = await collect(local(manifest, config, disk))
    const isLeft = ({ path }: Finding) => left.some((finding) => finding.path === path && finding.grade === 'mendable')
    const mended = found.map((finding): Finding =>
      finding.grade !== 'mendable' ? finding : { ...finding, grade: isLeft(finding) ? 'fault' : 'mended' },
    )
    return conclude({ ...looked, found: mended }, await manifest.counts(), options, terminal)
  })
}

async function look(
  manifest: ManifestRecords,
  config: Config,
  options: VerifyOptions,
  disk: Disk,
  signal: AbortSignal,
): Promise<Looked> {
  const found = await collect(local(manifest, config, disk))
  if (!options.remote) return { found }
  try {
    for await (const finding of onServer(manifest, config, options, signal)) found.push(finding)
    return { found }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof OperatingError)) throw error
    return { found, unseen: error }
  }
}

async function* onServer(
  manifest: ManifestRecords,
  config: Config,
  options: VerifyOptions,
  signal: AbortSignal,
): AsyncGenerator<Finding, void> {
  const session = await sftpConnectorForOne(config.sftp).connect(signal)
  // Requests are given up when their session ends, and in no other way.
  signal.addEventListener('abort', () => void session.end(), { once: true })
  const { folder, temporary, verify } = config.sftp
  const remote = { session, names: { folder, temporary }, verify, repair: options.repair }
  try {
    yield* verifyRemote(manifest, remote)
  } finally {
    await session.end()
  }
}

async function* local(manifest: ManifestRecords, { sftp }: Config, disk: Disk): AsyncGenerator<Finding, void> {
  yield* verifyManifest(manifest, { disk, keepFor: sftp.keepFor })
  yield* verifyFolder(manifest, disk)
}

async function collect(findings: AsyncGenerator<Finding, void>): Promise<Finding[]> {
  const all: Finding[] = []
  for await (const finding of findings) all.push(finding)
  return all
}

/** @throws {OperatingError} what kept it from seeing all, when what it has seen is said. */
function conclude(
  looked: Looked,
  counts: Readonly<Record<FileState, number>>,
  { json }: VerifyOptions,
  terminal: Terminal,
): ExitCode {
  const report = json === true ? [JSON.stringify(verifyForPrograms(looked, counts))] : verifyReport(looked, counts)
  for (const line of report) terminal.out(`${line}\n`)
  if (looked.unseen !== undefined) throw looked.unseen
  return looked.found.some(({ grade }) => grade === 'fault' || grade === 'mendable') ? exitCodes.failed : exitCodes.ok
}
