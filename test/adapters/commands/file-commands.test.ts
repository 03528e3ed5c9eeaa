import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createGzip } from 'node:zlib'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { NodeDisk } from '../../../src/adapters/disk/node-disk.ts'
import { openSqliteManifest } from '../../../src/adapters/manifest/open-manifest.ts'
import { SqliteDatabase } from '../../../src/adapters/manifest/sqlite-database.ts'
import { type EmbeddedSftpServer, startEmbeddedSftpServer } from '../../../src/adapters/sftp/embedded-server.ts'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { runProgram } from '../../../src/commands/program.ts'
import { epochMs, minutes } from '../../../src/domain/units.ts'
import type { FileList } from '../../../src/inspection-feed/file-protocol.ts'
import type { FileEntry, Manifest } from '../../../src/ports/manifest.ts'
import { packFiles } from '../../../src/storage/pack-files.ts'
import { headerLine } from '../../../src/storage/csv-format.ts'
import { type RawServerOptions, startRawServer } from '../sftp/raw-server.ts'
import { MemoryTerminal } from '../../commands/memory-terminal.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const run = promisify(execFile)

let folder: string
let sftp: EmbeddedSftpServer
beforeEach(async () => {
  folder = await temporaryFolder('belay-files-')
  sftp = await startEmbeddedSftpServer({ folder: join(folder, 'remote'), password: 'correct horse' })
  onTestFinished(() => sftp.close())
  await writeFile(
    join(folder, 'belay.yaml'),
    `data: ./data
cameras:
  - id: dock-1
    source: { type: synthetic }
    detect: { model: particles }
models:
  particles: { kind: detect, file: 'builtin:belt-particles' }
sftp:
  keepFor: 1h
  host: ${sftp.host}
  port: ${sftp.port}
  username: ${sftp.username}
  passwordEnv: SFTP_PASSWORD
  hostKey: { fingerprint: '${sftp.hostKeyFingerprint}' }
`,
  )
})

const data = (path: string) => join(folder, 'data', path)
const remote = (path: string) => join(folder, 'remote', path)
const csvPath = (sequence: number) =>
  `dock-1/model/dock-1_model_20261122T020836123Z_7-${String(sequence).padStart(6, '0')}.csv`
const content = (frame: number) => `${headerLine('model').toString()}7,dock-1,1,${frame},0,t,particles,,,,,,\n`

const put = async (path: string, text: string) => {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}

const belay = (...words: string[]) => belayAt(new MemoryTerminal(folder, { SFTP_PASSWORD: 'correct horse' }), ...words)

const belayAt = async (terminal: MemoryTerminal, ...words: string[]) => {
  const [name = '', ...rest] = words
  const code = await runProgram(['node', 'belay', name, 'belay.yaml', ...rest], terminal)
  return { code, said: terminal.said, complained: terminal.complained }
}

const never = 'never' as const

/** Changes the configuration. */
const replace = async (text: string | RegExp, by: string) => {
  const file = join(folder, 'belay.yaml')
  await writeFile(file, (await readFile(file, 'utf8')).replace(text, by))
}

/** The configuration as it is where nobody has said how long delivered files are kept. */
const keepForEver = () => replace('  keepFor: 1h\n', '')

/** A manifest with files 1, 2, … that are here and have come as far as is said; closed again. */
const withFiles = async (...ends: ((manifest: Manifest, file: FileEntry) => Promise<void>)[] | [typeof never]) => {
  const manifest = await openSqliteManifest(data('.'))
  await manifest.beginBoot(epochMs(1))
  for (const [index, end] of ends.entries()) {
    if (end === never) continue
    const text = content(index + 1)
    await put(data(csvPath(index + 1)), text)
    const sha256 = createHash('sha256').update(text).digest('hex')
    const file = { path: csvPath(index + 1), bytes: text.length, sha256, rows: 1, priority: 5 }
    await manifest.add(file, epochMs(1_000 * index))
    const [claimed] = await manifest.claim(1, epochMs(5_000))
    if (claimed) await end(manifest, claimed)
  }
  await manifest.close()
}

const delivered = async (manifest: Manifest, { id, path }: FileEntry) => {
  await put(remote(path), await readFile(data(path), 'utf8'))
  await manifest.delivered(id, epochMs(6_000))
}
const dead = (manifest: Manifest, { id }: FileEntry) => manifest.deadLetter(id, 'it was refused', epochMs(6_000))
const refused = (manifest: Manifest, { id }: FileEntry) => manifest.refuse(id, 'it was changed', epochMs(6_000))
const removed = async (manifest: Manifest, file: FileEntry) => {
  await delivered(manifest, file)
  await manifest.removed(file.id, 'still on the server', epochMs(7_000))
}
const sending = async () => undefined

const reopened = async <T>(look: (manifest: Manifest) => Promise<T>): Promise<T> => {
  const manifest = await openSqliteManifest(data('.'))
  return look(manifest).finally(() => manifest.close())
}

