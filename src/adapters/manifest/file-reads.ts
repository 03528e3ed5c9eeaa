import type { FileState } from '../../domain/file-state.ts'
import { ManifestFailedError } from '../../domain/manifest-errors.ts'
import { epochMs } from '../../domain/units.ts'
import type { FileEntry, FileEvent, FileQuery } from '../../ports/manifest.ts'
import { SqliteDatabase, type SqlRow, type SqlStatement } from './sqlite-database.ts'

/** The index `files_open` holds these: those that are neither delivered nor done with, few among very many. */
const openStates: ReadonlySet<FileState> = new Set(['held', 'pending', 'sending', 'conflict', 'refused', 'deadLetter'])

// Word for word as the indexes have them, or SQLite would not use them.
const isOfCamera = `substr(path, 1, instr(path, '/') - 1) = ?3`
const isOpen = `state IN ('held', 'pending', 'sending', 'conflict', 'refused', 'deadLetter')`
const fits = `id > ?1 AND (?2 IS NULL OR state IN (SELECT value FROM json_each(?2)))
  AND (?3 IS NULL OR ${isOfCamera}) AND (?4 IS NULL OR sealed_at <= ?4)`

export const readTexts = {
  files: `SELECT * FROM files WHERE ${fits} ORDER BY id LIMIT ?5`,
  newestFiles: `SELECT * FROM files WHERE ${fits} ORDER BY id DESC LIMIT ?5`,
  cameraFiles: `SELECT * FROM files INDEXED BY files_of_camera WHERE ${isOfCamera} AND ${fits} ORDER BY id LIMIT ?5`,
  newestCameraFiles: `SELECT * FROM files INDEXED BY files_of_camera WHERE ${isOfCamera} AND ${fits} ORDER BY id DESC LIMIT ?5`,
  openFiles: `SELECT * FROM files INDEXED BY files_open WHERE ${isOpen} AND ${fits} ORDER BY id LIMIT ?5`,
  newestOpenFiles: `SELECT * FROM files INDEXED BY files_open WHERE ${isOpen} AND ${fits} ORDER BY id DESC LIMIT ?5`,
  fileAt: `SELECT * FROM files WHERE path = ?6 AND ${fits} LIMIT ?5`,
  history: 'SELECT at, boot, from_state, to_state, why FROM events WHERE file_id = ? ORDER BY id',
} as const

/** Which of them finds those files by an index, among very many others. */
export function readOf({ states, cameraId, path, newestFirst = false }: FileQuery): keyof typeof readTexts {
  if (path !== undefined) return 'fileAt'
  if (states !== undefined && states.every((state) => openStates.has(state)))
    return newestFirst ? 'newestOpenFiles' : 'openFiles'
  if (cameraId !== undefined) return newestFirst ? 'newestCameraFiles' : 'cameraFiles'
  return newestFirst ? 'newestFiles' : 'files'
}

type Texts = Readonly<Record<keyof typeof readTexts, SqlStatement>>

/**
 * Questions about files, on a connection of their own: each sees all that has been committed, on another thread, and no commit waits for it.
 *
 * One is answered at a time. Only `all` is used: it comes to its end, so that no read stays open and keeps the write-ahead log from being taken in.
 */
export class FileReads {
  #last: Promise<unknown> = Promise.resolve()
  #closed = false

  private constructor(
    private readonly db: SqliteDatabase,
    private readonly sql: Texts,
  ) {}

  /** The manifest has to be there. @throws {ManifestFailedError} */
  static async open(file: string): Promise<FileReads> {
    const db = new SqliteDatabase(file)
    try {
      await db.exec('PRAGMA busy_timeout = 5000; PRAGMA query_only = ON', 'open')
      const names = Object.keys(readTexts) as (keyof typeof readTexts)[]
      const prepared = await Promise.all(names.map(async (name) => [name, await db.prepare(readTexts[name])] as const))
      return new FileReads(db, Object.fromEntries(prepared) as Record<keyof typeof readTexts, SqlStatement>)
    } catch (error) {
      db.close()
      throw error
    }
  }

  files(query: FileQuery): Promise<FileEntry[]> {
    const { states, cameraId, path, sealedBefore, afterId, limit } = query
    const named = states === undefined ? null : JSON.stringify(states)
    const statement = this.sql[readOf(query)]
    const terms = [afterId ?? 0, named, cameraId ?? null, sealedBefore ?? null, limit]
    return this.#ask(async () => (await statement.all(...terms, ...(path === undefined ? [] : [path]))).map(entry))
  }

  history(id: number): Promise<FileEvent[]> {
    return this.#ask(async () => (await this.sql.history.all(id)).map(event))
  }

  /** Lets what was asked be answered, and refuses the rest. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#last
    this.db.close()
  }

  #ask<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    if (this.#closed) return Promise.reject(new ManifestFailedError(this.db.file, 'a call', 'closed by ourselves'))
    const answer = this.#last.then(work).catch((error: unknown) => {
      throw this.db.explained('a question', error)
    })
    this.#last = answer.catch(() => undefined)
    return answer
  }
}

export const entry = (row: SqlRow): FileEntry => ({
  id: Number(row['id']),
  path: String(row['path']),
  bytes: Number(row['bytes']),
  sha256: String(row['sha256']),
  rows: Number(row['rows']),
  priority: Number(row['priority']),
  state: row['state'] as FileState,
  attempts: Number(row['attempts']),
  faults: Number(row['faults']),
  ambiguous: row['ambiguous'] === 1,
  isNameSynced: row['name_synced'] === 1,
  sealedAt: epochMs(Number(row['sealed_at'])),
  dueAt: epochMs(Number(row['due_at'])),
  changedAt: epochMs(Number(row['changed_at'])),
  why: row['why'] === null ? undefined : String(row['why']),
})

const event = (row: SqlRow): FileEvent => ({
  at: epochMs(Number(row['at'])),
  boot: row['boot'] === null ? undefined : Number(row['boot']),
  from: row['from_state'] === null ? undefined : (row['from_state'] as FileState),
  to: row['to_state'] as FileState,
  why: row['why'] === null ? undefined : String(row['why']),
})
