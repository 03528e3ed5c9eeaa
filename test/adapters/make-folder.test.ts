import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeFolder } from '../../src/adapters/make-folder.ts'

let folder: string
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'belay-make-folder-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a folder that is made', () => {
  it('brings those above it along, with its mode', async () => {
    await makeFolder(join(folder, 'a/b/c'), 0o750)
    for (const path of ['a', 'a/b', 'a/b/c']) expect((await stat(join(folder, path))).mode & 0o777).toBe(0o750)
  })

  it('may be there already, also the root and twice at once', async () => {
    await makeFolder('/')
    await Promise.all([makeFolder(join(folder, 'd/e')), makeFolder(join(folder, 'd/e'))])
    expect((await stat(join(folder, 'd/e'))).isDirectory()).toBe(true)
  })

  it('fails where a file is in its place, or above it', async () => {
    await writeFile(join(folder, 'file'), '')
    await expect(makeFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(makeFolder(join(folder, 'file/below'))).rejects.toMatchObject({ code: 'ENOTDIR' })
  })

  it.each(['/proc/belay', '/proc/belay/recordings'])('fails at once where nothing can be made (%s)', async (path) => {
    await expect(makeFolder(path)).rejects.toMatchObject({ code: 'ENOENT', path: '/proc/belay' })
  })
})
