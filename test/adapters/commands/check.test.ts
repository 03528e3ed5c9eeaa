import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { lockFolder } from '../../../src/adapters/manifest/folder-lock.ts'
import { type EmbeddedSftpServer, startEmbeddedSftpServer } from '../../../src/adapters/sftp/embedded-server.ts'
import { serveFolder } from '../../../src/adapters/sftp/embedded-files.ts'
import { checkCommand } from '../../../src/commands/check.ts'
import { beltClip } from '../../../src/config/builtin-files.ts'
import { MemoryTerminal } from '../../commands/memory-terminal.ts'
import { descendants } from '../../support/processes.ts'
import { startRawServer } from '../sftp/raw-server.ts'

const password = 'correct horse'
const cameraPassword = 'staple-battery-9'
const pinnedElsewhere = 'SHA256:uNiVztksCsDhcc0u9e8BrnEUzPQ1ZmZcOyX6yCnLnNE'

let folder: string
let delivered: string
let sftp: EmbeddedSftpServer
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-checked-'))
  delivered = join(folder, 'delivered')
  sftp = await startEmbeddedSftpServer({ folder: delivered, password })
  // What check puts aside meanwhile goes where the test can see it.
  await mkdir(join(folder, 'tmp'))
  vi.stubEnv('TMPDIR', join(folder, 'tmp'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await sftp.close()
  await rm(folder, { recursive: true })
})

const goodCameras = `
  - id: belt
    source: { type: synthetic, seed: 3 }
    detect: { model: particles }
    classify: { model: belt-state }
  - id: clip
    source: { type: file, path: ${beltClip}, loop: true }
    detect: { model: particles }`

interface Changes {
  readonly cameras?: string
  readonly models?: string
  readonly hostKey?: string
  readonly secret?: string
  readonly port?: number
  readonly json?: boolean
}

const check = async ({
  cameras = goodCameras,
  models = '',
  hostKey,
  secret = password,
  port = sftp.port,
  json = false,
}: Changes = {}) => {
  await writeFile(
    join(folder, 'belay.yaml'),
    `data: ./data
cameras:${cameras}
models:
  particles: { kind: detect, file: 'builtin:belt-particles' }
  belt-state: { kind: classify, file: 'builtin:belt-state' }${models}
sftp:
  host: ${sftp.host}
  port: ${port}
  username: ${sftp.username}
  passwordEnv: SFTP_PASSWORD
  hostKey: ${hostKey ?? `{ fingerprint: '${sftp.hostKeyFingerprint}' }`}
  folder: in
http: { port: 0 }
`,
  )
  const terminal = new MemoryTerminal(folder, { SFTP_PASSWORD: secret, CAMERA_PASSWORD: cameraPassword })
  const ended = checkCommand('belay.yaml', terminal, json)
  return { terminal, ended }
}

/** `part what result`, line by line, and the last words. */
const results = ({ said }: MemoryTerminal) => ({
  lines: said.split('\n').flatMap((line) => /^(\S+ +\S+ +[✓✗-] \w+) /.exec(line)?.[1]?.replace(/ +/g, ' ') ?? []),
  last: said.trimEnd().split('\n').at(-1),
})
const allOk = ['belt camera ✓ ok', 'clip camera ✓ ok', 'particles model ✓ ok', 'belt-state model ✓ ok'].concat([
  'data folder ✓ ok',
  'sftp server ✓ ok',
  'http address ✓ ok',
])
const allBut = (name: string) =>
  allOk.map((line) => (line.startsWith(`${name} `) ? line.replace('✓ ok', '✗ failed') : line))

/** As one line, however the table has wrapped it. */
const unwrapped = ({ said }: MemoryTerminal) => said.replace(/\s+/g, ' ')

