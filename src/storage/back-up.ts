import { openFolder } from '../domain/data-folder.ts'
import { DiskError } from '../domain/disk-error.ts'
import { OperatingError } from '../domain/errors.ts'
import { manifestFile } from '../domain/manifest-files.ts'
import { compactTime } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { Manifest } from '../ports/manifest.ts'
import { isForWantOfRoom } from './disk-faults.ts'
import { backupFolder } from './folders.ts'
import { readChunks } from './read-file.ts'
import { writeWhole } from './write-whole.ts'

export interface BackUpOptions {
  readonly disk: Disk
  readonly clock: Clock
  readonly boot: number
  /** It copies itself: its files must not be opened by anybody else in this process. */
  readonly manifest: Pick<Manifest, 'copyBytes' | 'copyTo'>
  /** So many of the newest are kept, this one included; 0: none is made, and what is there stays. */
  readonly keep: number
  /** Bytes that must be free afterwards. */
  readonly leaveFree: number
}

export interface BackUpReport {
  /** What its files' names begin with; `undefined`: none was made. */
  readonly made: string | undefined
  /** Why none was made, where one should have been. */
  readonly why?: string
  readonly removed: number
}

/**
 * Copies the manifest and the files that a crash left open, as they are before anything is mended, and removes the oldest
 * copies. One copy is a set of files whose names begin alike; it is whole when it has its manifest, which comes last.
 *
 * A start is not held up by it: where the disk refuses, the report says why.
 */
export async function backUp(options: BackUpOptions): Promise<BackUpReport> {
  const { disk, clock, manifest, boot, keep } = options
  if (keep === 0) return { made: undefined, removed: 0 }
  const name = `${compactTime(clock.now())}_${boot}`
  const written: string[] = []
  try {
    const open = await openFiles(disk)
    const why = await wantOfRoom(options, open)
    if (why !== undefined) return { made: undefined, why, removed: 0 }
    await disk.makeFolder(backupFolder)
    await disk.syncFolder('.')
    for (const fileName of open) {
      const path = `${backupFolder}/${name}_${fileName}`
      written.push(path)
      await copy(disk, `${openFolder}/${fileName}`, path)
    }
    await manifest.copyTo(`${backupFolder}/${name}_${manifestFile}`)
    await disk.syncFolder(backupFolder)
    return { made: name, removed: await removeOld(disk, keep, name) }
  } catch (error) {
    if (!(error instanceof OperatingError)) throw error
    if (isForWantOfRoom(error)) for (const path of written) await giveRoomBack(disk, path)
    return { made: undefined, why: error.message, removed: 0 }
  }
}

async function openFiles(disk: Disk): Promise<string[]> {
  const entries = await disk.list(openFolder)
  return entries.filter(({ name, kind }) => kind === 'file' && name.endsWith('.open')).map(({ name }) => name)
}

async function wantOfRoom(
  { disk, manifest, leaveFree }: BackUpOptions,
  open: readonly string[],
): Promise<string | undefined> {
  let bytes = await manifest.copyBytes()
  for (const fileName of open) {
    const file = await disk.open(`${openFolder}/${fileName}`)
    bytes += await file.length()
    await file.close()
  }
  const free = await disk.freeBytes()
  if (free - bytes >= leaveFree) return undefined
  return `it takes ${bytes} bytes, ${free} are free, and ${leaveFree} are to stay so`
}

async function copy(disk: Disk, from: string, to: string): Promise<void> {
  const source = await disk.open(from)
  try {
    const target = await disk.create(to)
    try {
      let at = 0
      for await (const chunk of readChunks(source)) {
        await writeWhole(target, chunk, at, to)
        at += chunk.length
      }
      await target.datasync()
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

/** `made` and the newest other whole ones stay; all else that is named as ours goes, whatever a crash left of it. */
async function removeOld(disk: Disk, keep: number, made: string): Promise<number> {
  const names = (await disk.list(backupFolder)).map(({ name }) => name).filter((name) => setOf(name) !== undefined)
  const whole = names.flatMap((name) => (name === `${setOf(name)}_${manifestFile}` ? (setOf(name) ?? []) : []))
  const others = whole.filter((set) => set !== made).sort(olderFirst)
  const kept = new Set([made, ...others.slice(Math.max(0, others.length - keep + 1))])
  const old = names.filter((name) => !kept.has(setOf(name) ?? ''))
  for (const name of old) await disk.unlink(`${backupFolder}/${name}`)
  await disk.syncFolder(backupFolder)
  return new Set(old.map(setOf)).size
}

/** `20261122T020836123Z_7`: the time, and the boot. */
const setOf = (name: string): string | undefined => /^(\d{8}T\d{9}Z_\d+)_./.exec(name)?.[1]

/** By boot, which only grows: the clock of a machine that has none of its own begins in the past. */
const olderFirst = (a: string, b: string): number => bootOf(a) - bootOf(b) || (a < b ? -1 : 1)

const bootOf = (set: string): number => Number(set.split('_')[1])

/** The report has its reason already; what cannot be removed is no whole copy, and goes with the next one. */
async function giveRoomBack(disk: Disk, path: string): Promise<void> {
  try {
    await disk.unlink(path)
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
  }
}
