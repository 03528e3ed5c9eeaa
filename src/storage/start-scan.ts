import { csvColumns, type CsvFolder } from '../domain/csv-row.ts'
import { openFolder } from '../domain/data-folder.ts'
import { type CameraId, isCameraId } from '../domain/ids.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { Manifest } from '../ports/manifest.ts'
import { type Adoption, adoptFile, filesIn } from './adopt-file.ts'
import { handOverOf, type PackPlan } from './pack-plan.ts'
import { makingRoom } from './reserve.ts'
import type { RowQueue } from './row-queue.ts'
import type { ScanReport } from './scan-report.ts'
import type { SealWorld } from './seal-file.ts'
import { sealLeftOpen } from './seal-left-open.ts'

export interface ScanOptions {
  readonly disk: Disk
  readonly manifest: Manifest
  readonly clock: Clock
  /** Its ledger says what an earlier writer of this process had accepted. */
  readonly queue: RowQueue
  /** As `writeRows` has it; `undefined`: what was held is so no longer. */
  readonly pack: PackPlan | undefined
  /** Of the files that are sealed or taken in here. */
  readonly priorityOf: (cameraId: CameraId) => number
  readonly signal: AbortSignal
}

type Report = { -readonly [Key in keyof ScanReport]: ScanReport[Key][number][] }

/**
 * Seals what was left open and takes in what was sealed and not handed over. Before every `writeRows`, also after a writer
 * of the same process has failed: what that one had not accepted is cut off here, and stays in the queue.
 *
 * May be called again after a failure; it never deletes a row.
 *
 * @throws {DiskError} the data folder as a whole could not be worked on; a single bad file is set aside instead, and what one
 * camera's folder keeps from being done is `unread`.
 * @throws {signal.reason}
 */
export async function scanDataFolder(options: ScanOptions): Promise<ScanReport> {
  const { ledger } = options.queue
  const tenure = await ledger.takeOver(options.disk, options.signal)
  const world: SealWorld = { ...options, disk: tenure.disk, folders: new Set(), handOver: handOverOf(options.pack) }
  try {
    return await makingRoom(world.disk, () => scan(world, options))
  } finally {
    tenure.end()
  }
}

async function scan(world: SealWorld, options: ScanOptions): Promise<ScanReport> {
  const report: Report = { mended: [], adopted: [], setAside: [], removed: [], unread: [], left: [] }
  await world.disk.makeFolder(openFolder)
  await world.disk.syncFolder('.')
  await sealOpenFiles(world, options, report)
  await adoptSealedFiles(world, options, report)
  if (options.pack === undefined) await world.manifest.unhold(world.clock.now())
  return report
}

async function sealOpenFiles(
  world: SealWorld,
  { queue: { ledger }, priorityOf }: ScanOptions,
  report: Report,
): Promise<void> {
  const names = (await world.disk.list(openFolder)).filter(({ kind }) => kind === 'file').map(({ name }) => name)
  const unread = new Set<string>()
  for (const name of names.filter((each) => each.endsWith('.open')).sort()) {
    const path = `${openFolder}/${name}`
    const mended = await sealLeftOpen(world, name, ledger, priorityOf)
    switch (mended.outcome) {
      case 'mended':
        report.mended.push({ path: mended.file.path, rows: mended.file.rows, tornBytes: mended.tornBytes })
        break
      case 'set-aside':
        report.setAside.push({ path: mended.path, why: mended.why })
        break
      case 'removed':
        report.removed.push({ path, tornBytes: mended.tornBytes })
        break
      case 'left':
        report.left.push({ path: mended.path, why: mended.why })
        break
      case 'unread':
        unread.add(path)
        report.unread.push({ path, why: mended.why })
        break
    }
  }
  // A file that was removed or set aside may hold rows that are still queued. They may be written to another file only
  // when no power cut can bring this one back.
  await world.disk.syncFolder(openFolder)
  for (const path of [...ledger.openFiles.keys()]) if (!unread.has(path)) ledger.forget(path)
}

async function adoptSealedFiles(world: SealWorld, { priorityOf }: ScanOptions, report: Report): Promise<void> {
  const cameras = (await world.disk.list('.')).filter(({ name, kind }) => kind === 'folder' && isCameraId(name))
  for (const { name: camera } of cameras) {
    for (const folder of Object.keys(csvColumns) as CsvFolder[]) {
      const found = await filesIn(world.disk, `${camera}/${folder}`)
      if (typeof found === 'string') {
        report.unread.push({ path: `${camera}/${folder}`, why: found })
        continue
      }
      for (const path of await unknownOf(world, found)) {
        noteAdoption(path, await adoptFile(world, path, priorityOf), report)
      }
    }
  }
}

/** Files that are asked for together: one by one, each of the very many that are known would cost a transaction of its own. */
const atOnce = 500

async function unknownOf({ manifest }: SealWorld, paths: readonly string[]): Promise<string[]> {
  const unknown: string[] = []
  for (let from = 0; from < paths.length; from += atOnce) {
    const some = paths.slice(from, from + atOnce)
    const known = await Promise.all(some.map((path) => manifest.has(path)))
    unknown.push(...some.filter((_, index) => known[index] === false))
  }
  return unknown
}

function noteAdoption(path: string, adoption: Adoption, report: Report): void {
  if (adoption.outcome === 'adopted') report.adopted.push(path)
  if (adoption.outcome === 'unread') report.unread.push({ path, why: adoption.why })
  if (adoption.outcome === 'left') report.left.push({ path, why: adoption.why })
}
