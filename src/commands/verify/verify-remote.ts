import type { Verify } from '../../delivery/deliver-file.ts'
import { remoteDigest } from '../../delivery/remote-digest.ts'
import {
  below,
  finalPath,
  parentOf,
  type RemoteNames,
  sealedPathOfTemporary,
  temporaryPath,
} from '../../delivery/remote-names.ts'
import { sizeDifference } from '../../delivery/size-difference.ts'
import { SftpStatusError } from '../../domain/delivery-errors.ts'
import type { FileEntry, ManifestRecords } from '../../ports/manifest.ts'
import type { SftpEntry, SftpSession } from '../../ports/sftp-session.ts'
import { everyFile } from '../../storage/look-up-files.ts'
import type { Finding } from './verify-finding.ts'

export interface RemoteToVerify {
  readonly session: SftpSession
  readonly names: RemoteNames
  readonly verify: Verify
  /** Removes temporary files of ours: no daemon that could be writing them runs. */
  readonly repair: boolean
}

/** Files that are asked for at the same time. */
const atOnce = 16

/** The manifest against the server. */
export async function* verifyRemote(manifest: ManifestRecords, remote: RemoteToVerify): AsyncGenerator<Finding, void> {
  const folders = new Set<string>()
  let batch: FileEntry[] = []
  const look = async () => {
    const found = await Promise.all(batch.map((file) => compare(file, remote)))
    batch = []
    return found.filter((finding) => finding !== undefined)
  }
  for await (const file of everyFile(manifest)) {
    // In both places, since the uploader sweeps only where it writes now.
    for (const temporary of ['folder', 'suffix'] as const)
      folders.add(parentOf(temporaryPath({ ...remote.names, temporary }, file, '000000')))
    // What was removed here had been looked at twice; what is packed was never sent by itself.
    if (file.state !== 'removed' && file.state !== 'packed') batch.push(file)
    if (batch.length === atOnce) yield* await look()
  }
  yield* await look()
  for (const folder of folders) yield* temporaries(manifest, folder, remote)
}

async function compare(file: FileEntry, { session, names, verify }: RemoteToVerify): Promise<Finding | undefined> {
  const path = finalPath(names, file)
  const isDelivered = file.state === 'delivered'
  try {
    const there = await session.stat(path)
    if (there === undefined) {
      // Its consumer may have taken it, which is what it is there for.
      return isDelivered ? { path, what: 'was delivered, and is gone from the server', grade: 'note' } : undefined
    }
    const difference = sizeDifference(there, file)
    const other =
      difference !== undefined
        ? `is ${difference} on the server, ours is ${file.bytes} bytes`
        : verify === 'readback' && (await remoteDigest(session, path, file.bytes)) !== file.sha256
          ? 'has another content on the server'
          : undefined
    if (other !== undefined) return { path, what: `is ${file.state}, and ${other}`, grade: 'fault' }
    return isDelivered ? undefined : { path, what: `is ${file.state}, and on the server already`, grade: 'note' }
  } catch (error) {
    if (!(error instanceof SftpStatusError)) throw error
    return { path, what: `cannot be looked at: ${error.message}`, grade: 'fault' }
  }
}

async function* temporaries(
  manifest: ManifestRecords,
  folder: string,
  { session, repair }: RemoteToVerify,
): AsyncGenerator<Finding, void> {
  for (const { name, isFolder } of await list(session, folder)) {
    const sealed = isFolder ? undefined : sealedPathOfTemporary(name)
    // Another Belay may deliver into the same folder.
    if (sealed === undefined || !(await manifest.has(sealed))) continue
    const path = below(folder, name)
    const what = 'is what a try left behind on the server'
    const refusal = repair ? await refusalOf(session.unlink(path)) : undefined
    yield refusal === undefined
      ? { path, what, grade: repair ? 'mended' : 'mendable' }
      : { path, what: `${what}, and cannot be removed: ${refusal}`, grade: 'fault' }
  }
}

async function refusalOf(call: Promise<void>): Promise<string | undefined> {
  try {
    await call
    return undefined
  } catch (error) {
    if (!(error instanceof SftpStatusError)) throw error
    return error.message
  }
}

async function list(session: SftpSession, folder: string): Promise<SftpEntry[]> {
  try {
    return await session.readdir(folder === '' ? '.' : folder)
  } catch (error) {
    if (!(error instanceof SftpStatusError)) throw error
    return []
  }
}
