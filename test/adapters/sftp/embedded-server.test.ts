import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { connect as connectSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generateEd25519Keys } from '../../../src/adapters/sftp/ed25519-keys.ts'
import { type EmbeddedSftpServer, startEmbeddedSftpServer } from '../../../src/adapters/sftp/embedded-server.ts'
import { createSftpConnector } from '../../../src/adapters/sftp/ssh2-connector.ts'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { SftpAuthenticationError } from '../../../src/domain/delivery-errors.ts'
import { seconds } from '../../../src/domain/units.ts'

let home: string
let folder: string
let embedded: EmbeddedSftpServer
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'belay-embedded-'))
  folder = join(home, 'served')
  embedded = await startEmbeddedSftpServer({ folder })
})
afterEach(async () => {
  await embedded.close()
  await rm(home, { recursive: true })
})

const connect = (change: { privateKey?: string; username?: string; password?: string } = {}) => {
  const { host, port, username, clientPrivateKey, hostKeyFingerprint } = embedded
  return createSftpConnector({
    ...{ host, port, username, privateKey: clientPrivateKey, hostKey: { fingerprints: [hostKeyFingerprint] } },
    ...{ connectTimeout: seconds(10), channels: 2, operationTimeout: seconds(10), clock: systemClock },
    ...change,
  }).connect(new AbortController().signal)
}

describe('the embedded server, when it is closed', () => {
  it('lets go of a client that says nothing', async () => {
    const client = connectSocket(embedded.port, embedded.host)
    await once(client, 'connect')
    // It has been greeted, and does not answer.
    await once(client, 'data')
    client.on('error', () => undefined)
    await embedded.close()
    if (!client.closed) await once(client, 'close')
    embedded = await startEmbeddedSftpServer({ folder })
  })
})

describe('the embedded server', () => {
  it('writes real files into its folder', async () => {
    const session = await connect()
    await session.mkdir('dock-1')
    const file = await session.open('dock-1/a.csv', 'wx')
    await session.write(file, Buffer.from('hello'), 0)
    await session.close(file)
    expect(await readFile(join(folder, 'dock-1/a.csv'), 'utf8')).toBe('hello')
    await session.end()
  })

  it('lists a folder of more files than one answer holds', async () => {
    const names = Array.from({ length: 250 }, (_, index) => `${index}.csv`)
    await Promise.all(names.map((name) => writeFile(join(folder, name), '')))
    const session = await connect()
    expect((await session.readdir('.')).map(({ name }) => name).sort()).toEqual(names.sort())
    await session.end()
  })

  it('has keys of its own each time', async () => {
    const other = await startEmbeddedSftpServer({ folder: join(home, 'other') })
    await other.close()
    expect(other.hostKeyFingerprint).not.toBe(embedded.hostKeyFingerprint)
    expect(other.clientPrivateKey).not.toBe(embedded.clientPrivateKey)
  })

  it.each([
    { who: 'another key', change: { privateKey: generateEd25519Keys().private } },
    { who: 'another user', change: { username: 'root' } },
    { who: 'a password, where none is set', change: { privateKey: generateEd25519Keys().private, password: '' } },
  ])('lets nobody in by $who', async ({ change }) => {
    await expect(connect(change)).rejects.toThrow(SftpAuthenticationError)
  })

  it('ends its connections and stops listening', async () => {
    const session = await connect()
    await session.open('half.csv', 'w')
    const { port } = embedded
    await embedded.close()
    await session.closed
    const [error] = (await once(connectSocket(port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNREFUSED')
    embedded = await startEmbeddedSftpServer({ folder, port })
    expect(embedded.port).toBe(port)
  })
})

describe('a path that leads out of the folder', () => {
  beforeEach(async () => {
    await writeFile(join(home, 'secret.txt'), 'secret')
    await mkdir(join(home, 'outside'))
    await symlink(join(home, 'outside'), join(folder, 'link-out'))
    await symlink(join(home, 'secret.txt'), join(folder, 'link.txt'))
  })

  it.each(['../secret.txt', 'a/../../secret.txt', '/../secret.txt', 'link-out/new.txt', 'link.txt'])(
    'is refused: %s',
    async (path) => {
      const session = await connect()
      await expect(session.open(path, 'r')).rejects.toMatchObject({ code: 'sftp.status' })
      await expect(session.open(path, 'w')).rejects.toMatchObject({ code: 'sftp.status', status: 'permission-denied' })
      expect(await readFile(join(home, 'secret.txt'), 'utf8')).toBe('secret')
      expect(await readdir(join(home, 'outside'))).toEqual([])
      await session.end()
    },
  )

  it('is refused for every other request too', async () => {
    const session = await connect()
    const refused = { code: 'sftp.status', status: 'permission-denied' }
    await expect(session.stat('../secret.txt')).rejects.toMatchObject(refused)
    await expect(session.unlink('../secret.txt')).rejects.toMatchObject(refused)
    await expect(session.mkdir('../new')).rejects.toMatchObject(refused)
    await expect(session.readdir('..')).rejects.toMatchObject(refused)
    await expect(session.rename('../secret.txt', 'mine.txt')).rejects.toMatchObject(refused)
    expect((await readdir(home)).sort()).toEqual(['outside', 'secret.txt', 'served'])
    await session.end()
  })

  it('is the root for an absolute one', async () => {
    const session = await connect()
    await session.mkdir('/dock-1')
    expect(await readdir(folder)).toContain('dock-1')
    await session.end()
  })
})
