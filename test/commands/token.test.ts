import { describe, expect, it } from 'vitest'
import { isHashOf, keyOf } from '../../src/adapters/http/token-hash.ts'
import { runProgram } from '../../src/commands/program.ts'
import { configOf, smallConfig } from '../config/small-config.ts'
import { MemoryTerminal } from './memory-terminal.ts'

describe('belay token', () => {
  it('says a new token alone on standard output, and beside it a hash that the configuration takes and that fits no other', async () => {
    const terminals = [new MemoryTerminal(), new MemoryTerminal()] as const
    for (const terminal of terminals) expect(await runProgram(['node', 'belay', 'token'], terminal)).toBe(0)
    const [token = '', other = ''] = terminals.map(({ said }) => said.trimEnd())
    expect(token).toMatch(/^[\w-]{43}$/)
    const hash = /viewTokenHash: (\S+)/.exec(terminals[0].complained)?.[1] ?? ''
    expect((await configOf(`${smallConfig}http:\n  viewTokenHash: ${hash}\n`)).http.viewTokenHash).toBe(hash)
    expect(await isHashOf(hash, keyOf(token))).toBe(true)
    expect(await isHashOf(hash, keyOf(other))).toBe(false)
  })
})
