import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { lockFolder } from '../../../src/adapters/manifest/folder-lock.ts'
import { runProgram } from '../../../src/commands/program.ts'
import { hashToken } from '../../../src/adapters/http/token-hash.ts'
import { manifestLockFile } from '../../../src/domain/manifest-files.ts'
import { MemoryTerminal } from '../../commands/memory-terminal.ts'
import { smallConfig } from '../../config/small-config.ts'
import { daemonState } from '../../inspection-feed/sample-state.ts'
import { startSite, temporaryFolder } from '../http/http-site.ts'

const status = async (words: readonly string[], terminal = new MemoryTerminal()) => {
  const code = await runProgram(['node', 'belay', 'status', ...words], terminal)
  return { code, said: terminal.said, complained: terminal.complained }
}

describe('belay status', () => {
  it('finds the daemon by its configuration, whose secrets it need not read, and ends with 0 if all is well', async () => {
    const { port } = await startSite()
    const file = join(await temporaryFolder(), 'belay.yaml')
    await writeFile(file, `${smallConfig}http: { port: ${port} }\n`)
    const { code, said, complained } = await status([file])
    expect(said).toMatch(/^belay 0\.1\.0 at http:\/\/127\.0\.0\.1:\d+: running, .*\n\ncamera /)
    expect(said.endsWith('\n\nall is well\n')).toBe(true)
    expect({ code, complained }).toEqual({ code: 0, complained: '' })
  })

  it('says what is amiss, and ends with 1', async () => {
    const { url, shown } = await startSite()
    shown.state = daemonState({ phase: 'draining' })
    const { code, said } = await status(['--url', url])
    expect({ code, last: said.split('\n').at(-2) }).toEqual({ code: 1, last: '! the daemon is draining' })
  })

  it('says the same to programs, with what is amiss and the same code', async () => {
    const { url, shown } = await startSite()
    shown.state = daemonState({ phase: 'draining' })
    const { code, said } = await status(['--url', url, '--json'])
    expect(JSON.parse(said)).toEqual({ troubles: ['the daemon is draining'], state: shown.state })
    expect(code).toBe(1)
    expect(await status(['--url', url, '--json', '--watch'])).toMatchObject({ code: 64, said: '' })
  })

  it('shows the token, from a file or the environment', async () => {
    const { url } = await startSite({ tokens: { view: await hashToken('let-me-in', 10) } })
    const file = join(await temporaryFolder(), 'token')
    await writeFile(file, 'let-me-in\n')
    expect((await status(['--url', url, '--token-file', file])).code).toBe(0)
    expect((await status(['--url', url], new MemoryTerminal('/', { BELAY_TOKEN: 'let-me-in' }))).code).toBe(0)
    expect(await status(['--url', url])).toEqual({
      code: 77,
      said: '',
      complained: `${url} asks for a token: give it with --token-file FILE, or in BELAY_TOKEN\n`,
    })
    expect(await status(['--url', url], new MemoryTerminal('/', { BELAY_TOKEN: 'another' }))).toEqual({
      code: 77,
      said: '',
      complained: `${url} asks for another token than this one: give it with --token-file FILE, or in BELAY_TOKEN\n`,
    })
    await writeFile(file, 'the token is\nlet-me-in\n')
    expect(await status(['--url', url, '--token-file', file])).toEqual({
      code: 77,
      said: '',
      complained: 'Expected a token as `belay token` makes it, one word, found something else\n',
    })
    expect(await status(['--url', url, '--token-file', '/nowhere'])).toEqual({
      code: 77,
      said: '',
      complained: '/nowhere: expected a file with the token, found ENOENT (no such file or directory)\n',
    })
  })

  it('ends with 69 where nobody listens, or somebody else does', async () => {
    const other = createServer((_request, response) => response.writeHead(404).end()).listen(0, '127.0.0.1')
    await once(other, 'listening')
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
    expect(await status(['--url', url])).toMatchObject({
      code: 69,
      complained: `${url} answers with 404: expected a Belay, found something else\n`,
    })
    other.close()
    await once(other, 'close')
    const { code, complained } = await status(['--url', url])
    expect(code).toBe(69)
    expect(complained).toMatch(/^No Belay answers: http:\/\/127\.0\.0\.1:\d+ cannot be reached \(.*ECONNREFUSED.*\)\n$/)
  })

  const silentDaemon = async () => {
    const folder = await temporaryFolder()
    const other = createServer((_request, response) => response.writeHead(404).end()).listen(0, '127.0.0.1')
    await once(other, 'listening')
    const file = join(folder, 'belay.yaml')
    await writeFile(file, `${smallConfig}http: { port: ${(other.address() as AddressInfo).port} }\n`)
    await mkdir(join(folder, 'belay-data'))
    return { file, other, data: join(folder, 'belay-data') }
  }

  it('says who holds the data folder where no Belay answers: one may start, or wait for its address', async () => {
    const { file, other, data } = await silentDaemon()
    const lock = await lockFolder(data)
    onTestFinished(() => lock.release())
    const holder = `. Process ${process.pid} holds the data folder ${data}: a Belay that starts, ends or cannot have that address, or belay verify. Its log says which (under systemd: journalctl -u belay)\n`
    const taken = await status([file])
    expect([taken.code, taken.complained]).toEqual([69, expect.stringContaining(`found something else${holder}`)])
    other.close()
    await once(other, 'close')
    const { code, complained } = await status([file])
    expect([code, complained.slice(0, 18)]).toEqual([69, 'No Belay answers: '])
    expect(complained).toContain(`)${holder}`)
  })

  it('says nothing of a folder that nobody holds, and says so where that cannot be told', async () => {
    const { file, other, data } = await silentDaemon()
    other.close()
    await once(other, 'close')
    expect((await status([file])).complained).toMatch(/ECONNREFUSED[^)]*\)\n$/)
    await mkdir(join(data, manifestLockFile))
    const { code, complained } = await status([file])
    expect([code, complained]).toEqual([
      69,
      expect.stringMatching(/\)\. Whether a process holds the data folder cannot be told\. Manifest .*\n$/),
    ])
  })

  const { uploader, ...withoutUploader } = daemonState()
  const { held: _, ...otherFiles } = uploader.files
  it.each([
    [
      'is empty',
      '{}',
      'answers with no state: expected a Belay, found an answer without version, or with another kind of it; see ',
    ],
    ['is null', 'null', 'answers with no state: expected a Belay, found something else; see who listens there'],
    ['is a word', '"ok"', 'answers with no state: expected a Belay, found something else; see who listens there'],
    ['is a list', '[]', 'answers with no state: expected a Belay, found something else; see who listens there'],
    ['is a page', '<html>', 'answers with what is no JSON: expected a Belay, found something else'],
    [
      'lacks a part',
      JSON.stringify(withoutUploader),
      'expected a Belay, found an answer without uploader, or with another kind of it',
    ],
    [
      'is that of another version',
      JSON.stringify({ ...withoutUploader, version: '9.0.0', uploader: { ...uploader, files: otherFiles } }),
      `is version 9.0.0, and this one, 0.1.0, cannot read its uploader.files.held: ask it with its own \`belay status\``,
    ],
  ])('ends with 69 where what is answered %s', async (_what, body, words) => {
    const other = createServer((_request, response) => response.end(body)).listen(0, '127.0.0.1')
    onTestFinished(() => void other.close())
    await once(other, 'listening')
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
    const { code, said, complained } = await status(['--url', url])
    expect({ code, said }).toEqual({ code: 69, said: '' })
    expect(complained).toContain(`${url} `)
    expect(complained).toContain(words)
  })

  it('ends with 69 where somebody listens and says nothing', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    onTestFinished(() => silent.closeAllConnections())
    await once(silent, 'listening')
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    expect(await status(['--url', url])).toMatchObject({
      code: 69,
      complained: `No Belay answers: ${url} does not answer within 3 s\n`,
    })
    silent.close()
  })

  it('cannot tell where a daemon listens that takes any free port', async () => {
    const file = join(await temporaryFolder(), 'belay.yaml')
    await writeFile(file, `${smallConfig}http: { port: 0 }\n`)
    const { code, complained } = await status([file])
    expect(code).toBe(78)
    expect(complained).toContain('belay status --url http://127.0.0.1:PORT')
  })

  it('looks again and again with --watch, and ends by a signal with what it saw last', async () => {
    const { url, shown } = await startSite()
    const terminal = new MemoryTerminal()
    const ended = status(['--url', url, '--watch'], terminal)
    await terminal.heard(/all is well/)
    shown.state = daemonState({ phase: 'draining' })
    await terminal.heard(/! the daemon is draining/)
    terminal.signal('SIGINT')
    expect((await ended).code).toBe(1)
  })
})
