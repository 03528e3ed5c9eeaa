import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'

const looking = fileURLToPath(new URL('../../src/commands/check/expect-writable.ts', import.meta.url))
// Root without what lets it write everything is refused as anybody else is.
const asAnybody = process.geteuid?.() === 0 ? ['--bounding-set=-dac_override,-dac_read_search'] : []

it('names what is there and cannot be written by this user', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'belay-writable-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'ours'))
  await writeFile(join(folder, 'manifest.sqlite'), '')
  await mkdir(join(folder, 'dock-1'))
  await chmod(join(folder, 'manifest.sqlite'), 0o444)
  await chmod(join(folder, 'dock-1'), 0o555)
  const script = `
    const { expectWritable } = await import(${JSON.stringify(looking)})
    for (const name of ['ours', 'gone', 'manifest.sqlite', 'dock-1'])
      console.log(name, await expectWritable(${JSON.stringify(folder)}, [name]).then(() => 'fine', ({ systemCode }) => systemCode))`
  const node = [process.execPath, '--import', 'tsx', '--input-type=module', '--eval', script]
  const { stdout } = await promisify(execFile)('setpriv', [...asAnybody, '--', ...node])
  expect(stdout).toBe('ours fine\ngone fine\nmanifest.sqlite EACCES\ndock-1 EACCES\n')
})
