import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { inspectCommand } from '../../../src/commands/inspect.ts'
import { MemoryTerminal } from '../../commands/memory-terminal.ts'

const trace = `${[
  '{"type":"recording","version":1,"source":"simulation","madeBy":"belay 0.1.0","seed":42,"actors":[]}',
  '{"sequence":1,"at":1767225600000,"monotonic":0,"path":"root","epoch":null,"type":"actor.started","kind":"supervisor","machine":null}',
  '{"sequence":2,"at":1767225660000,"monotonic":60000,"path":"root","epoch":null,"type":"invariant.violated","invariant":"rows","detail":"twice"}',
].join('\n')}\n`

async function start(text: string) {
  const folder = await mkdtemp(join(tmpdir(), 'belay-inspect-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'trace #1.jsonl'), text)
  const terminal = new MemoryTerminal(folder)
  const ended = inspectCommand('trace #1.jsonl', { port: 0 }, terminal)
  await terminal.heard(/Ctrl-C/)
  const url = new URL(/http:\S+/.exec(terminal.said)?.[0] ?? '')
  return { terminal, ended, url }
}

describe('belay inspect', () => {
  it('says what the file is and where the page shows it, serves it, and ends when told', async () => {
    const { terminal, ended, url } = await start(trace)
    expect(terminal.said.split('\n').slice(0, 2)).toEqual([
      'belay 0.1.0, simulation seed 42: 2 records, 2026-01-01T00:00:00.000Z to 2026-01-01T00:01:00.000Z',
      '1 violated invariant, marked in the timeline',
    ])
    expect(url.searchParams.get('recording')).toBe('trace #1.jsonl')
    const answer = await fetch(new URL('/api/recording', url))
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await answer.text()).toBe(trace)
    terminal.signal('SIGINT')
    expect(await ended).toBe(0)
    await expect(fetch(url)).rejects.toThrow()
  })

  it.each(['SIGHUP', 'SIGINT', 'SIGTERM'] as const)('ends by %s, also while a page is connected', async (signal) => {
    const folder = await mkdtemp(join(tmpdir(), 'belay-inspect-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    await writeFile(join(folder, 'trace.jsonl'), trace)
    const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url))
    const words = ['--import', 'tsx', main, 'inspect', join(folder, 'trace.jsonl'), '--port', '0']
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const ended = once(child, 'close')
    let url: string | undefined
    for await (const line of createInterface(child.stdout)) {
      url ??= /http:\S+/.exec(line)?.[0]
      if (url === undefined || !line.startsWith('Ctrl-C')) continue
      await (await fetch(url)).text()
      child.kill(signal)
    }
    expect(await ended).toEqual([0, null])
    await expect(fetch(url ?? '')).rejects.toThrow()
  })

  it('tells that the end of the file is missing', async () => {
    const { terminal, ended } = await start(trace.slice(0, -10))
    expect(terminal.said).toContain('its last line is cut short and left out')
    terminal.signal('SIGINT')
    await ended
  })

  it('tells that records in it are missing', async () => {
    const { terminal, ended } = await start(trace.replace('"sequence":2', '"sequence":5'))
    expect(terminal.said).toContain('3 records are missing from it: they were left out, or taken out')
    terminal.signal('SIGINT')
    await ended
  })

  it('answers only to this machine’s own names', async () => {
    const { terminal, ended, url } = await start(trace)
    const { request } = await import('node:http')
    const status = await new Promise((resolve) =>
      request({ host: url.hostname, port: url.port, path: '/api/recording', headers: { host: 'evil.example' } })
        .on('response', ({ statusCode }) => resolve(statusCode))
        .end(),
    )
    expect(status).toBe(421)
    terminal.signal('SIGINT')
    await ended
  })

  it('says that no port is free, and ends with 64', async () => {
    // The last one: none is left to be tried after it.
    const taken = createServer().listen({ host: '127.0.0.1', port: 65_535 })
    await once(taken, 'listening')
    onTestFinished(() => void taken.close())
    const folder = await mkdtemp(join(tmpdir(), 'belay-inspect-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    await writeFile(join(folder, 'trace.jsonl'), trace)
    const terminal = new MemoryTerminal(folder)
    expect(await inspectCommand('trace.jsonl', { port: 65_535 }, terminal)).toBe(64)
    expect(terminal.complained).toBe(
      '--port 65535: expected one that can be listened on, found EADDRINUSE (address already in use)\n',
    )
  })
})