describe('belay files', () => {
  it('lists what is in the manifest, with why, and how many are in each state', async () => {
    await withFiles(delivered, dead)
    const { code, said } = await belay('files')
    expect(said.split('\n').map((line) => line.trim())).toEqual([
      'id  state       sealed                    rows  bytes  failed tries  next try  file',
      expect.stringMatching(
        /^1 {2}delivered {3}1970-01-01T00:00:00.000Z {5}1 +\d+ {13}0 {12}dock-1\/model\/.*-000001.csv$/,
      ),
      expect.stringMatching(
        /^2 {2}deadLetter {2}1970-01-01T00:00:01.000Z {5}1 +\d+ {13}1 {12}dock-1\/model\/.*-000002.csv it was refused$/,
      ),
      '2 shown. In the whole manifest: delivered 1, deadLetter 1',
      '',
    ])
    expect(code).toBe(0)
  })

  it('lists by state, by camera, by age, and not more than asked', async () => {
    await withFiles(delivered, dead, dead)
    expect((await belay('files', '--state', 'deadLetter,conflict')).said).toMatch(/^2 shown/m)
    expect((await belay('files', '--camera', 'dock-2')).said).toMatch(/^0 shown/m)
    expect((await belay('files', '--older-than', '1h')).said).toMatch(/^3 shown/m)
    expect((await belay('files', '--limit', '1')).said).toMatch(/^More than 1; --limit shows more\.\n1 shown/m)
  })

  it('lists the newest first where asked, of as many as asked', async () => {
    await withFiles(delivered, dead, dead)
    const { said } = await belay('files', '--newest', '--limit', '2')
    expect(said.split('\n').flatMap((line) => /^ *(\d) {2}/.exec(line)?.[1] ?? [])).toEqual(['3', '2'])
  })

  it('lists for programs what the daemon would, times as milliseconds and nothing else', async () => {
    await withFiles(delivered, dead)
    const { code, said } = await belay('files', '--json', '--limit', '1', '--newest')
    const { files, more, counts } = JSON.parse(said) as FileList
    expect(files).toEqual([
      expect.objectContaining({ id: 2, camera: 'dock-1', state: 'deadLetter', sealedAt: 1_000, why: 'it was refused' }),
    ])
    expect({ more, delivered: counts.delivered, dead: counts.deadLetter }).toEqual({
      more: true,
      delivered: 1,
      dead: 1,
    })
    expect(code).toBe(0)
  })

  it('says when a file that waits is tried again, if that is not at once', async () => {
    const waits: typeof dead = (manifest, { id }) =>
      manifest.retry(id, {
        ...{ dueAt: epochMs(90_000), ambiguous: false, blame: 'server' },
        ...{ why: 'no room', at: epochMs(6_000) },
      })
    await withFiles(waits, delivered)
    const lines = (await belay('files')).said.split('\n')
    expect(lines[1]).toMatch(/ 1 {2}1970-01-01T00:01:30\.000Z {2}dock-1\/\S+ no room$/)
    expect(lines[2]).toMatch(/ 0 {28}dock-1\/\S+$/)
    await belay('retry', '1')
    expect((await belay('files')).said).not.toContain('1970-01-01T00:01:30')
  })

  it('works beside a daemon that has the manifest open', async () => {
    await withFiles(dead)
    await reopened(async () => expect((await belay('files')).code).toBe(0))
  })

  it('makes nothing where there is no manifest, and says so', async () => {
    expect(await belay('files')).toMatchObject({
      code: 75,
      complained: expect.stringMatching(/^There is no manifest .*data\/manifest\.sqlite: no daemon has run/) as string,
    })
    await expect(stat(data('.'))).rejects.toThrow('ENOENT')
  })

  it('leaves a manifest of another version as it is', async () => {
    await withFiles(never)
    const db = new SqliteDatabase(data('manifest.sqlite'))
    onTestFinished(() => db.close())
    for (const [version, ends, words] of [
      [1, 75, 'Start this Belay on it once'],
      [99, 78, 'run the newer Belay again'],
    ] as const) {
      await db.exec(`PRAGMA user_version = ${version}`)
      for (const command of ['files', 'verify']) {
        const { code, complained } = await belay(command)
        expect([command, code, complained]).toEqual([command, ends, expect.stringContaining(words)])
      }
    }
  })
})

describe('belay retry', () => {
  it('makes a dead letter due at once, beside a daemon that runs', async () => {
    await withFiles(dead, dead, delivered)
    await reopened(async (manifest) => {
      expect(await belay('retry', '2')).toMatchObject({
        code: 0,
        said: expect.stringMatching(/^1 to be sent again/) as string,
      })
      expect(await manifest.claim(9, epochMs(0))).toMatchObject([{ id: 2, ambiguous: true, attempts: 0 }])
    })
  })

  it('takes all of a state', async () => {
    await withFiles(dead, dead, delivered)
    expect((await belay('retry', '--state', 'deadLetter')).said).toMatch(/^2 to be sent again/)
  })

  it('says which could not be, and why, and does the others', async () => {
    await withFiles(dead, sending)
    const { code, said, complained } = await belay('retry', '1', '2', '9')
    expect([code, said.slice(0, 18)]).toEqual([1, '1 to be sent again'])
    expect(complained).toBe(
      `2: ${csvPath(2)} is sending, and cannot be sent again from there\n` +
        '9: the manifest has no such file; belay files lists them\n',
    )
  })

  it('says in which archive a file went, which may be sent again in its stead', async () => {
    const { archive, members } = await withArchive()
    expect(await belay('retry', '1')).toEqual({
      ...{ code: 1, said: '0 to be sent again\n' },
      complained: `1: ${members[0]} is packed (in ${archive}), and cannot be sent again from there\n`,
    })
    expect(await belay('retry', '3')).toMatchObject({ code: 0, complained: '' })
  })
})

