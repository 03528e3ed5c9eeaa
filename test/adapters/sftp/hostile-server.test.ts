import type ssh2 from 'ssh2'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSftpConnector } from '../../../src/adapters/sftp/ssh2-connector.ts'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { RemoteFolders } from '../../../src/delivery/remote-folders.ts'
import { OperatingError } from '../../../src/domain/errors.ts'
import { milliseconds, seconds } from '../../../src/domain/units.ts'
import type { SftpSession } from '../../../src/ports/sftp-session.ts'
import { offerExtensions } from './extensions.ts'
import { type RawServer, startRawServer } from './raw-server.ts'

let raw: RawServer

/** A session with a server that opens whatever is asked for, and answers the rest as the test says. */
const connect = async (onSftp: (sftp: ssh2.SFTPWrapper) => void, opens = true): Promise<SftpSession> => {
  raw = await startRawServer({
    onSftp: (sftp) => {
      if (opens) sftp.on('OPEN', (request) => sftp.handle(request, Buffer.from('h')))
      onSftp(sftp)
    },
  })
  onTestFinished(() => raw.close())
  const session = await createSftpConnector({
    ...{ host: '127.0.0.1', port: raw.port, username: 'belay', password: 'any', hostKey: 'accept-any' },
    ...{ connectTimeout: seconds(10), channels: 2, operationTimeout: milliseconds(500), clock: systemClock },
  }).connect(new AbortController().signal)
  onTestFinished(() => session.end())
  return session
}

const attributes = (size: number): ssh2.Attributes => ({ mode: 0o100644, uid: 0, gid: 0, size, atime: 0, mtime: 0 })

describe('a server that answers with what was not asked for', () => {
  it.each<[string, (sftp: ssh2.SFTPWrapper) => void, (session: SftpSession) => Promise<unknown>]>([
    [
      'ok for a handle',
      (sftp) => sftp.on('OPEN', (request) => sftp.status(request, 0)),
      (session) => session.open('a', 'r'),
    ],
    [
      'attributes for a handle',
      (sftp) => sftp.on('OPEN', (request) => sftp.attrs(request, attributes(1))),
      (session) => session.open('a', 'r'),
    ],
    [
      'ok for attributes',
      (sftp) => sftp.on('STAT', (request) => sftp.status(request, 0)),
      (session) => session.stat('a'),
    ],
    [
      'a handle for attributes',
      (sftp) => sftp.on('STAT', (request) => sftp.handle(request, Buffer.from('h'))),
      (session) => session.stat('a'),
    ],
    ...(
      [
        ['ok', (sftp, request) => sftp.status(request, 0)],
        ['a handle', (sftp, request) => sftp.handle(request, Buffer.from('h'))],
        ['attributes', (sftp, request) => sftp.attrs(request, attributes(1))],
        ['names', (sftp, request) => sftp.name(request, [])],
      ] as [string, (sftp: ssh2.SFTPWrapper, request: number) => void][]
    ).map(([what, answer]): [string, (sftp: ssh2.SFTPWrapper) => void, (session: SftpSession) => Promise<unknown>] => [
      `${what} for the room on its disk`,
      (sftp) => {
        offerExtensions(sftp, { 'statvfs@openssh.com': '2' })
        sftp.on('EXTENDED', (request: number) => answer(sftp, request))
      },
      (session) => session.room('.'),
    ]),
    [
      'attributes without a size',
      (sftp) => sftp.on('STAT', (request) => sftp.attrs(request, { mode: 0o100644 } as ssh2.Attributes)),
      (session) => session.stat('a'),
    ],
    [
      'attributes for a yes',
      (sftp) => sftp.on('RENAME', (request) => sftp.attrs(request, attributes(1))),
      (session) => session.rename('a', 'b'),
    ],
    [
      'ok for a list',
      (sftp) => sftp.on('OPENDIR', (request) => sftp.status(request, 0)),
      (session) => session.readdir('a'),
    ],
  ])('gets an error for it: %s', async (_what, onSftp, ask) => {
    const session = await connect(onSftp, false)
    await expect(ask(session)).rejects.toBeInstanceOf(OperatingError)
  })

  it('has sent no data if it says ok to a read', async () => {
    const session = await connect((sftp) => sftp.on('READ', (request) => sftp.status(request, 0)))
    const handle = await session.open('a', 'r')
    expect(await session.read(handle, new Uint8Array(10), 0)).toBe(0)
  })

  it('does not get more data into our buffer than we asked for', async () => {
    const session = await connect((sftp) => sftp.on('READ', (request) => sftp.data(request, Buffer.alloc(100, 'x'))))
    const handle = await session.open('a', 'r')
    const memory = new Uint8Array(100)
    const count = await session.read(handle, memory.subarray(0, 10), 0).catch((error: unknown) => {
      expect(error).toBeInstanceOf(OperatingError)
      return 0
    })
    expect(count).toBeLessThanOrEqual(10)
    expect(memory.subarray(10).every((byte) => byte === 0)).toBe(true)
  })

  it('is heard once, if it answers twice', async () => {
    const session = await connect((sftp) =>
      sftp.on('STAT', (request) => {
        sftp.attrs(request, attributes(1))
        sftp.status(request, 4)
      }),
    )
    expect(await session.stat('a')).toEqual({ size: 1, isFolder: false })
    expect(await session.stat('a')).toEqual({ size: 1, isFolder: false })
  })

  it('may name a size that no file has', async () => {
    const session = await connect((sftp) => sftp.on('STAT', (request) => sftp.attrs(request, attributes(2 ** 53))))
    expect((await session.stat('a'))?.size).toBe(2 ** 53)
  })
})

