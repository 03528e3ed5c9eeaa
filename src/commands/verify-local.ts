import { createHash } from 'node:crypto'
import { DiskError } from '../domain/disk-error.ts'
import { type FileState, fileStates, legalChanges, perState } from '../domain/file-state.ts'
import { parseCsvFileName, parsePackedName } from '../domain/file-name.ts'
import { isCameraId } from '../domain/ids.ts'
import type { Disk } from '../ports/disk.ts'
import type { FileEntry, FileEvent, ManifestRecords } from '../ports/manifest.ts'
import { baseName, parentOf } from '../delivery/remote-names.ts'
import { readChunks } from '../storage/read-file.ts'
import { WholeRows } from '../storage/whole-rows.ts'
import type { Finding } from './verify-finding.ts'

const page = 500

/** All files, the oldest first, without holding them all in memory. */
export async function* everyFile(manifest: ManifestRecords): AsyncGenerator<FileEntry, void> {
  for (let afterId = 0; ;) {
    const files = await manifest.files({ afterId, limit: page })
    yield* files
    const last = files.at(-1)
    if (last === undefined) return
    afterId = last.id
  }
}

const leftOfArchive = 'was delivered in an archive that is deleted, and is still here'

/** The manifest against the data folder, file by file, and then against itself. */
export async function* verifyManifest(manifest: ManifestRecords, disk: Disk): AsyncGenerator<Finding, void> {
  const counted = perState(() => 0)
  for await (const file of everyFile(manifest)) {
    counted[file.state]++
    const { path } = file
    const illegal = illegalHistory(file.state, await manifest.history(file.id))
    if (illegal !== undefined) yield { path, what: `its history is illegal: ${illegal}`, grade: 'fault' }
    const found = await compare(file, disk)
    if (found !== undefined) yield { path, ...found }
    if (file.state === 'removed' && parsePackedName(baseName(path)) !== undefined) {
      for (const member of await manifest.members(file.id)) {
        if (await isHere(member, disk)) yield { path: member, what: leftOfArchive, grade: 'mendable' }
      }
    }
  }
  const totals = await manifest.counts()
  for (const state of fileStates) {
    if (totals[state] === counted[state]) continue
    const what = `says ${totals[state]} files are ${state}, and ${counted[state]} are`
    yield { path: 'manifest.sqlite', what, grade: 'fault' }
  }
}

function illegalHistory(state: FileState, events: readonly FileEvent[]): string | undefined {
  let at: FileState | undefined
  for (const { from, to } of events) {
    if (from !== at) return `${from ?? 'nothing'} → ${to}, when it was ${at ?? 'unknown'}`
    if (!legalChanges[from ?? 'new'].includes(to)) return `${from ?? 'nothing'} → ${to}`
    at = to
  }
  return at === state ? undefined : `it ends with ${at ?? 'nothing'}, and the file is ${state}`
}

async function compare(file: FileEntry, disk: Disk): Promise<Omit<Finding, 'path'> | undefined> {
  const { state } = file
  // Its content went elsewhere, or it is known to be gone or changed.
  if (state === 'packed' || state === 'refused') return undefined
  const local = await lookAt(file, disk)
  if (state === 'removed') {
    if (local === 'gone') return undefined
    const [is, grade] = local === 'same' ? (['', 'mendable'] as const) : ([', with another content', 'note'] as const)
    return { what: `was delivered and deleted, and is still here${is}`, grade }
  }
  if (local === 'same') return undefined
  if (local === 'gone' && state === 'delivered') return { what: 'was delivered, and is gone here', grade: 'mendable' }
  return { what: local === 'gone' ? `is ${state}, and gone here` : `is ${state}, and ${local}`, grade: 'fault' }
}

async function isHere(path: string, disk: Disk): Promise<boolean> {
  return (await disk.list(parentOf(path))).some(({ name }) => name === baseName(path))
}

/** `same`, `gone`, or what is other than it was sealed. */
async function lookAt({ path, bytes, sha256, rows }: FileEntry, disk: Disk): Promise<string> {
  try {
    const opened = await disk.open(path)
    try {
      const name = parseCsvFileName(baseName(path))
      const whole = name && new WholeRows(name)
      const hash = createHash('sha256')
      let length = 0
      for await (const chunk of readChunks(opened)) {
        hash.update(chunk)
        whole?.push(chunk)
        length += chunk.length
      }
      if (length !== bytes) return `${length} bytes long here, ${bytes} were sealed`
      const found = hash.digest('hex')
      if (found !== sha256) return `has SHA-256 ${found} here, ${sha256} was sealed`
      if (whole !== undefined && whole.rows !== rows) return `has ${whole.rows} rows, the manifest says ${rows}`
      return 'same'
    } finally {
      await opened.close()
    }
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    return error.systemCode === 'ENOENT' ? 'gone' : `cannot be read: ${error.message}`
  }
}

/** The data folder against the manifest: what is there that it doesn't know. */
export async function* verifyFolder(manifest: ManifestRecords, disk: Disk): AsyncGenerator<Finding, void> {
  for (const { name, kind } of await disk.list('open')) {
    if (kind !== 'file') continue
    const path = `open/${name}`
    if (name.endsWith('.open')) yield { path, what: 'was left open; the next start seals it', grade: 'mendable' }
    else yield { path, what: 'was set aside, for a person to look at', grade: 'note' }
  }
  for (const camera of (await disk.list('.')).filter(({ name, kind }) => kind === 'folder' && isCameraId(name))) {
    for (const folder of (await disk.list(camera.name)).filter(({ kind }) => kind === 'folder')) {
      for (const { name, kind } of await disk.list(`${camera.name}/${folder.name}`)) {
        const path = `${camera.name}/${folder.name}/${name}`
        if (kind !== 'file' || (await manifest.has(path))) continue
        const parsed = parseCsvFileName(name)
        const isOurs = parsed !== undefined && `${parsed.cameraId}/${parsed.folder}` === `${camera.name}/${folder.name}`
        yield isOurs
          ? { path, what: 'is not in the manifest; the next start takes it in, if it is whole', grade: 'mendable' }
          : { path, what: 'is not in the manifest, and has no name that Belay gives', grade: 'note' }
      }
    }
  }
}
