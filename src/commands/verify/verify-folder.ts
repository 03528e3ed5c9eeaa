import { counted } from '../../domain/counted.ts'
import { openFolder } from '../../domain/data-folder.ts'
import { DiskError } from '../../domain/disk-error.ts'
import { parseCsvFileName, parsePackedName } from '../../domain/file-name.ts'
import { isCameraId } from '../../domain/ids.ts'
import { isForSqliteAlone, manifestFile, manifestPidFile } from '../../domain/manifest-files.ts'
import type { Disk } from '../../ports/disk.ts'
import type { ManifestRecords } from '../../ports/manifest.ts'
import { packingFolder } from '../../storage/folders.ts'
import { readChunks } from '../../storage/read-file.ts'
import { reserveFile } from '../../storage/reserve.ts'
import { WholeRows } from '../../storage/whole-rows.ts'
import type { Finding } from './verify-finding.ts'

const noName = 'has no name that Belay gives'

/** The data folder against the manifest: what is there that it doesn't know. */
export async function* verifyFolder(manifest: ManifestRecords, disk: Disk): AsyncGenerator<Finding, void> {
  for (const name of await filesIn('.', disk)) {
    if (!isOfRoot(name)) yield { path: name, what: noName, grade: 'note' }
  }
  for (const name of await filesIn(openFolder, disk)) {
    const path = `${openFolder}/${name}`
    if (name.endsWith('.open')) yield { path, ...(await openFile(name, path, disk)) }
    else yield { path, ...asideFile(name) }
  }
  for (const name of await filesIn(packingFolder, disk)) {
    const what = 'is an archive that was not finished; what was to go into it is still here'
    yield { path: `${packingFolder}/${name}`, what, grade: 'note' }
  }
  for (const camera of (await disk.list('.')).filter(({ name, kind }) => kind === 'folder' && isCameraId(name))) {
    for (const { name: folder } of (await disk.list(camera.name)).filter(({ kind }) => kind === 'folder')) {
      const place = `${camera.name}/${folder}`
      for (const name of await filesIn(place, disk)) {
        const path = `${place}/${name}`
        if (!(await manifest.has(path))) yield { path, ...unknownFile(name, place) }
      }
    }
  }
}

async function filesIn(folder: string, disk: Disk): Promise<string[]> {
  return (await disk.list(folder)).filter(({ kind }) => kind === 'file').map(({ name }) => name)
}

/** The manifest's files, SQLite's journals beside them, copies that a migration has kept, and the reserve. */
const isOfRoot = (name: string): boolean =>
  isForSqliteAlone(name.replace(/-journal$/, '')) ||
  name === manifestPidFile ||
  name === reserveFile ||
  (name.startsWith(`${manifestFile}.v`) && /^\d+(\.unfinished)?$/.test(name.slice(manifestFile.length + 2)))

/** What nobody hands on. */
function asideFile(name: string): Omit<Finding, 'path'> {
  if (/\.(broken|failed)$/.test(name)) {
    const what = 'was set aside, and may hold accepted rows that were never delivered: look at it, and move it away'
    return { what, grade: 'fault' }
  }
  if (name.endsWith('.torn')) {
    return { what: 'is what stood behind the last whole frame of a file that a crash had left open', grade: 'note' }
  }
  return { what: noName, grade: 'note' }
}

function unknownFile(name: string, place: string): Omit<Finding, 'path'> {
  const isOurs = (parsed: ReturnType<typeof parseCsvFileName>): boolean =>
    parsed !== undefined && `${parsed.cameraId}/${parsed.folder}` === place
  if (isOurs(parseCsvFileName(name))) {
    return { what: 'is not in the manifest; the next start takes it in, if it is whole', grade: 'mendable' }
  }
  if (isOurs(parsePackedName(name))) {
    const what = 'is an archive that was cut off before the manifest knew it; what went into it is sent all the same'
    return { what, grade: 'note' }
  }
  return { what: `is not in the manifest, and ${noName}`, grade: 'note' }
}

/** What the next start makes of it. */
async function openFile(name: string, path: string, disk: Disk): Promise<Omit<Finding, 'path'>> {
  const parsed = parseCsvFileName(name.replace(/\.open$/, ''))
  if (parsed === undefined) return { what: noName, grade: 'note' }
  const found = new WholeRows(parsed)
  try {
    const file = await disk.open(path)
    try {
      for await (const chunk of readChunks(file)) found.push(chunk)
    } finally {
      await file.close()
    }
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    return { what: `was left open, and cannot be read: ${error.message}`, grade: 'fault' }
  }
  const { wholeFrames: whole, bytes } = found
  if (whole.bytes === 0 && bytes > 0) {
    return { what: 'was left open, and its header is not ours; the next start sets it aside', grade: 'fault' }
  }
  const torn = bytes === whole.bytes ? '' : ` and ${counted(bytes - whole.bytes, 'torn byte')}`
  const becomes = whole.rows === 0 ? 'removes' : 'seals'
  const what = `was left open with ${counted(whole.rows, 'row')}${torn}; the next start ${becomes} it`
  return { what, grade: 'mendable' }
}
