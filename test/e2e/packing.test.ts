import { execFile } from 'node:child_process'
import { mkdir, readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { killLeftovers, startDaemon } from './support/daemon.ts'
import { fileAccountOf } from './support/log.ts'
import { createSite, losslessBelt, rowsBelow, type Site } from './support/site.ts'

let site: Site
beforeEach(async () => {
  site = await createSite()
})
afterEach(async () => {
  killLeftovers()
  await site.tearDown()
})

const run = promisify(execFile)

/** Unpacks what the server has, by the programs that everybody has, and resolves with where. */
async function unpacked(): Promise<string> {
  const target = join(site.folder, 'unpacked')
  for (const path of await readdir(site.delivered, { recursive: true })) {
    const [from, folder] = [join(site.delivered, path), join(target, dirname(path))]
    await mkdir(folder, { recursive: true })
    if (path.endsWith('.tar.gz')) await run('tar', ['-xzf', from, '-C', folder])
    const plain = join(folder, basename(path, '.gz'))
    if (path.endsWith('.csv.gz')) await run('sh', ['-c', 'gunzip -c "$1" > "$2"', 'sh', from, plain])
  }
  return target
}

describe('a daemon that packs what it sends', () => {
  it.each([
    { as: 'gzip', name: /\.csv\.gz$/ },
    { as: 'tar', name: /\.tar\.gz$/ },
  ])('as $as delivers every row in packed files, those that a stop makes too', async ({ as, name }) => {
    const csv = `{ rotation: { rows: 10, interval: 1s }, pack: { as: ${as}, files: 3, interval: 60s } }`
    const daemon = startDaemon(await site.configure([losslessBelt('belt-1', 20)], { csv }))
    await daemon.until('packed files are delivered', ({ uploader }) => uploader.files.delivered >= 2)
    daemon.signal('SIGTERM')
    expect(await daemon.exit).toEqual({ code: 0, signal: null })
    const { files, rows } = fileAccountOf(daemon.log)
    expect(files).toMatchObject({ held: 0, pending: 0, sending: 0, conflict: 0, refused: 0 })
    expect(files.packed).toBeGreaterThanOrEqual(as === 'gzip' ? files.delivered : 2 * files.delivered)
    const sent = (await readdir(join(site.delivered, 'belt-1/classifier'))).sort()
    expect(sent).toHaveLength(files.delivered)
    for (const each of sent) expect(each).toMatch(name)
    const arrived = await rowsBelow(await unpacked())
    expect(arrived).toHaveLength(rows.delivered)
    expect(arrived.map(({ frame }) => frame).sort((a, b) => a - b)).toEqual(arrived.map((_, index) => index + 1))
  })
})
