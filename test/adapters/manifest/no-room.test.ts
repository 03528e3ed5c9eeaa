import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { NodeDisk } from '../../../src/adapters/disk/node-disk.ts'
import { openSqliteManifest } from '../../../src/adapters/manifest/open-manifest.ts'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { manifestFile } from '../../../src/domain/manifest-files.ts'
import { epochMs } from '../../../src/domain/units.ts'
import type { Manifest } from '../../../src/ports/manifest.ts'
import { sealFile } from '../../../src/storage/seal-file.ts'
import { mountSmallDisk } from '../../support/small-disk.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const run = promisify(execFile)

/** A folder in which nothing can be written any more, from one moment to another. */
interface Place {
  readonly data: string
  /** What SQLite says of it. */
  readonly code: RegExp
  readonly fill: () => Promise<void>
  readonly makeRoom: () => Promise<void>
}

let folder: string
beforeEach(async () => {
  folder = await temporaryFolder('belay-no-room-')
})

/** A disk of 1 MiB that somebody else fills to the last byte; where nobody may mount one, the limit below. */
async function smallDisk(): Promise<Place> {
  const data = join(folder, 'data')
  const disk = await mountSmallDisk(data, 1)
  if (disk === undefined) return limitedFiles()
  onTestFinished(() => disk.unmount())
  const ballast = join(data, 'ballast')
  const fill = async (): Promise<void> => {
    const file = await open(ballast, 'w')
    try {
      for (;;) await file.write(randomBytes(4096))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    } finally {
      await file.close()
    }
  }
  return { data, code: /^SQLITE_FULL$/, fill, makeRoom: () => truncate(ballast) }
}

/** The system lets no file of this process grow beyond the manifest's log as it is: a write is short, the next one fails with EFBIG. */
async function limitedFiles(): Promise<Place> {
  const data = join(folder, 'limited')
  await mkdir(data)
  const limit = (bytes: string) => run('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`])
  const makeRoom = async (): Promise<void> => void (await limit('unlimited'))
  onTestFinished(makeRoom)
  const fill = async (): Promise<void> => {
    const { size } = await stat(join(data, `${manifestFile}-wal`))
    await limit(String(size + 1000))
  }
  return { data, code: /^SQLITE_IOERR_WRITE$/, fill, makeRoom }
}

const rows = 'boot,camera\n1,dock-1\n'
const file = (sequence: number) => ({
  path: `dock-1/model/dock-1_model_20260101T000000000Z_1-${String(sequence).padStart(6, '0')}.csv`,
  ...{ bytes: rows.length, sha256: createHash('sha256').update(rows).digest('hex'), rows: 1, priority: 5 },
})

/** Every change of state that is recorded, file by file. */
const historyOf = async (manifest: Manifest): Promise<string[]> => {
  const known = await manifest.files({ limit: 100 })
  const histories = await Promise.all(known.map(({ id }) => manifest.history(id)))
  return histories.map((events, index) => `${known[index]?.id}: ${events.map(({ to }) => to).join(' ')}`)
}

describe.each([
  { what: 'a disk that is full', place: smallDisk },
  { what: 'a disk that fails writes', place: limitedFiles },
])('a manifest on $what', ({ place }) => {
  /** File 1 is delivered, 2 to 4 are in hand, 5 is closed and about to be sealed; then no more can be written. */
  async function start() {
    const { data, code, fill, makeRoom } = await place()
    const manifest = await openSqliteManifest(data)
    await manifest.beginBoot(epochMs(1))
    for (const sequence of [1, 2, 3, 4]) await manifest.add(file(sequence), epochMs(2))
    const [first, ...inHand] = (await manifest.claim(10, epochMs(3))).map(({ id }) => id)
    await manifest.delivered(first ?? NaN, epochMs(4))
    await mkdir(join(data, 'open'))
    await writeFile(join(data, 'open/5.csv.open'), rows)
    const before = await historyOf(manifest)
    await fill()
    const world = { manifest, disk: new NodeDisk(data), clock: systemClock, folders: new Set<string>() }
    const seal = () => sealFile({ ...world, handOver: 'pending' }, 'open/5.csv.open', file(5))
    const [two, three, four] = inHand as [number, number, number]
    const changes = [
      () => manifest.delivered(two, epochMs(5)),
      () => manifest.conflict(three, 'another file is there', epochMs(5)),
      () => manifest.deadLetter(four, 'it failed too often', epochMs(5)),
    ]
    return { data, code, manifest, makeRoom, before, seal, changes }
  }

  const integrity = async (data: string) =>
    (await run('sqlite3', [join(data, manifestFile), 'PRAGMA integrity_check'])).stdout.trim()

  const after = ['1: pending sending delivered', '2: pending sending delivered', '3: pending sending conflict']
  const afterAll = [...after, '4: pending sending deadLetter', '5: pending']

  it('refuses a seal and every change of state, as nothing but that, and keeps what it was told before', async () => {
    const { data, code, manifest, makeRoom, before, seal, changes } = await start()
    const refused = { code: 'manifest.failed', sqliteCode: expect.stringMatching(code) as string }
    for (const change of [...changes, seal, seal]) await expect(change()).rejects.toMatchObject(refused)
    expect(await historyOf(manifest)).toEqual(before)
    // Under its final name already: whoever starts now takes it in from there.
    expect(await readdir(join(data, 'dock-1/model'))).toEqual([file(5).path.slice('dock-1/model/'.length)])
    await makeRoom()
    await manifest.close()
    expect(await integrity(data)).toBe('ok')
  })

  it('takes the same calls once there is room, each change once', async () => {
    const { data, manifest, makeRoom, seal, changes } = await start()
    // Together, as they come: they share a transaction, which fails for all.
    const results = await Promise.allSettled([...changes, seal].map((change) => change()))
    expect(results.map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => 'rejected'))
    await makeRoom()
    for (const change of [...changes, seal]) await change()
    expect(await historyOf(manifest)).toEqual(afterAll)
    expect(await manifest.counts()).toMatchObject({ delivered: 2, conflict: 1, deadLetter: 1, pending: 1, sending: 0 })
    await manifest.close()
    expect(await integrity(data)).toBe('ok')
  })

  it('that was closed meanwhile has lost nothing; what it had in hand is ambiguous at the next boot', async () => {
    const { data, manifest, makeRoom, before, changes } = await start()
    for (const change of changes) await expect(change()).rejects.toMatchObject({ code: 'manifest.failed' })
    // What is in the log stays there, if the disk has no room for its copy.
    await manifest.close().catch((error: unknown) => expect(error).toMatchObject({ code: 'manifest.failed' }))
    await makeRoom()
    const next = await openSqliteManifest(data)
    onTestFinished(() => next.close())
    expect(await historyOf(next)).toEqual(before)
    await next.beginBoot(epochMs(10))
    expect(await next.claim(10, epochMs(11))).toMatchObject([2, 3, 4].map((id) => ({ id, ambiguous: true })))
    expect(await integrity(data)).toBe('ok')
  })
})
