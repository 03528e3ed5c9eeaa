import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { demoCommand } from '../../../src/commands/demo.ts'
import { runCommand } from '../../../src/commands/run.ts'
import { MemoryTerminal } from '../memory-terminal.ts'

let umask: number
beforeEach(() => void (umask = process.umask(0o022)))
afterEach(() => void process.umask(umask))

const octal = (mask: number) => mask.toString(8).padStart(3, '0')

describe.each([
  ['run', () => runCommand('/proc/belay.yaml', {}, new MemoryTerminal()), 78],
  ['demo', () => demoCommand({ folder: '/proc/belay', port: 5000 }, new MemoryTerminal()), 75],
] as const)('what belay %s makes', (_what, start, code) => {
  it.each([
    { found: '022', left: '027' },
    { found: '002', left: '027' },
    { found: '077', left: '077' },
  ])('is read by no other user, with a umask of $found', async ({ found, left }) => {
    process.umask(parseInt(found, 8))
    expect(await start()).toBe(code)
    expect(octal(process.umask())).toBe(left)
  })
})
