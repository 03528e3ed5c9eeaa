import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readManifest } from '../../scripts/torture/evidence.ts'
import { killLeftovers, main, startDaemon } from './support/daemon.ts'
import { createSite, keyOf, losslessBelt, type Row, type Site } from './support/site.ts'

let site: Site
beforeEach(async () => {
  site = await createSite()
})
afterEach(async () => {
  killLeftovers()
  await site.tearDown()
})

const run = promisify(execFile)

/** Types in the data folder what docs/delivery.md tells an engineer to. */
async function typeWhatStandsUnder(heading: string): Promise<void> {
  const page = await readFile(new URL('../../docs/delivery.md', import.meta.url), 'utf8')
  const [, section = ''] = page.split(`\n## ${heading}\n`)
  const [, commands] = /^[^]*?```sh\n([^]*?)```/.exec(section) ?? []
  if (commands === undefined) throw new Error(`docs/delivery.md says no commands under ${heading}`)
  await run('sh', ['-eu', '-c', commands], { cwd: site.data })
}

/** What `belay verify` finds, a line each; it ends with 0 or 1. */
async function verify(config: string): Promise<string[]> {
  const { stdout } = await run(process.execPath, [main, 'verify', config], {
    env: { ...process.env, COLUMNS: '400' },
  }).catch((error: { stdout: string }) => error)
  return stdout.split('\n').filter((line) => line !== '')
}

const sealedInBoot1 = (path: string) => path.includes('Z_1-')
const sorted = (paths: readonly string[]) => [...paths].sort()

describe('a data folder that was destroyed', () => {
  it.each([
    { had: 'had not been delivered', serverIsThere: false },
    { had: 'had been delivered meanwhile', serverIsThere: true },
  ])(
    'is restored from its newest copy by what docs/delivery.md says, where what it held $had',
    async ({ serverIsThere }) => {
      const config = await site.configure([losslessBelt('belt-1', 20)], {
        csv: '{ rotation: { rows: 20, interval: 60s }, commitEvery: 20ms }',
      })
      await site.sshd.kill()
      const first = startDaemon(config)
      await first.until('two files are sealed, and a third has rows', ({ uploader, cameras: [belt] }) => {
        const { rows } = uploader
        return rows.pending + rows.sending >= 40 && (belt?.rows.accepted ?? 0) > rows.pending + rows.sending
      })
      first.signal('SIGKILL')
      await first.exit
      const sealed = sorted(readManifest(site.data).map(({ path }) => path))
      const [open = ''] = await readdir(join(site.data, 'open'))

      // The start that makes the copy.
      if (serverIsThere) await site.sshd.restart()
      const second = startDaemon(config)
      await second.until('it has gone on, and sent what it could', ({ uploader, writer }) => {
        return writer.sealedFiles >= 1 && (!serverIsThere || uploader.files.delivered >= sealed.length + 2)
      })
      second.signal('SIGKILL')
      await second.exit
      const kept = join(site.folder, 'kept-elsewhere')
      await cp(join(site.data, 'backups'), kept, { recursive: true })
      await rm(site.data, { recursive: true })
      const before = await site.deliveredRows()

      await mkdir(site.data)
      await cp(kept, join(site.data, 'backups'), { recursive: true })
      await typeWhatStandsUnder('Restoring the data folder')
      const said = await verify(config)
      const faults = said.filter((line) => line.startsWith('fault')).slice(0, -1)
      expect(sorted(faults)).toEqual(
        sealed.map((path) => expect.stringMatching(`^fault +${path} is pending, and gone here$`) as string),
      )
      expect(said).toContainEqual(expect.stringMatching(`^mendable +open/${open} was left open`))

      if (!serverIsThere) await site.sshd.restart()
      const third = startDaemon(config)
      await third.until('it delivers again, and has rows of its own', ({ uploader, cameras: [belt] }) => {
        return uploader.files.delivered >= 3 && (belt?.rows.accepted ?? 0) > 0
      })
      third.signal('SIGTERM')
      expect((await third.exit).code).toBe(0)
      const files = readManifest(site.data)
      const inState = (state: string) => sorted(files.filter((file) => file.state === state).map(({ path }) => path))
      // What was sealed and sent nowhere is lost with the disk, and said file by file; the server's is taken up.
      expect(inState('refused')).toEqual(serverIsThere ? [] : sealed)
      expect(inState('refused').concat(inState('delivered'))).toHaveLength(files.length)
      expect(inState('delivered').filter(sealedInBoot1)).toContain(`belt-1/classifier/${open.replace('.open', '')}`)
      const after = await site.deliveredRows()
      const keys = after.map(keyOf)
      expect(new Set(keys).size).toBe(keys.length)
      expect(keys).toEqual(expect.arrayContaining(before.map(keyOf)))
      expect(Math.max(...after.map(({ boot }: Row) => boot))).toBe(3)
    },
  )
})

describe('a manifest that was damaged', () => {
  it('is put back by what docs/delivery.md says, and each row that was accepted arrives once, under a key of its own', async () => {
    const config = await site.configure([losslessBelt('belt-1', 20)], {
      csv: '{ rotation: { rows: 20, interval: 60s }, commitEvery: 20ms }',
    })
    const first = startDaemon(config)
    await first.until('files are delivered', ({ uploader }) => uploader.files.delivered >= 2)
    await site.sshd.kill()
    const accepted = await first.until(
      'files wait, and another has rows',
      ({ uploader: { rows }, cameras: [belt] }) => {
        return rows.pending + rows.sending >= 40 && (belt?.rows.accepted ?? 0) % 20 > 5
      },
    )
    first.signal('SIGKILL')
    await first.exit
    // Its log as well, or SQLite would have it whole again by that.
    for (const name of ['manifest.sqlite', 'manifest.sqlite-wal'])
      await writeFile(join(site.data, name), 'not what SQLite writes')

    const second = startDaemon(config)
    expect((await second.exit).code).toBe(75)
    expect(JSON.stringify(second.log)).toContain('(docs/delivery.md, “A damaged manifest”, says how)')

    await typeWhatStandsUnder('A damaged manifest')
    await site.sshd.restart()
    const third = startDaemon(config)
    await third.until('it delivers files of its own', ({ uploader, cameras: [belt] }) => {
      return uploader.files.delivered >= 5 && (belt?.rows.accepted ?? 0) > 40
    })
    third.signal('SIGTERM')
    expect((await third.exit).code).toBe(0)
    const states = new Set(readManifest(site.data).map(({ state }) => state))
    expect(states).toEqual(new Set(['delivered']))
    const rows = await site.deliveredRows()
    const keys = rows.map(keyOf)
    expect(new Set(keys).size).toBe(keys.length)
    const ofBoot1 = rows.filter(({ boot }: Row) => boot === 1)
    expect(ofBoot1.length).toBeGreaterThanOrEqual(accepted.cameras[0]?.rows.accepted ?? Infinity)
    // The start that found it damaged got as far as no boot of its own.
    expect(Math.max(...rows.map(({ boot }: Row) => boot))).toBe(2)
  })
})
