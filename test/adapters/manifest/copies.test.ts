import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, readdir, readlink, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { NodeDisk } from '../../../src/adapters/disk/node-disk.ts'
import { openSqliteManifest } from '../../../src/adapters/manifest/open-manifest.ts'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { ManifestFailedError } from '../../../src/domain/manifest-errors.ts'
import { manifestFile } from '../../../src/domain/manifest-files.ts'
import { epochMs } from '../../../src/domain/units.ts'
import type { Manifest } from '../../../src/ports/manifest.ts'
import { backUp } from '../../../src/storage/back-up.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const file = (name: string) => ({ path: `dock-1/model/${name}.csv`, bytes: 3, sha256: name, rows: 2, priority: 5 })

let folder: string
beforeEach(async () => {
  folder = await temporaryFolder('belay-copies-')
})

/** Another program, which opens a database, looks, and closes it. */
const sqlite3 = async (database: string, sql: string) => {
  const { stdout } = await promisify(execFile)('sqlite3', [join(folder, database), sql])
  return stdout.trim().split('\n')
}

/** Files that this process holds and nobody else can see any more. */
async function deletedFiles(): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd')
  const files = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')))
  return files.filter((path) => path.startsWith(folder) && path.endsWith('(deleted)'))
}

describe('a start’s copy of a manifest that is open', () => {
  let manifest: Manifest
  beforeEach(async () => {
    manifest = await openSqliteManifest(folder)
    onTestFinished(() => manifest.close())
    await manifest.beginBoot(epochMs(1))
    await manifest.add(file('a'), epochMs(2))
  })

  const startsCopy = () =>
    backUp({ disk: new NodeDisk(folder), clock: systemClock, boot: 1, manifest, keep: 3, leaveFree: 0 })

  it('leaves others who look at the manifest no way to take its log from under us', async () => {
    expect(await startsCopy()).toMatchObject({ made: expect.any(String) as string })
    expect(await sqlite3(manifestFile, 'SELECT count(*) FROM files')).toEqual(['1'])
    await manifest.add(file('b'), epochMs(3))
    expect(await deletedFiles()).toEqual([])
    // A commit that others don't see is one that ends with this process.
    expect(await sqlite3(manifestFile, 'SELECT count(*) FROM files')).toEqual(['2'])
  })

  it('holds all that was committed, what is only in the log too, and is a manifest like any other', async () => {
    const { made } = await startsCopy()
    await manifest.add(file('b'), epochMs(3))
    const restored = await temporaryFolder('belay-restored-')
    await copyFile(join(folder, `backups/${made}_${manifestFile}`), join(restored, manifestFile))
    const again = await openSqliteManifest(restored)
    onTestFinished(() => again.close())
    expect(await again.beginBoot(epochMs(4))).toBe(2)
    expect(await again.files({ limit: 10 })).toEqual((await manifest.files({ limit: 10 })).slice(0, 1))
    expect(await again.history(1)).toEqual(await manifest.history(1))
  })

  it('takes no more than was said, and the place of what a crash has left of an earlier one', async () => {
    await manifest.copyTo('copy.sqlite')
    await writeFile(join(folder, 'copy.sqlite.unfinished'), 'x')
    const bytes = await manifest.copyBytes()
    await manifest.copyTo('copy.sqlite')
    expect((await stat(join(folder, 'copy.sqlite'))).size).toBeLessThanOrEqual(bytes)
    expect((await readdir(folder)).filter((name) => name.startsWith('copy'))).toEqual(['copy.sqlite'])
  })

  it('is refused in the manifest’s own words where it cannot be made, with nothing left of it', async () => {
    const refused = manifest.copyTo('nowhere/copy.sqlite')
    await expect(refused).rejects.toBeInstanceOf(ManifestFailedError)
    expect(await startsCopy()).toMatchObject({ made: expect.any(String) as string })
  })
})

describe('a copy that is under way', () => {
  it('is let come to its end by a manifest that closes, which makes no other', async () => {
    const manifest = await openSqliteManifest(folder)
    const copying = manifest.copyTo('copy.sqlite')
    await manifest.close()
    expect(await readdir(folder)).toContain('copy.sqlite')
    await copying
    await expect(manifest.copyTo('another.sqlite')).rejects.toThrow('closed by ourselves')
  })
})

describe('a daemon that has made its copy, was looked at, and was killed with -9', () => {
  it('has lost no commit', async () => {
    const program = fileURLToPath(new URL('./copy-and-commit.ts', import.meta.url))
    const child = spawn(process.execPath, ['--import', 'tsx', program, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const said = async () => ((await once(child.stdout, 'data')) as [Buffer])[0].toString()
    expect(await said()).toBe('copied\n')
    expect(await sqlite3(manifestFile, 'SELECT count(*) FROM files')).toEqual(['0'])
    child.stdin.write('go on\n')
    expect(await said()).toBe('committed\n')
    child.kill('SIGKILL')
    await once(child, 'close')
    const next = await openSqliteManifest(folder)
    onTestFinished(() => next.close())
    expect((await next.files({ limit: 10 })).map(({ path }) => path)).toEqual([file('b').path])
  })
})
