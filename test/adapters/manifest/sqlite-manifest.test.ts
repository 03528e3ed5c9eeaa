import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { readOf, readTexts } from '../../../src/adapters/manifest/file-reads.ts'
import { schemaSteps } from '../../../src/adapters/manifest/schema.ts'
import { statementTexts } from '../../../src/adapters/manifest/statements.ts'
import { openSqliteManifest } from '../../../src/adapters/manifest/open-manifest.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import { ManifestFailedError, ManifestInUseError, ManifestTooNewError } from '../../../src/domain/manifest-errors.ts'
import { manifestFile } from '../../../src/domain/manifest-files.ts'
import { epochMs } from '../../../src/domain/units.ts'
import type { Manifest } from '../../../src/ports/manifest.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const file = { path: 'dock-1/model/a.csv', bytes: 3, sha256: 'a'.repeat(64), rows: 2, priority: 5 }

let folder: string
beforeEach(async () => {
  folder = await temporaryFolder('belay-manifest-')
})

const open = async (): Promise<Manifest> => {
  const manifest = await openSqliteManifest(folder)
  onTestFinished(() => manifest.close())
  return manifest
}

/** The plain `sqlite3` program, reading and writing as an engineer would. */
const sqlite3 = async (sql: string) => {
  const { stdout } = await promisify(execFile)('sqlite3', [join(folder, manifestFile), sql])
  return stdout.trim().split('\n')
}

