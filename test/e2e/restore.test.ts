import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises'
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

/** The commands that an engineer is told to type in the data folder. */
async function restoringCommands(): Promise<string> {
  const page = await readFile(new URL('../../docs/delivery.md', import.meta.url), 'utf8')
  const [, commands] = /^## Restoring [^]*?```sh\n([^]*?)```/m.exec(page) ?? []
  if (commands === undefined) throw new Error('docs/delivery.md says no commands under Restoring')
  return commands
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
      await run('sh', ['-eu', '-c', await restoringCommands()], { cwd: site.data })
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
