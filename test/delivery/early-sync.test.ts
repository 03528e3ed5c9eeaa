import { beforeEach, describe, expect, it } from 'vitest'
import { Buffers } from '../../src/delivery/buffers.ts'
import { deliverFile } from '../../src/delivery/deliver-file.ts'
import { EarlySync } from '../../src/delivery/early-sync.ts'
import { RemoteFolders } from '../../src/delivery/remote-folders.ts'
import { RemoteRoom } from '../../src/delivery/remote-room.ts'
import { SftpUnknownOutcomeError } from '../../src/domain/delivery-errors.ts'
import type { SftpSession } from '../../src/ports/sftp-session.ts'
import { MemoryDisk } from '../fakes/memory-disk.ts'
import { MemorySftpServer } from '../fakes/memory-sftp.ts'
import { settle } from '../fakes/virtual-clock.ts'
import { sealed } from './start-delivery.ts'

const mebibyte = 2 ** 20

let server: MemorySftpServer
let session: SftpSession
let early: EarlySync
beforeEach(async () => {
  server = new MemorySftpServer()
  server.put('growing.part', 'so far')
  session = await server.connect(new AbortController().signal)
  early = new EarlySync(session, 'growing.part')
})

const wrote = async (bytes: number): Promise<void> => {
  early.wrote(bytes)
  await settle()
}
const asked = () => server.requests.map(({ name, path }) => `${name} ${path}`)
const [opened, synced, closed] = ['open growing.part', 'fsync growing.part', 'close growing.part'] as const

describe('a file that grows on the server', () => {
  it('is synced for each 16 MiB that were taken, by a handle that is closed at the end', async () => {
    await wrote(16 * mebibyte - 1)
    expect(asked()).toEqual([])
    await wrote(1)
    expect(asked()).toEqual([opened, synced])
    await wrote(16 * mebibyte - 1)
    await wrote(1)
    await early.end()
    expect(asked()).toEqual([opened, synced, synced, closed])
  })

  it('costs nothing where it stays shorter', async () => {
    await wrote(16 * mebibyte - 1)
    await early.end()
    expect(asked()).toEqual([])
  })

  it('is not synced while it is being synced', async () => {
    for (let times = 0; times < 5; times++) early.wrote(16 * mebibyte)
    await settle()
    expect(asked()).toEqual([opened, synced])
    await wrote(1)
    expect(asked()).toEqual([opened, synced, synced])
  })

  it('has been let go of once the end is told, also while it is being synced', async () => {
    early.wrote(16 * mebibyte)
    await early.end()
    expect(asked()).toEqual([opened, synced, closed])
  })
})

describe('a server that does not do it', () => {
  it.each(['open', 'fsync'])('is not asked again: refuses %s', async (refused) => {
    server.fault = ({ name }) => (name === refused ? 'permission-denied' : undefined)
    await wrote(16 * mebibyte)
    await wrote(16 * mebibyte)
    await early.end()
    expect(asked()).toEqual(refused === 'open' ? [opened] : [opened, synced, closed])
  })

  it('is not asked again: has no fsync', async () => {
    let times = 0
    session.fsync = () => Promise.resolve(++times > 1)
    await wrote(16 * mebibyte)
    await wrote(16 * mebibyte)
    await early.end()
    expect(times).toBe(1)
    expect(asked()).toEqual([opened, closed])
  })

  it('may refuse to close it', async () => {
    server.fault = ({ name }) => (name === 'close' ? 'failure' : undefined)
    await wrote(16 * mebibyte)
    await expect(early.end()).resolves.toBeUndefined()
  })
})

describe('a server that fails to do it after it has done it', () => {
  it('is told of at the end, and not asked again', async () => {
    await wrote(16 * mebibyte)
    server.fault = ({ name }) => (name === 'fsync' ? 'failure' : undefined)
    await wrote(16 * mebibyte)
    await wrote(16 * mebibyte)
    await expect(early.end()).rejects.toMatchObject({ request: 'fsync', status: 'failure' })
    expect(asked()).toEqual([opened, synced, synced, closed])
  })
})

describe('a server that does not answer', () => {
  it.each(['open', 'fsync', 'close'])('to %s, is told of at the end', async (lost) => {
    server.fault = ({ name }) => (name === lost ? 'disconnect before' : undefined)
    await wrote(16 * mebibyte)
    await expect(early.end()).rejects.toBeInstanceOf(SftpUnknownOutcomeError)
  })
})

describe('a large file that is delivered', () => {
  const large = sealed(1, 'x'.repeat(17 * mebibyte))
  const deliver = () => {
    const disk = new MemoryDisk()
    disk.put(large.path, 'x'.repeat(17 * mebibyte))
    const names = { folder: '.', temporary: 'suffix' } as const
    return deliverFile(large, {
      ...{ session, disk, names, verify: 'size', syncsName: false, attempt: '00beef' },
      ...{ folders: new RemoteFolders(session), room: new RemoteRoom(session, names), buffers: new Buffers(126_976) },
      shown: new Set<string>(),
    })
  }
  const count = (request: string) => server.requests.filter(({ name }) => name === request).length

  it('has been synced before its end as well as at it, and is open nowhere when it gets its name', async () => {
    expect(await deliver()).toEqual({ outcome: 'delivered', bytes: large.bytes })
    const names = server.requests.map(({ name }) => name)
    expect(names.indexOf('fsync')).toBeLessThan(names.lastIndexOf('write'))
    expect(names.lastIndexOf('fsync')).toBeGreaterThan(names.lastIndexOf('write'))
    expect([count('open'), count('close'), names.lastIndexOf('close') < names.indexOf('rename')]).toEqual([2, 2, true])
  })

  it('is delivered where only the sync at its end is granted', async () => {
    let syncs = 0
    server.fault = ({ name }) => (name === 'fsync' && ++syncs === 1 ? 'failure' : undefined)
    expect(await deliver()).toMatchObject({ outcome: 'delivered' })
    expect(syncs).toBe(2)
  })

  it('leaves nothing open where it is refused', async () => {
    server.capacityBytes = 16.5 * mebibyte
    await expect(deliver()).rejects.toMatchObject({ code: 'sftp.full' })
    expect([count('open'), count('close')]).toEqual([2, 2])
    expect(Object.keys(server.tree())).toEqual(['growing.part'])
  })
})
