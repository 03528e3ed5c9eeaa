import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CommitQueue } from '../../../src/adapters/manifest/commit-queue.ts'
import { SqliteDatabase, type SqlStatement } from '../../../src/adapters/manifest/sqlite-database.ts'
import { IllegalFileStateError } from '../../../src/domain/illegal-file-state-error.ts'

/** A real database that also tells what was asked of it. */
class RecordingDatabase extends SqliteDatabase {
  readonly asked: string[] = []
  override exec(sql: string, call?: string): Promise<void> {
    this.asked.push(sql)
    return super.exec(sql, call)
  }
}

let folder: string
let db: RecordingDatabase
let insert: SqlStatement
let queue: CommitQueue
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-commits-'))
  db = new RecordingDatabase(join(folder, 'db.sqlite'))
  await db.exec('PRAGMA journal_mode = WAL; CREATE TABLE notes (text TEXT)')
  insert = await db.prepare('INSERT INTO notes VALUES (?)')
  queue = new CommitQueue(db)
  db.asked.length = 0
})
afterEach(async () => {
  await queue.close()
  db.close()
  await rm(folder, { recursive: true })
})

const count = async () => (await db.prepare('SELECT count(*) AS n FROM notes')).get()?.['n']

describe('jobs that come together', () => {
  it('share a commit, 500 at most', async () => {
    await Promise.all(Array.from({ length: 501 }, (_, index) => queue.do(() => insert.run(`note ${index}`))))
    expect(db.asked).toEqual(['BEGIN IMMEDIATE', 'COMMIT', 'BEGIN IMMEDIATE', 'COMMIT'])
    expect(await count()).toBe(501)
  })

  it('settle only after their commit', async () => {
    const seen = await queue.do(() => insert.run('a')).then(() => [...db.asked])
    expect(seen).toEqual(['BEGIN IMMEDIATE', 'COMMIT'])
  })

  it('are not undone by one among them that was illegal', async () => {
    const illegal = new IllegalFileStateError('a.csv', 'sending → delivered', 'pending')
    const results = await Promise.allSettled([
      queue.do(() => insert.run('a')),
      queue.do(() => {
        throw illegal
      }),
      queue.do(() => insert.run('b')),
    ])
    expect(results[1]).toEqual({ status: 'rejected', reason: illegal })
    expect(await count()).toBe(2)
  })
})

describe('a job that nobody waits for', () => {
  const soon = (text: string) => queue.do(() => insert.run(text), 'soon')

  it('shares a commit with those of the turns after it, in their order', async () => {
    const jobs: Promise<unknown>[] = []
    for (const text of ['a', 'b', 'c']) {
      jobs.push(soon(text))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(db.asked).toEqual([])
    await Promise.all(jobs)
    expect(db.asked).toEqual(['BEGIN IMMEDIATE', 'COMMIT'])
    expect((await (await db.prepare('SELECT text FROM notes')).all()).map(({ text }) => text)).toEqual(['a', 'b', 'c'])
  })

  it('takes the commit of one that somebody waits for', async () => {
    const first = soon('a')
    await queue.do(() => insert.run('b'))
    expect(db.asked).toEqual(['BEGIN IMMEDIATE', 'COMMIT'])
    await first
    expect(await count()).toBe(2)
  })

  it('that comes amid a commit does not make the next one begin at once', async () => {
    const others: Promise<unknown>[] = []
    await queue.do(() => void others.push(soon('a'), soon('b')))
    expect(db.asked).toEqual(['BEGIN IMMEDIATE', 'COMMIT'])
    others.push(soon('c'))
    await Promise.all(others)
    expect(db.asked).toHaveLength(4)
    expect(await count()).toBe(3)
  })

  it('is done before the queue is closed', async () => {
    const job = soon('a')
    await queue.close()
    await job
    expect(await count()).toBe(1)
    await expect(soon('b')).rejects.toMatchObject({ code: 'manifest.failed' })
  })
})

describe('a commit that fails', () => {
  it('rejects all its jobs, leaves nothing of them, and lets later ones through', async () => {
    await db.exec('PRAGMA max_page_count = 8')
    const big = 'x'.repeat(30_000)
    const results = await Promise.allSettled([queue.do(() => insert.run('small')), queue.do(() => insert.run(big))])
    for (const result of results) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { code: 'manifest.failed', sqliteCode: 'SQLITE_FULL' },
      })
    }
    expect(await count()).toBe(0)
    await queue.do(() => insert.run('small'))
    expect(await count()).toBe(1)
  })

  it('only when all its statements have succeeded leaves nothing of them either', async () => {
    // SQLite looks at the reference at the COMMIT, refuses that, and leaves the transaction open.
    await db.exec(
      'PRAGMA foreign_keys = ON; CREATE TABLE owners (id INTEGER PRIMARY KEY);' +
        'CREATE TABLE owned (id INTEGER REFERENCES owners (id) DEFERRABLE INITIALLY DEFERRED)',
    )
    const own = await db.prepare('INSERT INTO owned VALUES (?)')
    db.asked.length = 0
    const results = await Promise.allSettled([queue.do(() => insert.run('a')), queue.do(() => own.run(1))])
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'manifest.failed', call: 'commit' } })
    }
    expect(db.asked).toEqual(['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK'])
    expect(await count()).toBe(0)
    await queue.do(() => insert.run('b'))
    expect(await count()).toBe(1)
  })

  it('because of a bug in one job says so to all, leaves nothing of them, and lets later ones through', async () => {
    const bug = new TypeError('x is undefined')
    const results = await Promise.allSettled([
      queue.do(() => insert.run('a')),
      queue.do(() => {
        insert.run('half of it')
        throw bug
      }),
    ])
    expect(results).toEqual([
      { status: 'rejected', reason: bug },
      { status: 'rejected', reason: bug },
    ])
    expect(await count()).toBe(0)
    await queue.do(() => insert.run('b'))
    expect(await count()).toBe(1)
  })
})

describe('a transaction for which the disk has no room', () => {
  it('fails; before the next, what the log holds is copied into the database, so that its room is used again', async () => {
    await db.exec('PRAGMA max_page_count = 2')
    db.asked.length = 0
    const large = 'x'.repeat(100_000)
    await expect(queue.do(() => insert.run(large))).rejects.toMatchObject({ sqliteCode: 'SQLITE_FULL' })
    expect(db.asked).toEqual(['BEGIN IMMEDIATE', 'ROLLBACK'])
    await db.exec('PRAGMA max_page_count = 1000')
    db.asked.length = 0
    await queue.do(() => insert.run(large))
    expect(db.asked).toEqual(['PRAGMA wal_checkpoint(PASSIVE)', 'BEGIN IMMEDIATE', 'COMMIT'])
    await queue.do(() => insert.run('a'))
    expect(db.asked.slice(3)).toEqual(['BEGIN IMMEDIATE', 'COMMIT'])
    expect(await count()).toBe(2)
  })
})
