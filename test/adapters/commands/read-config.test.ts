import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConfig } from '../../../src/commands/read-config.ts'
import { MemoryTerminal } from '../../commands/memory-terminal.ts'
import { smallConfigWith } from '../../config/small-config.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-config-'))
})
afterEach(() => rm(folder, { recursive: true }))

const text = smallConfigWith('passwordEnv: SFTP_PASSWORD', 'passwordFile: password')
const read = () => readConfig('belay.yaml', new MemoryTerminal(folder))

describe('a configuration and its secret, written by an editor that', () => {
  it('puts a byte order mark before each, are read without it', async () => {
    await writeFile(join(folder, 'belay.yaml'), `\uFEFF${text}`)
    await writeFile(join(folder, 'password'), '\uFEFFhunter2\n')
    const again = await read()
    expect(again.ok && again.config.sftp.password?.reveal()).toBe('hunter2')
  })

  it('writes another encoding, are refused', async () => {
    await writeFile(join(folder, 'belay.yaml'), text)
    await writeFile(join(folder, 'password'), 'hünter2\n', 'latin1')
    expect(await read()).toEqual({
      ok: false,
      mistakes: [
        expect.stringMatching(/belay\.yaml:10:17 sftp\.passwordFile: expected a file in UTF-8, found /) as string,
      ],
    })
    await writeFile(join(folder, 'belay.yaml'), `# Tür 3\n${text}`, 'latin1')
    expect(await read()).toEqual({
      ok: false,
      mistakes: ['belay.yaml: expected a configuration in UTF-8, found bytes that are none'],
    })
  })
})
