import type { SqliteDatabase, SqlStatement } from './sqlite-database.ts'

/** The manifest's statements. Every change of state is conditional on the state it leaves. */
export const statementTexts = {
  beginBoot: 'INSERT INTO boots (began_at) VALUES (?)',
  boot: 'SELECT max(number) AS number FROM boots',
  release: `UPDATE files SET state = 'pending', ambiguous = 1, due_at = 0, changed_at = ?, why = ? WHERE state = 'sending'`,
  unhold: `UPDATE files SET state = 'pending', changed_at = ?, why = ? WHERE state = 'held'`,
  known: 'SELECT id, sha256 FROM files WHERE path = ?',
  add: `INSERT INTO files (path, bytes, sha256, rows, priority, state, sealed_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    RETURNING id`,
  addImage:
    'INSERT INTO images (file_id, camera, epoch, frame, captured_at, width_px, height_px) VALUES (?, ?, ?, ?, ?, ?, ?)',
  pack: `UPDATE files SET state = 'packed', packed_into = ?, changed_at = ?, why = ? WHERE path = ? AND state = 'held'`,
  refuseHeld: `UPDATE files SET state = 'refused', changed_at = ?, why = ? WHERE path = ? AND state = 'held'`,
  // By the index on turns, whose terms these are: a server that was away for a week leaves a million files due, which must not be sorted each time.
  claim: `UPDATE files SET state = 'sending', changed_at = ?, why = NULL WHERE id IN
    (SELECT id FROM files INDEXED BY files_pending_by_turn WHERE state = 'pending' AND due_at <= ?
      AND bytes <= ? ORDER BY priority DESC, ifnull(nullif(due_at, 0), sealed_at), id LIMIT ?) RETURNING *`,
  change: `UPDATE files SET state = ?, changed_at = ?, why = ? WHERE id = ? AND state = ?`,
  knowTarget: 'INSERT OR IGNORE INTO targets (name) VALUES (?)',
  delivered: `UPDATE files SET state = 'delivered', changed_at = ?, why = NULL,
    target = ifnull((SELECT id FROM targets WHERE name = ?), 0), name_synced = ? WHERE id = ? AND state = 'sending'`,
  retry: `UPDATE files SET state = 'pending', changed_at = ?, why = ?, due_at = ?, ambiguous = ?, attempts = attempts + ?,
    faults = faults + ? WHERE id = ? AND state = 'sending'`,
  deadLetter: `UPDATE files SET state = 'deadLetter', changed_at = ?, why = ?, attempts = attempts + 1, faults = faults + 1
    WHERE id = ? AND state = 'sending'`,
  resend: `UPDATE files SET state = 'pending', changed_at = ?, why = ?, due_at = 0, ambiguous = 1, attempts = 0, faults = 0
    WHERE id = ? AND state IN ('pending', 'delivered', 'conflict', 'refused', 'deadLetter', 'lost')`,
  deliveredBefore: `SELECT * FROM files WHERE state = 'delivered' AND changed_at <= ?1 AND (changed_at, id) > (?2, ?3)
    AND (?4 IS NULL OR target IN (0, (SELECT id FROM targets WHERE name = ?4))) ORDER BY changed_at, id LIMIT ?5`,
  deliveredElsewhere: `SELECT count(*) AS files FROM files
    WHERE state = 'delivered' AND target NOT IN (0, ifnull((SELECT id FROM targets WHERE name = ?), 0))`,
  stateOf: 'SELECT path, state FROM files WHERE id = ?',
  stateOfPath: 'SELECT state FROM files WHERE path = ?',
  nextDue: `SELECT min(due_at) AS due_at FROM files WHERE state = 'pending'`,
  oldest: `SELECT min(sealed_at) AS sealed_at FROM files INDEXED BY files_underway WHERE state IN ('held', 'pending', 'sending')`,
  total: 'SELECT files, rows FROM totals WHERE state = ?',
  members: 'SELECT * FROM files INDEXED BY files_packed_into WHERE packed_into = ? ORDER BY id',
} as const

export type Statements = Readonly<Record<keyof typeof statementTexts, SqlStatement>>

export async function prepareStatements(db: SqliteDatabase): Promise<Statements> {
  const prepare = async (name: keyof typeof statementTexts) => [name, await db.prepare(statementTexts[name])] as const
  const names = Object.keys(statementTexts) as (keyof typeof statementTexts)[]
  return Object.fromEntries(await Promise.all(names.map(prepare))) as Record<keyof typeof statementTexts, SqlStatement>
}