describe('belay give-up', () => {
  it('ends what is asked for a refused file whose content is gone or changed, beside a daemon that runs', async () => {
    await withFiles(refused, refused, dead)
    await rm(data(csvPath(1)))
    await writeFile(data(csvPath(2)), content(9))
    await reopened(async (manifest) => {
      expect(await belay('give-up', '1', '2')).toEqual({ code: 0, said: '2 given up\n', complained: '' })
      expect(await manifest.counts()).toMatchObject({ refused: 0, lost: 2, deadLetter: 1 })
    })
    const { said } = await belay('verify')
    expect(said).toContain('Set aside until a person acts: deadLetter 1;')
    const { said: listed } = await belay('files', '--state', 'lost')
    const words = listed.replaceAll(/\s+/g, ' ')
    expect(words).toContain('-000001.csv it is gone; given up by belay give-up')
    expect(words).toMatch(/-000002\.csv it has SHA-256 \w{64} here, \w{64} was sealed; given up by belay give-up/)
    expect(await readFile(data(csvPath(2)), 'utf8')).toBe(content(9))
  })

  it('takes none that is here as it was sealed, or that waits for something else', async () => {
    await withFiles(refused, dead, delivered)
    expect(await belay('give-up', '1', '2', '3', '9')).toEqual({
      code: 1,
      said: '0 given up\n',
      complained:
        `1: ${csvPath(1)} is here as it was sealed; belay retry sends it\n` +
        `2: ${csvPath(2)} is deadLetter (it was refused), and cannot be given up from there\n` +
        `3: ${csvPath(3)} is delivered, and cannot be given up from there\n` +
        '9: the manifest has no such file; belay files lists them\n',
    })
    expect(await reopened((manifest) => manifest.counts())).toMatchObject({ refused: 1, deadLetter: 1, delivered: 1 })
  })

  it('takes none that the disk does not give out now', async () => {
    await withFiles(refused)
    await rm(data(csvPath(1)))
    await mkdir(data(csvPath(1)))
    const { code, complained } = await belay('give-up', '1')
    expect([code, complained]).toEqual([
      1,
      expect.stringMatching(/^1: \S+ cannot be read: open of \S+ failed: EISDIR$/m),
    ])
  })

  it('is undone by belay retry, once the content has turned up', async () => {
    await withFiles(refused)
    const text = await readFile(data(csvPath(1)), 'utf8')
    await rm(data(csvPath(1)))
    await belay('give-up', '1')
    await writeFile(data(csvPath(1)), text)
    expect((await belay('verify')).said).toMatch(
      /^note +\S+ is lost, and here as it was sealed; belay retry sends it$/m,
    )
    expect((await belay('retry', '1')).said).toMatch(/^1 to be sent again/)
    expect(await reopened((manifest) => manifest.counts())).toMatchObject({ pending: 1, lost: 0 })
  })
})

describe('belay verify', () => {
  it('finds nothing where all is well', async () => {
    await withFiles(delivered, removed, sending)
    await rm(data(csvPath(2)))
    expect(await belay('verify')).toEqual({ code: 0, said: 'Everything is as the manifest says.\n', complained: '' })
  })

  it('refuses beside a daemon that runs', async () => {
    await withFiles(dead)
    await reopened(async () => {
      for (const words of [['verify'], ['verify', '--repair']]) {
        expect(await belay(...words)).toMatchObject({
          code: 75,
          complained: expect.stringMatching(/in use by process/) as string,
        })
      }
    })
  })

  it('finds files that are gone, changed or short of rows, and mends none of these', async () => {
    await withFiles(dead, dead, dead)
    await rm(data(csvPath(1)))
    await writeFile(data(csvPath(2)), content(9))
    const db = new SqliteDatabase(data('manifest.sqlite'))
    await db.exec('UPDATE files SET rows = 5 WHERE id = 3')
    db.close()
    for (const words of [['verify'], ['verify', '--repair']]) {
      const { code, said } = await belay(...words)
      expect(said).toContain(`fault  ${csvPath(1)} is deadLetter, and gone here`)
      expect(said).toMatch(/fault .*-000002\.csv is deadLetter, and has SHA-256/)
      expect(said).toMatch(/fault .*-000003\.csv is deadLetter, and has 1 row, the manifest\s+says 5/)
      expect([code, said.includes('\nfault 3\n')]).toEqual([1, true])
    }
  })

  it('finds a history that cannot be, and totals that are not so', async () => {
    await withFiles(dead, dead)
    const db = new SqliteDatabase(data('manifest.sqlite'))
    await db.exec(`UPDATE events SET to_state = 'removed' WHERE file_id = 1 AND to_state = 'sending'`)
    await db.exec(`UPDATE totals SET files = 7 WHERE state = 'deadLetter'`)
    db.close()
    const { said } = await belay('verify')
    expect(said).toMatch(/-000001\.csv its history is illegal: pending → removed/)
    expect(said).toContain('manifest.sqlite says 7 files are deadLetter, and 2 are')
  })

  it('finds a history that has a gap, and one that ends in another state than its file is in', async () => {
    await withFiles(dead, dead)
    const db = new SqliteDatabase(data('manifest.sqlite'))
    await db.exec(`DELETE FROM events WHERE file_id = 1 AND to_state = 'sending'`)
    await db.exec(`DELETE FROM events WHERE file_id = 2 AND to_state = 'deadLetter'`)
    db.close()
    const said = (await belay('verify')).said.replaceAll(/\s+/g, ' ')
    expect(said).toContain('-000001.csv its history is illegal: sending → deadLetter, when it was pending')
    expect(said).toContain('-000002.csv its history is illegal: it ends with sending, and the file is deadLetter')
  })

  it('finds a file that did not come in as one that was sealed does', async () => {
    await withFiles(dead)
    const db = new SqliteDatabase(data('manifest.sqlite'))
    await db.exec(`UPDATE events SET to_state = 'sending' WHERE file_id = 1 AND from_state IS NULL`)
    await db.exec(`DELETE FROM events WHERE file_id = 1 AND from_state = 'pending'`)
    db.close()
    expect((await belay('verify')).said).toMatch(/-000001\.csv its history is illegal: nothing → sending$/m)
  })

  it('does not hold against a file what it is refused for', async () => {
    await withFiles(refused, refused)
    await rm(data(csvPath(1)))
    await writeFile(data(csvPath(2)), content(9))
    const { code, said } = await belay('verify')
    expect([code, said.split('\n')[0]]).toEqual([0, 'Everything is as the manifest says.'])
  })

  it('tells what waits for a person', async () => {
    await withFiles(refused, dead, refused, delivered)
    for (const number of [1, 3]) await rm(data(csvPath(number)))
    expect((await belay('verify')).said.split('\n').slice(1)).toEqual([
      'Set aside until a person acts: refused 2, deadLetter 1; belay files --state refused,deadLetter says why.',
      '',
    ])
  })

  it('finds what was cut off, and mends it as the next start would', async () => {
    await withFiles(delivered, removed, dead)
    await rm(data(csvPath(1)))
    await put(data(csvPath(4)), content(4))
    await put(data(`open/${csvPath(5).split('/')[2]}.open`), content(5))
    await put(data('open/odd.torn'), 'x')
    const seen = await belay('verify')
    expect(seen.code).toBe(1)
    expect(seen.said).toMatch(/^note .*-000001\.csv was delivered, and is gone here$/m)
    expect(seen.said).toMatch(/^mendable .*-000002\.csv was delivered and deleted, and is still here$/m)
    expect(seen.said).toMatch(/^mendable .*-000004\.csv is not in the manifest/m)
    expect(seen.said.replaceAll(/\s+/g, ' ')).toContain(
      '000005.csv.open was left open with 1 row; the next start seals it',
    )
    expect(seen.said).toMatch(/^mendable 3, note 2\n--repair mends what is mendable\.$/m)
    const mended = await belay('verify', '--repair')
    expect(mended.said).not.toContain('--repair')
    expect([mended.code, /^mended 3, note 2$/m.test(mended.said)]).toEqual([0, true])
    expect(await reopened((manifest) => manifest.counts())).toMatchObject({
      ...{ delivered: 1, removed: 1, deadLetter: 1, pending: 2 },
    })
    expect((await belay('verify')).code).toBe(0)
  })
})

