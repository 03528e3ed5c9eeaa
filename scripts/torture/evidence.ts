import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'libsql'
import type { RowsAccepted } from '../../src/logging/acceptance-log.ts'
import type { Row, Site } from '../../test/e2e/support/site.ts'
import type { LogLine } from '../../test/e2e/support/daemon.ts'

/** A file's content, without the content. */
export interface Print {
  readonly bytes: number
  readonly sha256: string
}

/** Files by their path below a folder. */
export type Prints = ReadonlyMap<string, Print>

export interface ManifestFile extends Print {
  readonly path: string
  readonly state: string
  /** How often it was taken up to be sent. */
  readonly tries: number
}

/** What stood in the data folder whenever the daemon had ended. */
export interface SeenOnDisk {
  /** Every whole row, by its name: the file that it was first seen in. */
  readonly rows: ReadonlyMap<string, string>
  /** How many of them were first seen in a file that was still open. */
  readonly open: number
  /** What the log and the folder did not agree on. */
  readonly faults: readonly string[]
}

/** What was seen during the run, and what is there after it. */
export interface Evidence {
  /** By the daemon's own word: what was accepted, commit by commit. */
  readonly commits: readonly RowsAccepted[]
  /** Every row on the server, under final names. */
  readonly rows: readonly Row[]
  readonly manifest: readonly ManifestFile[]
  /** Sealed files here. */
  readonly local: Prints
  readonly remote: Prints
  /** What the server showed under each final name when it was first seen; `undefined` where nobody looked. */
  readonly sightings: Prints | undefined
  /** `undefined` where nobody looked. */
  readonly seenOnDisk: SeenOnDisk | undefined
}

export const printOf = (content: Uint8Array): Print => ({
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
})

/** The CSV files below a folder that have their final name. */
async function printsBelow(folder: string): Promise<Prints> {
  const names = await readdir(folder, { recursive: true })
  const files = names.filter((name) => name.endsWith('.csv')).sort()
  return new Map(
    await Promise.all(files.map(async (file) => [file, printOf(await readFile(join(folder, file)))] as const)),
  )
}

/** What the daemon said of each commit when its sync had returned. The pipe outlives the daemon. */
export const commitsOf = (log: readonly LogLine[]): RowsAccepted[] =>
  log.filter(({ fact }) => fact === 'rows accepted') as unknown as RowsAccepted[]

export function readManifest(dataFolder: string): ManifestFile[] {
  const db = new Database(join(dataFolder, 'manifest.sqlite'), { readonly: true })
  try {
    const tries = `(SELECT count(*) FROM events WHERE file_id = files.id AND to_state = 'sending')`
    return db.prepare(`SELECT path, bytes, sha256, state, ${tries} AS tries FROM files`).all() as ManifestFile[]
  } finally {
    db.close()
  }
}

/** Everything there is to judge by, once the daemon has ended. */
export async function gather(
  site: Site,
  log: readonly LogLine[],
  sightings?: Prints,
  seenOnDisk?: SeenOnDisk,
): Promise<Evidence> {
  const [rows, local, remote] = await Promise.all([
    site.deliveredRows(),
    printsBelow(site.data),
    printsBelow(site.delivered),
  ])
  return { commits: commitsOf(log), rows, manifest: readManifest(site.data), local, remote, sightings, seenOnDisk }
}
