import { basename, dirname } from 'node:path'
import { openFolder } from '../domain/data-folder.ts'
import type { SealedFile } from '../domain/sealed-file.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { Manifest } from '../ports/manifest.ts'
import { isMissing } from './disk-faults.ts'

export interface SealWorld {
  readonly disk: Disk
  readonly manifest: Manifest
  readonly clock: Clock
  /** Sealed CSV files are handed over to be sent, or held to be packed first. */
  readonly handOver: 'pending' | 'held'
  /** Folders that are known to be there, durably. */
  readonly folders: Set<string>
}

/** What is said of a file that was handed over to be packed first. */
export const heldWord = ({ handOver }: Pick<SealWorld, 'handOver'>): { readonly held?: true } =>
  handOver === 'held' ? { held: true } : {}

/**
 * Gives a closed, durable file its final name and hands it over to the manifest.
 *
 * Each step may fail, and the whole may then be called again: what is done already does no harm.
 */
export async function sealFile(world: SealWorld, from: string, file: SealedFile): Promise<void> {
  const { disk, manifest, clock, handOver } = world
  const folder = dirname(file.path)
  await makeDurableFolder(world, folder)
  await renameOnce(disk, from, file.path)
  // The new name first: a power cut between the two may leave both, which the start scan sorts out, but never none.
  await disk.syncFolder(folder)
  await disk.syncFolder(openFolder)
  await manifest.add(file, clock.now(), handOver)
}

export async function makeDurableFolder({ disk, folders }: SealWorld, folder: string): Promise<void> {
  if (folders.has(folder)) return
  await disk.makeFolder(folder)
  // A folder is a name in the folder above it, and as easily forgotten.
  await disk.syncFolder('.')
  await disk.syncFolder(dirname(folder))
  folders.add(folder)
}

/** A rename may have been done although it was reported as failed; then the old name is gone and the new one is there. */
export async function renameOnce(disk: Disk, from: string, to: string): Promise<void> {
  try {
    await disk.rename(from, to)
  } catch (error) {
    if (!isMissing(error) || !(await isThere(disk, to))) throw error
  }
}

/**
 * Whether somebody removed a file, whichever of two names it had. It is not known of a data folder without its folder of open
 * files: a disk that is not mounted may come back.
 */
export async function standsUnderNeither(disk: Disk, from: string, to: string): Promise<boolean> {
  return (await isThere(disk, openFolder)) && !(await isThere(disk, from)) && !(await isThere(disk, to))
}

export async function isThere(disk: Disk, path: string): Promise<boolean> {
  return (await disk.list(dirname(path))).some(({ name }) => name === basename(path))
}