const expectNothingLeft = async () => {
  expect((await readdir(folder)).sort()).toEqual(['belay.yaml', 'delivered', 'tmp'])
  expect(await readdir(delivered)).toEqual([])
  // Other programs may leave things there, such as the compiler that these tests run under.
  expect((await readdir(join(folder, 'tmp'))).filter((name) => name.startsWith('belay'))).toEqual([])
  expect((await descendants(process.pid)).filter(({ command }) => command.includes('ffmpeg'))).toEqual([])
}

describe('a configuration in which all is well', () => {
  it('is tried for real, and nothing of it is left', async () => {
    const { terminal, ended } = await check()
    expect(await ended).toBe(0)
    expect(results(terminal)).toEqual({ lines: allOk, last: '7 of 7 ok' })
    const said = unwrapped(terminal)
    expect(said).toContain('640x480, 15 frames/s, first picture after')
    expect(said).toContain('detect, 640x640, 1 frame, float32, layout v8, labels bright, dark,')
    expect(said).toContain(
      'classify, 160x160, 2 frames, float32, scores taken as probabilities, labels moving, stopped, empty,',
    )
    expect(said).toContain('host key is the pinned one; in does not exist yet; in the login folder a file can be')
    expect(said).toContain(`${join(folder, 'data')} does not exist yet; ${folder} can be written,`)
    expect(Math.max(...terminal.said.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
    await expectNothingLeft()
  })

  it('is tried beside a daemon that holds its data folder', async () => {
    const data = join(folder, 'data')
    await mkdir(data)
    const lock = await lockFolder(data)
    const before = await readdir(data)
    const { terminal, ended } = await check()
    expect(await ended).toBe(0)
    expect(unwrapped(terminal)).toContain(`${data} can be written,`)
    expect(await readdir(data)).toEqual(before)
    await lock.release()
  })
})

describe('a server that ends the connection where another channel is asked for', () => {
  it('is asked for none', async () => {
    const raw = await startRawServer({ mostChannels: 1, onSftp: (session) => void serveFolder(session, delivered) })
    const { terminal, ended } = await check({ port: raw.port, hostKey: 'accept-any' })
    expect(await ended).toBe(0)
    expect(results(terminal).lines).toEqual(allOk)
    await raw.close()
  })
})

describe('a part that fails', () => {
  it('for the host key says which was found, and sends nothing', async () => {
    const { terminal, ended } = await check({ hostKey: `{ fingerprint: '${pinnedElsewhere}' }` })
    expect(await ended).toBe(1)
    expect(results(terminal)).toEqual({ lines: allBut('sftp'), last: '6 of 7 ok; failed: sftp' })
    expect(unwrapped(terminal)).toContain(
      `shows host key ${sftp.hostKeyFingerprint}, expected ${pinnedElsewhere}. Nothing was sent.`,
    )
    await expectNothingLeft()
  })

  it('for the password says so, without it', async () => {
    const { terminal, ended } = await check({ secret: 'wrong-horse' })
    expect(await ended).toBe(1)
    expect(results(terminal)).toEqual({ lines: allBut('sftp'), last: '6 of 7 ok; failed: sftp' })
    expect(unwrapped(terminal)).toContain('refuses the key or password of belay')
    expect(terminal.said + terminal.complained).not.toContain('wrong-horse')
  })

  it('is told to programs, who read nothing else, with the same code', async () => {
    const camera = `
  - id: gone
    source: { type: rtsp, url: 'rtsp://127.0.0.1:1/s', username: viewer, passwordEnv: CAMERA_PASSWORD }
    detect: { model: particles }`
    const { terminal, ended } = await check({ cameras: camera, json: true })
    expect(await ended).toBe(1)
    const { parts } = JSON.parse(terminal.said) as { parts: { name: string; outcome: string; detail: string }[] }
    expect(parts.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      ...['gone failed', 'particles ok', 'belt-state ok', 'data ok', 'sftp ok', 'http ok'],
    ])
    expect(parts[0]).toEqual({
      ...{ name: 'gone', what: 'camera', outcome: 'failed', tookMs: expect.any(Number) as number },
      detail: expect.stringContaining('Camera gone cannot be reached:') as string,
    })
    expect(terminal.complained).toMatch(/^Trying 1 camera, .*\n$/)
    expect(terminal.said).not.toContain(cameraPassword)
  })

  it('for a model that is not there says which file', async () => {
    const { terminal, ended } = await check({ models: "\n  none: { kind: classify, file: './none.onnx' }" })
    expect(await ended).toBe(1)
    expect(results(terminal)).toEqual({
      lines: [...allOk.slice(0, 4), 'none model ✗ failed', ...allOk.slice(4)],
      last: '7 of 8 ok; failed: none',
    })
    expect(unwrapped(terminal)).toContain(`Model none (${join(folder, 'none.onnx')}) is refused: it cannot be read`)
  })

  it('for a camera that cannot be reached never shows its password', async () => {
    const camera = `
  - id: gone
    source: { type: rtsp, url: 'rtsp://127.0.0.1:1/s', username: viewer, passwordEnv: CAMERA_PASSWORD }
    detect: { model: particles }`
    const { terminal, ended } = await check({ cameras: goodCameras + camera })
    expect(await ended).toBe(1)
    expect(results(terminal).last).toBe('7 of 8 ok; failed: gone')
    expect(unwrapped(terminal)).toContain('Camera gone cannot be reached:')
    expect(terminal.said + terminal.complained).not.toContain(cameraPassword)
    await expectNothingLeft()
  })
})

describe('a server whose key is not compared', () => {
  it('has the key that it shows in its line', async () => {
    const { terminal, ended } = await check({ hostKey: 'accept-any' })
    expect(await ended).toBe(0)
    expect(unwrapped(terminal)).toContain(`host key ${sftp.hostKeyFingerprint} is not compared (accept-any)`)
  })
})

describe('an interruption', () => {
  it('while a camera is silent ends it, and nothing is left', async () => {
    const silent = createServer(() => undefined)
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const camera = `
  - id: silent
    source: { type: rtsp, url: 'rtsp://127.0.0.1:${port}/s' }
    detect: { model: particles }`
    const { terminal, ended } = await check({ cameras: camera })
    await once(silent, 'connection')
    terminal.signal('SIGINT')
    expect(await ended).toBe(75)
    expect(results(terminal).lines).toEqual([
      ...['silent camera - interrupted', 'particles model ✓ ok', 'belt-state model ✓ ok'],
      ...['data folder ✓ ok', 'sftp server ✓ ok', 'http address ✓ ok'],
    ])
    expect(results(terminal).last).toBe('5 of 6 ok; interrupted: silent')
    await expectNothingLeft()
    silent.closeAllConnections()
    silent.close()
    await once(silent, 'close')
  })

  it.each(['SIGTERM', 'SIGHUP'] as const)('at once ends it too: %s', async (signal) => {
    const { terminal, ended } = await check()
    await terminal.heard(/^Trying/)
    terminal.signal(signal)
    expect(await ended).toBe(75)
    expect(results(terminal).last).toMatch(/; interrupted: .*belt/)
    await expectNothingLeft()
  })
})

describe('a configuration that is wrong', () => {
  it('is said, and nothing is tried', async () => {
    const { terminal, ended } = await check({ cameras: ' []' })
    expect(await ended).toBe(78)
    expect(terminal.said).toBe('')
    expect(terminal.complained).toContain('; nothing was started')
    await expectNothingLeft()
  })

  it('that is not there is said', async () => {
    const terminal = new MemoryTerminal(folder)
    expect(await checkCommand('none.yaml', terminal)).toBe(78)
    expect(terminal.complained).toBe(
      'none.yaml: expected a configuration that can be read, found ENOENT (no such file or directory)\n1 mistake; nothing was started\n',
    )
  })
})
