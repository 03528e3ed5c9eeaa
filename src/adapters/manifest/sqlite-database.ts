import Libsql from 'libsql/promise'
import { ManifestFailedError } from '../../domain/manifest-errors.ts'

export type SqlValue = string | number | null
export type SqlRow = Readonly<Record<string, SqlValue>>

/** A prepared statement. `run` and `get` execute at once, on this thread: inside a transaction they touch memory only. */
export interface SqlStatement {
  run(...values: SqlValue[]): { changes: number }
  get(...values: SqlValue[]): SqlRow | undefined
  /** Every row; executes on another thread. */
  all(...values: SqlValue[]): Promise<SqlRow[]>
}

/** What libsql's untyped promise API is to us. `exec` runs on a thread of its own, so what it syncs blocks nobody. */
interface LibsqlDatabase {
  exec(sql: string): Promise<void>
  prepare(sql: string): Promise<SqlStatement>
  close(): void
}

/** One SQLite connection. Every failure is a `ManifestFailedError` that names the file and what was being done. */
export class SqliteDatabase {
  readonly #db: LibsqlDatabase

  /** @throws {ManifestFailedError} */
  constructor(readonly file: string) {
    try {
      this.#db = new Libsql(file, {})
    } catch (error) {
      throw this.failed('open', error)
    }
  }

  async exec(sql: string, call = sql): Promise<void> {
    await this.#db.exec(sql).catch((error: unknown) => {
      throw this.failed(call, error)
    })
  }

  async prepare(sql: string): Promise<SqlStatement> {
    return this.#db.prepare(sql).catch((error: unknown) => {
      throw this.failed('prepare', error)
    })
  }

  close(): void {
    this.#db.close()
  }

  /** An error of SQLite's or the system's as ours; any other is a bug and stays what it is. */
  explained(call: string, error: unknown): unknown {
    const { code, syscall } = error as { code?: unknown; syscall?: unknown }
    const isTheirs = typeof code === 'string' && (code.startsWith('SQLITE_') || syscall !== undefined)
    return isTheirs ? this.failed(call, error) : error
  }

  failed(call: string, error: unknown): ManifestFailedError {
    const { code, message } = error as { code?: unknown; message?: unknown }
    const said = typeof code === 'string' && code !== '' ? code : words(String(message))
    return new ManifestFailedError(this.file, call, said, { cause: error })
  }
}

/** Of a file that can't be opened libsql gives no code, and SQLite's number at the end of its words. */
const words = (message: string): string => (/: 14"\)$/.test(message) ? 'SQLITE_CANTOPEN' : message)