describe('belay verify --repair that cannot mend all', () => {
  it('says which it has mended and which not, and fails', async () => {
    await withFiles(dead)
    await put(data(csvPath(4)), content(4))
    await put(data(csvPath(5)), `${content(5)}7,dock`)
    const { code, said } = await belay('verify', '--repair')
    expect(said).toMatch(/^mended .*-000004\.csv is not in the manifest/m)
    expect(said).toMatch(/^fault .*-000005\.csv is not in the manifest/m)
    expect([code, /^fault 1, mended 1$/m.test(said)]).toEqual([1, true])
    expect(await reopened((manifest) => manifest.counts())).toMatchObject({ deadLetter: 1, pending: 1 })
  })
})

describe('belay verify, by whomever', () => {
  it('makes no data folder where there is none, to repair it', async () => {
    const { code, complained } = await belay('verify', '--repair')
    expect([code, complained]).toEqual([75, expect.stringMatching(/^There is no manifest /)])
    await expect(stat(data('.'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  /** Gives the folder to somebody and looks as root, or as who we are, in a process of its own. */
  const verifyInAnothersFolder = async (...words: string[]) => {
    // Whoever is not root can only be the owner.
    const owner = process.geteuid?.() === 0 ? 65_534 : (await stat(folder)).uid
    await run('chown', ['-R', String(owner), folder])
    const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url))
    const options = { env: { ...process.env, SFTP_PASSWORD: 'correct horse' } }
    await run(process.execPath, ['--import', 'tsx', main, 'verify', join(folder, 'belay.yaml'), ...words], options)
    return owner
  }

  it('makes what it makes as the owner of the data folder, who has to write there', async () => {
    await withFiles(removed)
    await put(data(`open/${csvPath(5).split('/')[2]}.open`), content(5))
    await rm(data('dock-1'), { recursive: true, force: true })
    const owner = await verifyInAnothersFolder('--repair')
    for (const path of ['dock-1', 'dock-1/model', csvPath(5), 'manifest.sqlite']) {
      expect([path, (await stat(data(path))).uid]).toEqual([path, owner])
    }
  })

  it('looks as the owner too: the lock, which no restored folder has, is the daemon’s to write', async () => {
    await withFiles(delivered)
    for (const path of ['manifest.lock', 'manifest.pid']) await rm(data(path))
    const owner = await verifyInAnothersFolder()
    for (const path of ['manifest.lock', 'manifest.pid']) {
      const { uid, mode } = await stat(data(path))
      expect([path, uid, mode & 0o007]).toEqual([path, owner, 0])
    }
  })
})

describe('belay verify with files that are kept for ever', () => {
  it('mends nothing that keepFor alone would do: a folder that is not mounted may come back', async () => {
    await keepForEver()
    await withFiles(delivered, removed)
    await rm(data(csvPath(1)))
    const notes = [
      `note ${csvPath(1)} was delivered, and is gone here`,
      `note ${csvPath(2)} was delivered and deleted, and is still here`,
    ]
    for (const words of [['verify'], ['verify', '--repair']]) {
      const { code, said } = await belay(...words)
      for (const note of notes) expect(said.replaceAll(/\s+/g, ' ')).toContain(note)
      expect([code, /^note 2$/m.test(said)]).toEqual([0, true])
    }
    expect(await reopened((manifest) => manifest.counts())).toMatchObject({ delivered: 1, removed: 1 })
    await stat(data(csvPath(2)))
  })
})

describe('belay verify with a delivered file that is gone here, as with a disk that is not mounted', () => {
  it('leaves its record to the uploader, who looks at the server first, and its copy where it is once it is back', async () => {
    await withFiles(delivered)
    await rm(data(csvPath(1)))
    const gone = await belay('verify', '--repair')
    expect([gone.code, gone.said.replaceAll(/\s+/g, ' ')]).toEqual([
      0,
      expect.stringContaining(`note ${csvPath(1)} was delivered, and is gone here`),
    ])
    expect(await reopened((manifest) => manifest.counts())).toMatchObject({ delivered: 1, removed: 0 })
    await put(data(csvPath(1)), content(1))
    expect(await belay('verify', '--repair')).toMatchObject({ code: 0, said: 'Everything is as the manifest says.\n' })
    await stat(data(csvPath(1)))
  })
})

/** Files 1 and 2 in an archive, which is delivered. */
const withArchive = async (rows = 2) => {
  const archive = csvPath(1).replace('.csv', '.tar.gz')
  const members = [csvPath(1), csvPath(2)]
  await reopened(async (manifest) => {
    await manifest.beginBoot(epochMs(1))
    for (const [index, path] of members.entries()) {
      const text = content(index + 1)
      await put(data(path), text)
      const sha256 = createHash('sha256').update(text).digest('hex')
      await manifest.add({ path, bytes: text.length, sha256, rows: 1, priority: 5 }, epochMs(1), 'held')
    }
    await put(data(archive), 'packed')
    const sha256 = createHash('sha256').update('packed').digest('hex')
    await manifest.pack(members, { path: archive, bytes: 6, sha256, rows, priority: 5 }, epochMs(2))
    await manifest.claim(1, epochMs(3))
    await manifest.delivered(3, epochMs(4))
  })
  return { archive, members }
}

/** Files 1 and 2 in an archive that was refused since it is gone. */
const withLostArchive = async () => {
  const members = [1, 2].map((sequence) => {
    const text = content(sequence)
    const sha256 = createHash('sha256').update(text).digest('hex')
    return { text, file: { path: csvPath(sequence), bytes: text.length, sha256, rows: 1, priority: 5 } }
  })
  return reopened(async (manifest) => {
    await manifest.beginBoot(epochMs(1))
    for (const { text, file } of members) {
      await put(data(file.path), text)
      await manifest.add(file, epochMs(1), 'held')
    }
    const world = {
      ...{ disk: new NodeDisk(data('.')), manifest, clock: systemClock, gzip: createGzip },
      ...{ folders: new Set<string>(), handOver: 'held' as const, unrecorded: new Map() },
    }
    const files = members.map(({ file }) => file)
    const { file } = await packFiles(world, { as: 'tar', files: 2, interval: minutes(1) }, files)
    await manifest.claim(1, epochMs(3))
    await manifest.refuse(3, 'it is gone', epochMs(4))
    const bytes = await readFile(data(file.path))
    await rm(data(file.path))
    return { archive: file.path, bytes, members: files.map(({ path }) => path) }
  })
}

describe('a refused archive that is gone, while what went into it is here', () => {
  it('is not given up', async () => {
    const { archive, members } = await withLostArchive()
    expect(await belay('give-up', '3')).toEqual({
      ...{ code: 1, said: '0 given up\n' },
      complained: `3: what went into ${archive} is here as it was sealed; belay verify --repair makes it again\n`,
    })
    await writeFile(data(members[1] ?? ''), content(9))
    const some = `1 of the 2 files that went into ${archive} are here as they were sealed, and go with it: move them away first`
    expect(await belay('give-up', '3')).toEqual({ code: 1, said: '0 given up\n', complained: `3: ${some}\n` })
    await rm(data(members[0] ?? ''))
    expect(await belay('give-up', '3')).toEqual({ code: 0, said: '1 given up\n', complained: '' })
  })

  it.each(['refused', 'lost'])('is found by belay verify, made again by --repair and sent: %s', async (state) => {
    const { archive, bytes } = await withLostArchive()
    if (state === 'lost') await reopened((manifest) => manifest.giveUp(3, 'it is gone', epochMs(5)))
    const what = `is ${state}, and not here as it was sealed; what went into it is, and makes it again`
    const seen = await belay('verify')
    expect([seen.code, seen.said.replaceAll(/\s+/g, ' ')]).toEqual([
      1,
      expect.stringContaining(`mendable ${archive} ${what} mendable 1 --repair mends`),
    ])
    const { code, said, complained } = await belay('verify', '--repair')
    expect([code, said.includes('mended 1'), complained]).toEqual([0, true, ''])
    expect(await readFile(data(archive))).toEqual(bytes)
    await reopened(async (manifest) => {
      expect(await manifest.claim(9, epochMs(0))).toMatchObject([{ id: 3, path: archive, ambiguous: true }])
    })
  })

  it('is made again while it waits for its turn too, and then waits on', async () => {
    const { archive, bytes } = await withLostArchive()
    await belay('retry', '3')
    expect((await belay('verify', '--repair')).code).toBe(0)
    expect(await readFile(data(archive))).toEqual(bytes)
    expect(await reopened((manifest) => manifest.counts())).toMatchObject({ pending: 1, packed: 2 })
  })

  it('stays a fault where they make another archive, and that is said', async () => {
    const { archive } = await withLostArchive()
    const db = new SqliteDatabase(data('manifest.sqlite'))
    await db.exec(`UPDATE files SET sha256 = '${'f'.repeat(64)}' WHERE id = 3`)
    db.close()
    const { code, said, complained } = await belay('verify', '--repair')
    expect([code, said.includes(`fault  ${archive}`)]).toEqual([1, true])
    expect(complained).toContain(`${archive} is not what was sealed: the files that went into it make ${archive} with`)
    await expect(stat(data(archive))).rejects.toThrow('ENOENT')
    expect(await reopened((manifest) => manifest.counts())).toMatchObject({ refused: 1, packed: 2 })
  })
})

describe('what the system refuses', () => {
  it.each([
    ['files', 'access'],
    ['retry 1', 'access'],
    ['verify', 'stat'],
  ])('is said by belay %s in its own words', async (command, call) => {
    await symlink(data('.'), data('.'))
    const { code, complained } = await belay(...command.split(' '))
    const manifest = data('manifest.sqlite')
    expect({ code, complained }).toEqual({ code: 75, complained: `Manifest ${manifest}: ${call} failed with ELOOP\n` })
  })

  it('is said where the folder cannot be locked', async () => {
    await withFiles(dead)
    await rm(data('manifest.pid'))
    await mkdir(data('manifest.pid'))
    const { code, complained } = await belay('verify')
    const manifest = data('manifest.sqlite')
    expect({ code, complained }).toEqual({ code: 75, complained: `Manifest ${manifest}: open failed with EISDIR\n` })
  })
})

describe('a command that needs no secret', () => {
  it.each([['files'], ['retry', '1'], ['verify']])('reads none: belay %s', async (...words) => {
    await withFiles(dead)
    await replace('passwordEnv: SFTP_PASSWORD', 'passwordFile: ./away')
    expect(await belay(...words)).toMatchObject({ code: 0, complained: '' })
  })

  it('is not belay verify --remote', async () => {
    await withFiles(dead)
    await replace('passwordEnv: SFTP_PASSWORD', 'passwordFile: ./away')
    const { code, complained } = await belay('verify', '--remote')
    expect({ code, complained }).toEqual({
      code: 78,
      complained: expect.stringContaining('sftp.passwordFile: expected a file that can be read') as string,
    })
  })
})

describe('belay verify with an archive', () => {
  it('finds nothing where it and the files in it are as they were', async () => {
    await withArchive()
    expect((await belay('verify')).said).toBe('Everything is as the manifest says.\n')
  })

  it('counts the rows of the files in it, and looks at these', async () => {
    const { archive, members } = await withArchive(5)
    await rm(data(members[0] ?? ''))
    await put(data(members[1] ?? ''), content(7))
    const said = (await belay('verify')).said.replaceAll(/\s+/g, ' ')
    expect(said).toContain(`fault ${archive} has 5 rows, and the files in it have 2`)
    expect(said).toContain(`note ${members[0]} is in an archive, and gone here`)
    expect(said).toContain(`note ${members[1]} is in an archive, and has SHA-256`)
  })

  it('tells one that was cut off before the manifest knew it', async () => {
    await withFiles(dead)
    const archive = csvPath(1).replace('.csv', '.csv.gz')
    await put(data(archive), 'packed')
    await put(data(`packing/${archive.split('/')[2]}`), 'pac')
    const said = (await belay('verify')).said.replaceAll(/\s+/g, ' ')
    expect(said).toContain(`note ${archive} is an archive that was cut off before the manifest knew it`)
    expect(said).toContain(`note packing/${archive.split('/')[2]} is an archive that was not finished`)
  })
})

describe('belay verify after an archive was deleted', () => {
  it('finds the files in it that are still here, and --repair deletes those that are what was packed', async () => {
    const { archive, members } = await withArchive()
    const [same = '', another = ''] = members
    await put(data(another), content(9))
    await rm(data(archive))
    await reopened((manifest) => manifest.removed(3, 'still on the server', epochMs(5)))
    const words = 'was delivered in an archive that is deleted, and is still here'
    const { said } = await belay('verify')
    expect(said.replaceAll(/\s+/g, ' ')).toContain(`mendable ${same} ${words}`)
    expect(said.replaceAll(/\s+/g, ' ')).toContain(`note ${another} ${words}, with another content`)
    expect((await belay('verify', '--repair')).code).toBe(0)
    await expect(stat(data(same))).rejects.toThrow('ENOENT')
    expect(await readFile(data(another), 'utf8')).toBe(content(9))
  })
})

describe('belay verify with files that were left open', () => {
  const open = (sequence: number) => `open/${csvPath(sequence).split('/')[2]}.open`

  it('tells what the next start makes of each', async () => {
    await withFiles(dead)
    await put(data(open(2)), content(2) + '7,dock')
    await put(data(open(3)), content(3).replace('height_px\n', 'height_px,text\n'))
    await put(data(open(4)), headerLine('model').toString())
    await put(data('open/notes.open'), 'x')
    const said = (await belay('verify')).said.replaceAll(/\s+/g, ' ')
    expect(said).toContain(`mendable ${open(2)} was left open with 1 row and 6 torn bytes; the next start seals it`)
    expect(said).toContain(`fault ${open(3)} was left open, and its header is not ours; the next start sets it aside`)
    expect(said).toContain(`mendable ${open(4)} was left open with 0 rows; the next start removes it`)
    expect(said).toContain('note open/notes.open has no name that Belay gives')
  })
})

describe('belay verify with files that were set aside in open/', () => {
  it('fails while there are some that may hold accepted rows, and says how that ends', async () => {
    await withFiles(delivered)
    const name = csvPath(2).split('/')[2]
    for (const end of ['broken', 'failed', 'torn']) await put(data(`open/${name}.${end}`), content(2))
    const { code, said } = await belay('verify')
    const what = 'was set aside, and may hold accepted rows that were never delivered: look at it, and move it away'
    for (const end of ['broken', 'failed'])
      expect(said.replaceAll(/\s+/g, ' ')).toContain(`fault open/${name}.${end} ${what}`)
    expect(said.replaceAll(/\s+/g, ' ')).toContain(`note open/${name}.torn is what stood behind the last whole frame`)
    expect([code, /^fault 2, note 1$/m.test(said)]).toEqual([1, true])
    expect((await belay('verify', '--repair')).code).toBe(1)
  })
})

describe('belay verify with a file of ours in the wrong folder', () => {
  it('does not say that the next start takes it in', async () => {
    await withFiles(delivered)
    const astray = csvPath(4).replace('/model/', '/classifier/')
    await put(data(astray), content(4))
    const { code, said } = await belay('verify')
    expect([code, said.replaceAll(/\s+/g, ' ')]).toEqual([
      0,
      `grade file note ${astray} is not in the manifest, and has no name that Belay gives note 1 `,
    ])
  })
})

describe('belay verify with files of others in the data folder', () => {
  it('tells them, and none of Belay’s own', async () => {
    await withFiles(delivered)
    const own = ['belay.reserve', 'manifest.sqlite.v3', 'manifest.sqlite.v4.unfinished', 'backups/x']
    for (const name of [...own, 'notes.txt']) await put(data(name), 'x')
    const { code, said } = await belay('verify')
    expect([code, said.replaceAll(/\s+/g, ' ')]).toEqual([
      0,
      'grade file note notes.txt has no name that Belay gives note 1 ',
    ])
  })
})

describe('belay retry, give-up and files that are interrupted', () => {
  /** As somebody who presses Ctrl-C at the first complaint. */
  const interrupted = async (...words: string[]) => {
    const terminal = new MemoryTerminal(folder)
    const { err } = terminal
    terminal.err = (text) => {
      err(text)
      if (/^\d+:/.test(text)) terminal.signal('SIGINT')
    }
    return belayAt(terminal, ...words)
  }

  it('end between two files, and say how many were done: belay retry', async () => {
    await withFiles(dead, delivered, dead)
    const { code, said, complained } = await interrupted('retry', '1', '9', '3')
    expect([code, said]).toEqual([75, expect.stringMatching(/^1 to be sent again; .*\n$/)])
    expect(complained).toMatch(/^9: .*\nInterrupted by SIGINT, before all were sent again\n$/)
    expect(await reopened((manifest) => manifest.counts())).toMatchObject({ pending: 1, deadLetter: 1 })
  })

  it('end between two files, and say how many were done: belay give-up', async () => {
    await withFiles(refused, refused)
    for (const each of [1, 2]) await rm(data(csvPath(each)))
    expect(await interrupted('give-up', '1', '9', '2')).toEqual({
      ...{ code: 75, said: '1 given up\n' },
      complained: expect.stringMatching(/^9: .*\nInterrupted by SIGINT, before all were given up\n$/) as string,
    })
    expect(await reopened((manifest) => manifest.counts())).toMatchObject({ lost: 1, refused: 1 })
  })

  it.each([
    ['retry --state deadLetter', '0 to be sent again\n', 'all were sent again'],
    ['files', '', 'all was looked at'],
  ])('change and list nothing where the signal comes first: belay %s', async (words, said, all) => {
    await withFiles(dead, dead)
    const terminal = new MemoryTerminal(folder)
    terminal.signal('SIGTERM')
    expect(await belayAt(terminal, ...words.split(' '))).toEqual({
      ...{ code: 75, said },
      complained: `Interrupted by SIGTERM, before ${all}\n`,
    })
    expect(await reopened((manifest) => manifest.counts())).toMatchObject({ deadLetter: 2 })
  })
})

describe('belay verify that is interrupted', () => {
  it.each(['verify', 'verify --repair'])('lets go at once, and says so: belay %s', async (words) => {
    await withFiles(delivered, dead)
    await put(data(`open/${csvPath(5).split('/')[2]}.open`), content(5))
    const terminal = new MemoryTerminal(folder)
    terminal.signal('SIGINT')
    expect(await belayAt(terminal, ...words.split(' '))).toEqual({
      ...{ code: 75, said: '' },
      complained: 'Interrupted by SIGINT, before all was looked at\n',
    })
    // Nothing was mended, and the folder is free.
    expect(await reopened((manifest) => manifest.counts())).toMatchObject({ delivered: 1, deadLetter: 1, pending: 0 })
  })

  it.each<[string, (asked: () => void) => RawServerOptions]>([
    ['lets it in', (asked) => ({ onAuthentication: asked })],
    ['shows a file', (asked) => ({ onSftp: (server) => server.on('STAT', asked) })],
  ])('does so too before a server %s', async (_what, silent) => {
    await withFiles(delivered)
    const terminal = new MemoryTerminal(folder, { SFTP_PASSWORD: 'correct horse' })
    let tell: () => void = () => undefined
    const asked = new Promise<void>((resolve) => (tell = resolve))
    const server = await startRawServer(silent(tell))
    onTestFinished(() => server.close())
    await replace(`port: ${sftp.port}`, `port: ${server.port}`)
    await replace(/hostKey: .*/, 'hostKey: accept-any')
    const ended = belayAt(terminal, 'verify', '--remote')
    await asked
    terminal.signal('SIGTERM')
    expect(await ended).toEqual({
      ...{ code: 75, said: '' },
      complained: 'Interrupted by SIGTERM, before all was looked at\n',
    })
  })
})

describe('belay verify --remote', () => {
  const stray = 'notes.txt'

  it('compares with the server, and tidies up only what is ours', async () => {
    await withFiles(delivered, delivered, delivered, dead)
    await put(remote(csvPath(2)), 'short')
    await rm(remote(csvPath(3)))
    await put(remote(csvPath(4)), content(4))
    const ours = `.belay/${csvPath(1).split('/')[2]}.0123456789ab.00beef.part`
    const theirs = `.belay/${csvPath(9).split('/')[2]}.0123456789ab.00beef.part`
    await put(remote(ours), 'x')
    await put(remote(theirs), 'x')
    const { code, said } = await belay('verify', '--remote')
    expect(code).toBe(1)
    expect(said).toMatch(/^fault .*-000002\.csv is delivered, and is 5 bytes long on the server/m)
    expect(said).toMatch(/^note .*-000003\.csv was delivered, and is gone from the server$/m)
    expect(said).toMatch(/^note .*-000004\.csv is deadLetter, and on the server already$/m)
    expect(said).toMatch(/^mendable .*00beef\.part is what a try left behind/m)
    expect(said).not.toContain(theirs)
    await belay('verify', '--remote', '--repair')
    await expect(stat(remote(ours))).rejects.toThrow('ENOENT')
    await stat(remote(theirs))
  })

  it.each(['--remote', '--remote --repair'])(
    'says what it found here where the server cannot be had: %s',
    async (words) => {
      await withFiles(delivered)
      await put(data(stray), 'x')
      await sftp.close()
      const { code, said, complained } = await belay('verify', ...words.split(' '))
      expect([code, said.replaceAll(/\s+/g, ' ')]).toEqual([
        75,
        `grade file note ${stray} has no name that Belay gives note 1 `,
      ])
      expect(complained).toMatch(/^SFTP server \S+ cannot be reached: .*\n$/)
    },
  )

  it('is told to programs, who read nothing else, with the same code', async () => {
    await withFiles(delivered, dead)
    await put(data(stray), 'x')
    await rm(data(csvPath(2)))
    const findings = [
      { grade: 'fault', path: csvPath(2), what: 'is deadLetter, and gone here' },
      { grade: 'note', path: stray, what: 'has no name that Belay gives' },
    ]
    const local = await belay('verify', '--json')
    expect(JSON.parse(local.said)).toEqual({ findings, setAside: { deadLetter: 1 }, unseen: null })
    expect([local.code, local.complained]).toEqual([1, ''])
    await sftp.close()
    const { code, said, complained } = await belay('verify', '--json', '--remote')
    expect(JSON.parse(said)).toEqual({ findings, setAside: { deadLetter: 1 }, unseen: complained.trimEnd() })
    expect([code, complained]).toEqual([75, expect.stringMatching(/^SFTP server \S+ cannot be reached: /)])
    expect(said + complained).not.toContain('correct horse')
  })

  it('says of the data folder alone that all is as it should be where the server cannot be had', async () => {
    await withFiles(delivered)
    await sftp.close()
    expect(await belay('verify', '--remote')).toMatchObject({
      ...{ code: 75, said: 'The data folder is as the manifest says.\n' },
    })
  })

  it('says what it had seen of the server when the session was lost', async () => {
    await withFiles(delivered)
    await put(data(stray), 'x')
    const server = await startRawServer({ onSftp: (stream) => stream.on('STAT', () => void server.close()) })
    onTestFinished(() => server.close())
    await replace(`port: ${sftp.port}`, `port: ${server.port}`)
    await replace(/hostKey: .*/, 'hostKey: accept-any')
    const { code, said, complained } = await belay('verify', '--remote')
    expect([code, said.includes(`${stray} has no name that Belay gives`)]).toEqual([75, true])
    expect(complained).not.toBe('')
  })

  it('reads what is there where that is how it is delivered, and only then', async () => {
    await withFiles(delivered)
    await put(remote(csvPath(1)), content(2))
    expect(await belay('verify', '--remote')).toMatchObject({ code: 0, said: 'Everything is as the manifest says.\n' })
    await replace('  keepFor: 1h\n', '  keepFor: 1h\n  verify: readback\n')
    const { code, said } = await belay('verify', '--remote')
    expect([code, said.replaceAll(/\s+/g, ' ')]).toEqual([
      1,
      `grade file fault ${csvPath(1)} is delivered, and has another content on the server fault 1 `,
    ])
  })
})
