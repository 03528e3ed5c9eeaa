import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

it('a Node that is too old is told before anything of ours is loaded, and ends with 78', () => {
  const older = `data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '20.18.3' })`
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--import', older, main, '--version'],
    { encoding: 'utf8' },
  )
  expect({ status, stdout, stderr }).toEqual({
    status: 78,
    stdout: '',
    stderr: expect.stringMatching(/^Belay needs Node 20\.19 or later, found 20\.18\.3: .*\n$/) as string,
  })
})
