import { createHash } from 'node:crypto'
import { basename, dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { pack } from 'tar-stream'
import { SealedFileChangedError } from '../domain/delivery-errors.ts'
import { packedAs, packedName, parseCsvFileName } from '../domain/file-name.ts'
import { openSealed } from '../domain/open-sealed.ts'
import type { SealedFile } from '../domain/sealed-file.ts'
import type { Disk } from '../ports/disk.ts'
import type { Gzip } from '../ports/gzip.ts'
import { packingFolder } from './folders.ts'
import type { PackPlan } from './pack-plan.ts'
import { readChunks } from './read-file.ts'
import { renameOnce, type SealWorld } from './seal-file.ts'
import { tidyUp } from './tidy-up.ts'
import { unlinkIfThere } from './unlink-if-there.ts'
import { writeWhole } from './write-whole.ts'

/** An archive in its place, and what went into it. */
export interface Archive {
  readonly file: SealedFile
  readonly members: readonly SealedFile[]
}

export interface PackWorld extends SealWorld {
  readonly gzip: Gzip
  /**
   * Archives that are in their place while the manifest has not said that it has them, by their folder. It may have them all
   * the same, and say so after the next start: such a one stays as it is, and is handed over before another is made.
   */
  readonly unrecorded: Map<string, Archive>
}

type MakingWorld = Pick<PackWorld, 'disk' | 'gzip'>

/**
 * Makes one file of sealed ones and hands it over in their stead, sealed as they were: synced, renamed, both folders synced,
 * then one transaction. Where this throws, or the power goes, they are still `held`, and the same again makes the same file,
 * to the byte. They themselves stay where they are. An earlier one of their folder that the manifest has not said that it has
 * is handed over instead.
 *
 * @throws {SealedFileChangedError} one of them is not what was sealed.
 * @throws {DataFolderAwayError} nor is any other there.
 */
export async function packFiles(world: PackWorld, plan: PackPlan, members: readonly SealedFile[]): Promise<Archive> {
  const { manifest, clock, unrecorded } = world
  const folder = dirname(members[0]?.path ?? '')
  const archive = unrecorded.get(folder) ?? (await makeArchive(world, plan, members))
  unrecorded.set(folder, archive)
  const paths = archive.members.map(({ path }) => path)
  await manifest.pack(paths, archive.file, clock.now())
  unrecorded.delete(folder)
  return archive
}

/**
 * Makes a sealed archive that is gone or was changed once more, of the files that went into it, and puts it in its place.
 *
 * @throws {SealedFileChangedError} one of them is not what was sealed, or they make another archive: nothing is put in its place.
 */
export async function packAgain(
  world: MakingWorld,
  archive: SealedFile,
  members: readonly SealedFile[],
): Promise<void> {
  const as = packedAs(archive.path)
  const isFirst = ({ path }: SealedFile): boolean => packedName(path, as) === archive.path
  // It is named after the first that went into it.
  const inOrder = [...members.filter(isFirst), ...members.filter((member) => !isFirst(member))]
  await makeArchive(world, { as }, inOrder, archive)
}

/** `expected`: what it has to be. */
async function makeArchive(
  world: MakingWorld,
  plan: Pick<PackPlan, 'as'>,
  members: readonly SealedFile[],
  expected?: SealedFile,
): Promise<Archive> {
  const { disk } = world
  const first = members[0]
  if (first === undefined) throw new RangeError('Nothing to pack')
  const path = packedName(first.path, plan.as)
  const growing = `${packingFolder}/${basename(path)}`
  await disk.makeFolder(packingFolder)
  const content = plan.as === 'gzip' ? contentOf(disk, first) : tarOf(disk, members)
  const grown = await grow(world, growing, content)
  if (expected !== undefined && (expected.path !== path || expected.sha256 !== grown.sha256)) {
    await unlinkIfThere(disk, growing)
    const detail = `the files that went into it make ${path} with SHA-256 ${grown.sha256}, not ${expected.sha256}`
    throw new SealedFileChangedError(expected.path, detail)
  }
  await renameOnce(disk, growing, path)
  await disk.syncFolder(dirname(path))
  await disk.syncFolder(packingFolder)
  const rows = members.reduce((sum, { rows }) => sum + rows, 0)
  const priority = Math.max(...members.map(({ priority }) => priority))
  return { file: { path, ...grown, rows, priority }, members }
}

/** Afterwards the file is on the disk and closed. */
async function grow(
  { disk, gzip }: MakingWorld,
  path: string,
  content: AsyncIterable<Uint8Array>,
): Promise<Pick<SealedFile, 'bytes' | 'sha256'>> {
  await unlinkIfThere(disk, path)
  const file = await disk.create(path)
  const hash = createHash('sha256')
  let bytes = 0
  try {
    await pipeline(content, gzip(), async (chunks) => {
      for await (const chunk of chunks as AsyncIterable<Uint8Array>) {
        hash.update(chunk)
        await writeWhole(file, chunk, bytes, path)
        bytes += chunk.length
      }
    })
    await file.datasync()
  } catch (error) {
    await tidyUp(
      () => file.close(),
      () => unlinkIfThere(disk, path),
    )
    throw error
  }
  await file.close()
  return { bytes, sha256: hash.digest('hex') }
}

/** @throws {SealedFileChangedError} @throws {DataFolderAwayError} */
async function* contentOf(disk: Disk, { path, sha256 }: SealedFile): AsyncGenerator<Uint8Array> {
  const file = await openSealed(disk, path)
  try {
    const hash = createHash('sha256')
    for await (const chunk of readChunks(file)) {
      hash.update(chunk)
      // The next chunk comes in the same memory.
      yield chunk.slice()
    }
    const found = hash.digest('hex')
    if (found !== sha256) throw new SealedFileChangedError(path, `its SHA-256 is ${found}, not ${sha256}`)
  } finally {
    await file.close()
  }
}

async function* tarOf(disk: Disk, members: readonly SealedFile[]): AsyncGenerator<Uint8Array> {
  const archive = pack()
  const feed = async (): Promise<void> => {
    for (const member of members) {
      const name = basename(member.path)
      // What was so when the file was opened, and nothing of now: the same files make the same archive.
      const mtime = new Date(parseCsvFileName(name)?.openedAt ?? 0)
      const entry = archive.entry({ name, size: member.bytes, mtime, mode: 0o644 })
      // What ends it early ends the archive, which tells.
      entry.on('error', () => undefined)
      for await (const chunk of contentOf(disk, member)) {
        if (!entry.write(chunk)) await drained(entry)
        if (archive.destroyed) return
      }
      entry.end()
    }
    archive.finalize()
  }
  const fed = feed().catch((error: unknown) => archive.destroy(error as Error))
  try {
    yield* archive as AsyncIterable<Uint8Array>
  } finally {
    // Whoever reads may have had enough before the end; what feeds it then lets go of its file.
    archive.destroy()
    await fed
  }
}

/** Room again, or the end. */
const drained = (entry: NodeJS.EventEmitter): Promise<void> =>
  new Promise((resolve) => {
    entry.once('drain', resolve)
    entry.once('close', resolve)
  })
