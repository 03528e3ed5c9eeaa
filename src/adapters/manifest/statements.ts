import type { SqliteDatabase, SqlStatement } from './sqlite-database.ts'

/** The manifest's statements. Every change of state is conditional on the state it leaves. */
const texts = {
  beginBoot: 'INSERT INTO boots (began_at) VALUES (?)',
  boot: 'SELECT max(number) AS number FROM boots',
  release: `UPDATE files SET state = 'pending', ambiguous = 1, due_at = 0, changed_at = ?, why = ? WHERE state = 'sending'`,
  digest: 'SELECT sha256 FROM files WHERE path = ?',
  add: `INSERT INTO files (path, bytes, sha256, rows, state, sealed_at, changed_at) VALUES (?, ?, ?, ?, 'pending', ?, ?)`,
  // By the index on age: a server that was away for a week leaves a million files due, which must not be sorted each time.
  claim: `UPDATE files SET state = 'sending', changed_at = ?, why = NULL WHERE id IN
    (SELECT id FROM files INDEXED BY files_pending_by_age WHERE state = 'pending' AND due_at <= ? ORDER BY id LIMIT ?) RETURNING *`,
  leaveSending: `UPDATE files SET state = ?, changed_at = ?, why = ? WHERE id = ? AND state = 'sending'`,
  retry: `UPDATE files SET state = 'pending', changed_at = ?, why = ?, due_at = ?, ambiguous = ?, attempts = attempts + ?
    WHERE id = ? AND state = 'sending'`,
  stateOf: 'SELECT path, state FROM files WHERE id = ?',
  nextDue: `SELECT min(due_at) AS due_at FROM files WHERE state = 'pending'`,
  total: 'SELECT files, rows FROM totals WHERE state = ?',
} as const

export type Statements = Readonly<Record<keyof typeof texts, SqlStatement>>

export async function prepareStatements(db: SqliteDatabase): Promise<Statements> {
  const prepare = async (name: keyof typeof texts) => [name, await db.prepare(texts[name])] as const
  const names = Object.keys(texts) as (keyof typeof texts)[]
  return Object.fromEntries(await Promise.all(names.map(prepare))) as Record<keyof typeof texts, SqlStatement>
}