/** Each attribute is the server's choice, by the protocol. */
describe('a server that says little of what it has', () => {
  const none = {} as ssh2.Attributes

  it('need not say the size of a folder, nor that it is one', async () => {
    const answers = [
      { mode: 0o040755 } as ssh2.Attributes,
      { size: 4_096 } as ssh2.Attributes,
      { ...none, mode: 0o755, size: 1 },
    ]
    const session = await connect((sftp) => sftp.on('STAT', (request) => sftp.attrs(request, answers.shift() ?? none)))
    expect(await session.stat('a')).toEqual({ size: 0, isFolder: true })
    expect(await session.stat('a')).toEqual({ size: 4_096, isFolder: undefined })
    expect(await session.stat('a')).toEqual({ size: 1, isFolder: undefined })
  })

  it('has what is in a folder looked at by its names', async () => {
    let isListed = false
    const session = await connect((sftp) => {
      sftp.on('OPENDIR', (request) => sftp.handle(request, Buffer.from('h')))
      sftp.on('CLOSE', (request) => sftp.status(request, 0))
      sftp.on('READDIR', (request) => {
        if (isListed) return sftp.status(request, 1)
        isListed = true
        return sftp.name(request, [{ filename: 'a.part', longname: 'a.part', attrs: none }])
      })
    })
    expect(await session.readdir('a')).toEqual([{ name: 'a.part', modifiedAtSeconds: 0, isFolder: undefined }])
  })

  it('has a folder made in what it does not call a folder', async () => {
    const made: string[] = []
    const session = await connect((sftp) => {
      sftp.on('STAT', (request, path) =>
        path === 'in' ? sftp.attrs(request, { size: 4_096 } as ssh2.Attributes) : sftp.status(request, 2),
      )
      sftp.on('MKDIR', (request, path) => {
        made.push(path)
        sftp.status(request, 0)
      })
    })
    await new RemoteFolders(session).make('in/dock-1')
    expect(made).toEqual(['in/dock-1'])
  })
})

describe('a server that offers fsync@openssh.com', () => {
  const syncing = async (status: number): Promise<boolean> => {
    const session = await connect((sftp) => {
      offerExtensions(sftp, { 'fsync@openssh.com': '1' })
      sftp.on('EXTENDED', (request: number) => sftp.status(request, status))
    })
    return session.fsync(await session.open('a', 'w'))
  }

  it.each([
    ['carries it out has it', 0, true],
    ['doesn’t know it has none', 8, false],
    ['doesn’t allow it to us has none', 3, false],
  ])('and %s', async (_what, status, expected) => {
    expect(await syncing(status)).toBe(expected)
  })

  it('and fails to carry it out is believed', async () => {
    await expect(syncing(4)).rejects.toMatchObject({ code: 'sftp.status', status: 'failure' })
  })
})

describe('a server that answers late', () => {
  it('is not waited for, and its answer is not taken for that of another request', async () => {
    const session = await connect((sftp) => {
      sftp.on('STAT', (request) => setTimeout(() => sftp.attrs(request, attributes(1)), 700))
    })
    await expect(session.stat('a')).rejects.toMatchObject({ code: 'sftp.unknown-outcome' })
    expect(await session.closed).toBe('no answer to stat within 500 ms')
    await expect.poll(() => raw.connections).toBe(0)
  })
})

describe('a server that goes away at a request', () => {
  const requests: [string, (session: SftpSession) => Promise<unknown>][] = [
    ['OPEN', (session) => session.open('a', 'w')],
    ['STAT', (session) => session.stat('a')],
    ['MKDIR', (session) => session.mkdir('a')],
    ['RENAME', (session) => session.rename('a', 'b')],
    ['REMOVE', (session) => session.unlink('a')],
    ['OPENDIR', (session) => session.readdir('a')],
  ]
  it.each(requests)('leaves it unknown: %s', async (name, ask) => {
    const session = await connect((sftp) => sftp.on(name, () => sftp.end()), false)
    await expect(ask(session)).rejects.toMatchObject({ code: 'sftp.unknown-outcome' })
    expect(await session.closed).not.toBe('')
  })

  it.each<[string, (session: SftpSession, handle: Awaited<ReturnType<SftpSession['open']>>) => Promise<unknown>]>([
    ['WRITE', (session, handle) => session.write(handle, Buffer.from('x'), 0)],
    ['READ', (session, handle) => session.read(handle, new Uint8Array(1), 0)],
    ['FSTAT', (session, handle) => session.fstat(handle)],
    ['CLOSE', (session, handle) => session.close(handle)],
  ])('leaves it unknown for an open file: %s', async (name, ask) => {
    const session = await connect((sftp) => sftp.on(name, () => sftp.end()))
    const handle = await session.open('a', 'w')
    await expect(ask(session, handle)).rejects.toMatchObject({ code: 'sftp.unknown-outcome' })
  })
})

describe('a server that breaks the protocol', () => {
  it('loses the connection, and nothing hangs', async () => {
    const session = await connect((sftp) =>
      sftp.on('STAT', () => {
        // A packet of a type that doesn't exist.
        const raw = sftp as unknown as {
          _protocol: { channelData(id: number, data: Buffer): void }
          outgoing: { id: number }
        }
        raw._protocol.channelData(raw.outgoing.id, Buffer.from([0, 0, 0, 5, 250, 0, 0, 0, 1]))
      }),
    )
    await expect(session.stat('a')).rejects.toMatchObject({ code: 'sftp.unknown-outcome' })
    expect(await session.closed).toBe('the server broke the protocol: Unknown packet type 250')
  })
})