/** Another process that holds the folder. */
const holder = async () => {
  const program = fileURLToPath(new URL('./hold-manifest.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', program, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  expect(said.toString()).toBe('holding\n')
  return child
}

describe('a manifest that is open', () => {
  it('is read by the plain sqlite3 program, history included', async () => {
    const manifest = await open()
    await manifest.beginBoot(epochMs(1))
    await manifest.add(file, epochMs(2))
    const [claimed] = await manifest.claim(1, epochMs(3))
    await manifest.conflict(claimed?.id ?? -1, 'another file is there', epochMs(4))
    expect(await sqlite3('SELECT path, bytes, rows, state, why FROM files')).toEqual([
      'dock-1/model/a.csv|3|2|conflict|another file is there',
    ])
    expect(await sqlite3('SELECT file_id, at, boot, from_state, to_state, why FROM events ORDER BY id')).toEqual([
      '1|2|1||pending|',
      '1|3|1|pending|sending|',
      '1|4|1|sending|conflict|another file is there',
    ])
  })

  it('waits for another program that writes', async () => {
    const manifest = await open()
    const writer = spawn('sqlite3', [join(folder, manifestFile)], { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = once(writer, 'close')
    writer.stdin.write("BEGIN IMMEDIATE; SELECT 'locked';\n")
    await once(writer.stdout, 'data')
    const added = manifest.add(file, epochMs(2))
    const first = await Promise.race([added.then(() => 'added'), new Promise((done) => setTimeout(done, 200, 'waits'))])
    expect(first).toBe('waits')
    writer.stdin.end('ROLLBACK;\n')
    await Promise.all([ended, added])
    expect(await manifest.has(file.path)).toBe(true)
  })

  it('keeps its log short, but for a program that goes on reading; when that has gone, it is cut back', async () => {
    const manifest = await open()
    await manifest.beginBoot(epochMs(1))
    let sequence = 0
    const add = async (count: number) => {
      for (const end = sequence + count; sequence < end;) {
        await manifest.add({ ...file, path: `dock-1/model/${++sequence}.csv` }, epochMs(2))
      }
    }
    const logBytes = async () => (await stat(join(folder, `${manifestFile}-wal`))).size
    const reader = spawn('sqlite3', [join(folder, manifestFile)], { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = once(reader, 'close')
    reader.stdin.write("BEGIN; SELECT count(*) FROM files; SELECT 'reads';\n")
    await once(reader.stdout, 'data')
    await add(400)
    expect(await logBytes()).toBeGreaterThan(8_000_000)
    reader.stdin.end('COMMIT;\n')
    await ended
    await add(10)
    expect(await logBytes()).toBeLessThan(4_400_000)
    await add(200)
    expect(await logBytes()).toBeLessThan(4_400_000)
  })

  it('answers questions about files while a commit waits, and no commit waits for a question', async () => {
    const manifest = await open()
    await manifest.add(file, epochMs(2))
    const writer = spawn('sqlite3', [join(folder, manifestFile)], { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = once(writer, 'close')
    writer.stdin.write("BEGIN IMMEDIATE; SELECT 'locked';\n")
    await once(writer.stdout, 'data')
    const claimed = manifest.claim(1, epochMs(3))
    expect(await manifest.files({ states: ['pending'], limit: 10 })).toMatchObject([{ path: file.path }])
    expect((await manifest.history(1)).map(({ to }) => to)).toEqual(['pending'])
    writer.stdin.end('ROLLBACK;\n')
    await ended
    expect(await claimed).toMatchObject([{ path: file.path }])
    expect(await manifest.files({ states: ['sending'], limit: 10 })).toMatchObject([{ path: file.path }])
  })

  it('finds the few files that are not delivered by an index of their own', async () => {
    await open()
    const plan = await sqlite3(
      `EXPLAIN QUERY PLAN SELECT * FROM files WHERE state IN ('held', 'pending', 'sending', 'conflict', 'refused', 'deadLetter') ORDER BY id`,
    )
    expect(plan.join(' ')).toContain('files_open')
  })

  it.each(['claim', 'oldest'] as const)('finds what it asks for by an index, and sorts nothing: %s', async (name) => {
    await open()
    const plan = (await sqlite3(`EXPLAIN QUERY PLAN ${statementTexts[name]}`)).join(' ')
    expect(plan).toMatch(/USING INDEX files_(pending_by_turn|underway)/)
    expect(plan).not.toContain('TEMP B-TREE')
  })

  it.each([false, true])('finds the files of one camera by an index; the newest first: %s', async (newestFirst) => {
    await open()
    const name = readOf({ cameraId: cameraId('dock-1'), states: ['pending', 'delivered'], newestFirst, limit: 9 })
    const plan = (await sqlite3(`EXPLAIN QUERY PLAN ${readTexts[name]}`)).join(' ')
    expect(plan).toContain('SEARCH files USING INDEX files_of_camera (<expr>=? AND id>?)')
    expect(plan).not.toContain('TEMP B-TREE')
  })

  it('finds the file of a path by an index', async () => {
    await open()
    const plan = (await sqlite3(`EXPLAIN QUERY PLAN ${readTexts[readOf({ path: 'a', limit: 1 })]}`)).join(' ')
    expect(plan).toContain('SEARCH files USING INDEX sqlite_autoindex_files_1 (path=?')
  })

  it('refuses a second daemon on the same folder, naming the first, and lets one in once it is closed', async () => {
    const first = await openSqliteManifest(folder)
    await expect(openSqliteManifest(folder)).rejects.toThrow(new ManifestInUseError(folder, process.pid))
    await first.close()
    await open()
  })

  it('refuses calls after it was closed', async () => {
    const manifest = await openSqliteManifest(folder)
    const asked = manifest.add(file, epochMs(1))
    await manifest.close()
    await asked
    await expect(manifest.has(file.path)).rejects.toThrow(ManifestFailedError)
  })

  it('keeps what it was told when it is opened again', async () => {
    const first = await openSqliteManifest(folder)
    await first.beginBoot(epochMs(1))
    await first.add(file, epochMs(2))
    await first.close()
    const second = await open()
    expect(await second.beginBoot(epochMs(3))).toBe(2)
    expect(await second.rowCounts()).toMatchObject({ pending: 2, sending: 0, delivered: 0 })
  })
})

describe('a manifest of the first version', () => {
  it('is taken over whole, history and totals included, and a copy of it is kept', async () => {
    const [first = ''] = schemaSteps
    await sqlite3(`${first}; PRAGMA user_version = 1;
      INSERT INTO boots (began_at) VALUES (1);
      INSERT INTO files (path, bytes, sha256, rows, state, sealed_at, changed_at)
        VALUES ('dock-1/model/a.csv', 3, '${file.sha256}', 2, 'pending', 2, 2), ('dock-1/model/b.csv', 3, 'b', 4, 'pending', 2, 2);
      UPDATE files SET state = 'sending', changed_at = 3 WHERE id = 1`)
    const manifest = await open()
    await manifest.beginBoot(epochMs(4))
    expect(await manifest.rowCounts()).toMatchObject({ pending: 6, sending: 0, deadLetter: 0 })
    const [a] = await manifest.claim(1, epochMs(5))
    expect(a).toMatchObject({ ...file, priority: 5, ambiguous: true, attempts: 0, faults: 0 })
    await manifest.deadLetter(1, 'it was refused 8 times', epochMs(6))
    expect((await manifest.history(1)).map(({ at, to }) => [at, to])).toEqual([
      [2, 'pending'],
      [3, 'sending'],
      [4, 'pending'],
      [5, 'sending'],
      [6, 'deadLetter'],
    ])
    expect(await sqlite3('PRAGMA foreign_key_check')).toEqual([''])
    expect(await readdir(folder)).toContain('manifest.sqlite.v1')
  })
})

describe('a manifest of the fourth version', () => {
  it('is taken over with its archives and pictures, and may hold files that are lost', async () => {
    await sqlite3(`${schemaSteps.slice(0, 4).join(';')}; PRAGMA user_version = 4;
      INSERT INTO boots (began_at) VALUES (1);
      INSERT INTO files (path, bytes, sha256, rows, priority, state, sealed_at, changed_at, packed_into) VALUES
        ('dock-1/model/a.csv', 3, 'a', 2, 5, 'packed', 2, 2, 2), ('dock-1/model/b.tar.gz', 3, 'b', 2, 5, 'pending', 2, 2, NULL),
        ('dock-1/image/c.jpg', 3, 'c', 0, 5, 'delivered', 2, 2, NULL), ('dock-1/model/d.csv', 3, 'd', 7, 5, 'refused', 2, 2, NULL);
      INSERT INTO images VALUES (3, 'dock-1', 1, 1, 2, 32, 16)`)
    const manifest = await open()
    expect((await manifest.members(2)).map(({ path }) => path)).toEqual(['dock-1/model/a.csv'])
    await manifest.giveUp(4, 'it is gone', epochMs(3))
    expect(await manifest.rowCounts()).toMatchObject({ packed: 2, pending: 2, refused: 0, lost: 7 })
    expect((await manifest.history(4)).map(({ to }) => to)).toEqual(['refused', 'lost'])
    expect(await sqlite3('PRAGMA foreign_key_check')).toEqual([''])
    expect(await manifest.deliveredBefore(epochMs(9), 9)).toMatchObject([{ id: 3, isNameSynced: false }])
    expect(await sqlite3('SELECT path FROM images JOIN files ON files.id = file_id')).toEqual(['dock-1/image/c.jpg'])
    expect(await readdir(folder)).toContain('manifest.sqlite.v4')
  })
})

describe('a picture in the manifest', () => {
  it('is a row beside its file', async () => {
    const manifest = await open()
    const image = {
      cameraId: cameraId('dock-1'),
      epoch: 2,
      frame: 7,
      capturedAt: epochMs(8),
      widthPx: 640,
      heightPx: 480,
    }
    await manifest.addImage(file, image, epochMs(9))
    expect(await sqlite3('SELECT path, state, images.* FROM images JOIN files ON id = file_id')).toEqual([
      'dock-1/model/a.csv|pending|1|dock-1|2|7|8|640|480',
    ])
  })
})

describe('a daemon that was killed with -9', () => {
  it('held the folder until then and not a moment longer; what it had in hand is ambiguous', async () => {
    const child = await holder()
    await expect(openSqliteManifest(folder)).rejects.toThrow(new ManifestInUseError(folder, child.pid))
    child.kill('SIGKILL')
    await once(child, 'close')
    const manifest = await open()
    expect(await manifest.beginBoot(epochMs(10))).toBe(2)
    expect(await manifest.claim(10, epochMs(11))).toMatchObject([{ ...file, ambiguous: true }])
  })
})

describe('a data folder that cannot be made', () => {
  it('is said with the call and the code of the system', async () => {
    await writeFile(join(folder, 'afile'), '')
    const opening = openSqliteManifest(join(folder, 'afile', 'data'))
    await expect(opening).rejects.toThrow(ManifestFailedError)
    await expect(opening).rejects.toThrow(/manifest\.sqlite: mkdir failed with ENOTDIR\. What stands in the place of/)
  })
})

describe('a manifest that this Belay cannot use', () => {
  it('is left alone if a newer Belay wrote it', async () => {
    await (await openSqliteManifest(folder)).close()
    await sqlite3('PRAGMA user_version = 99')
    await expect(openSqliteManifest(folder)).rejects.toThrow(ManifestTooNewError)
    expect(await sqlite3('PRAGMA user_version')).toEqual(['99'])
  })

  it('is named with SQLite’s reason if it is no database, and the folder is not held afterwards', async () => {
    await writeFile(join(folder, manifestFile), 'no database at all '.repeat(100))
    const refusal = { code: 'manifest.failed', sqliteCode: 'SQLITE_NOTADB', file: join(folder, manifestFile) }
    await expect(openSqliteManifest(folder)).rejects.toMatchObject(refusal)
    await rm(join(folder, manifestFile))
    await open()
    expect(await readdir(folder)).toContain(manifestFile)
  })

  it('is named with SQLite’s reason if what stands there cannot be opened', async () => {
    await mkdir(join(folder, manifestFile))
    const refusal = { code: 'manifest.failed', sqliteCode: 'SQLITE_CANTOPEN', file: join(folder, manifestFile) }
    await expect(openSqliteManifest(folder)).rejects.toMatchObject(refusal)
  })
})
