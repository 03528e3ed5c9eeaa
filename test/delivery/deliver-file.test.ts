import { beforeEach, describe, expect, it } from 'vitest'
import { Buffers } from '../../src/delivery/buffers.ts'
import { deliverFile, type Delivered, type Verify } from '../../src/delivery/deliver-file.ts'
import { RemoteFolders } from '../../src/delivery/remote-folders.ts'
import type { RemoteNames } from '../../src/delivery/remote-names.ts'
import { RemoteRoom } from '../../src/delivery/remote-room.ts'
import {
  RemoteConflictError,
  SealedFileChangedError,
  SftpStatusError,
  SftpUnknownOutcomeError,
  VerificationError,
} from '../../src/domain/delivery-errors.ts'
import { DiskError } from '../../src/domain/disk-error.ts'
import { MemoryDisk } from '../fakes/memory-disk.ts'
import { MemorySftpServer, type SftpFault } from '../fakes/memory-sftp.ts'
import { settle } from '../fakes/virtual-clock.ts'
import { csvPath, sealed } from './start-delivery.ts'

const content = 'boot,camera\n7,dock-1\n'
const file = sealed(1, content)
const final = file.path
const temporary = `.belay/dock-1_model_20261122T020836123Z_7-000001.csv.${file.sha256.slice(0, 12)}.00beef.part`

let disk: MemoryDisk
let server: MemorySftpServer
let shown: Set<string>
beforeEach(() => {
  shown = new Set()
  disk = new MemoryDisk()
  disk.put(file.path, content)
  server = new MemorySftpServer()
  // Whatever happens in a test: what stands under the final name is the whole file, or what somebody else put there.
  server.onChange = () => {
    const shown = server.tree()[final]
    if (shown !== undefined && shown !== content && !theirs.includes(shown)) throw new Error(`visible: ${shown}`)
  }
})

const theirs = ['another file', 'x'.repeat(content.length), `${content}.`, 'boot']

/** One try, over a connection of its own. */
const deliver = async (
  names: RemoteNames = { folder: '.', temporary: 'folder' },
  what = file,
  attempt = '00beef',
  verify: Verify = 'size',
  syncsName = false,
): Promise<Delivered> => {
  const session = await server.connect(new AbortController().signal)
  const folders = new RemoteFolders(session)
  const buffers = new Buffers(session.maxWriteBytes)
  const room = new RemoteRoom(session, names)
  const options = { session, disk, folders, room, names, verify, syncsName, shown, attempt, buffers }
  return deliverFile(what, options).finally(() => session.end())
}

/** What goes wrong with the n-th request, once. */
const failAt = (number: number, fault: SftpFault) => {
  server.fault = (request) => (request.number === number ? fault : undefined)
}

describe('a file that is to be read back', () => {
  const readBack = () => deliver({ folder: '.', temporary: 'folder' }, file, '00beef', 'readback')

  it('is read whole before it gets its name', async () => {
    expect(await readBack()).toEqual({ outcome: 'delivered', bytes: 21 })
    const names = server.requests.map(({ name }) => name)
    expect(names.slice(names.indexOf('fsync'))).toEqual([
      'fsync',
      'fstat',
      'close',
      'open',
      'read',
      'close',
      'rename',
      'stat',
    ])
    expect(server.requests.find(({ name }) => name === 'read')?.path).toBe(temporary)
  })

  it('is not delivered where the server stored something else of the same length', async () => {
    server.fault = ({ name, path }) => {
      if (name === 'fsync') server.put(path, 'BOOT'.padEnd(content.length))
      return undefined
    }
    await expect(readBack()).rejects.toMatchObject({ code: 'delivery.verification' })
    expect(server.tree()).toEqual({})
  })
})

describe('a file that is not on the server', () => {
  it('is written under a temporary name, synced, looked at, closed and renamed', async () => {
    await server.connect(new AbortController().signal).then(async (session) => {
      await new RemoteFolders(session).make('dock-1/model')
      await session.mkdir('.belay')
    })
    server.requests.length = 0
    expect(await deliver()).toEqual({ outcome: 'delivered', bytes: 21 })
    expect(server.tree()).toEqual({ [final]: content })
    expect(server.requests.map(({ name, path }) => `${name} ${path}`)).toEqual([
      'stat dock-1/model',
      'stat .belay',
      `stat ${final}`,
      `open ${temporary}`,
      `write ${temporary}`,
      `fsync ${temporary}`,
      `fstat ${temporary}`,
      `close ${temporary}`,
      `rename ${final}`,
      `stat ${final}`,
    ])
  })

  it('is synced, looked at and closed back to back: none of the three waits for the answer to another', async () => {
    server.fault = ({ name }) => (name === 'fsync' ? 'hang' : undefined)
    const delivering = deliver()
    delivering.catch(() => undefined)
    await settle(200)
    expect(server.requests.slice(-3).map(({ name }) => name)).toEqual(['fsync', 'fstat', 'close'])
    server.disconnect()
    await expect(delivering).rejects.toThrow(SftpUnknownOutcomeError)
  })

  it('gets its folders made, below the one of the server', async () => {
    await deliver({ folder: 'line-3/results', temporary: 'folder' })
    expect(server.tree()).toEqual({ [`line-3/results/${final}`]: content })
    expect(server.nodes.get('line-3/results/.belay')).toBe('folder')
  })

  it('grows beside its final name where folders are not to be made for it', async () => {
    await deliver({ folder: '.', temporary: 'suffix' })
    expect(server.tree()).toEqual({ [final]: content })
    expect([...server.nodes.keys()].filter((path) => path.includes('.belay'))).toEqual([])
    expect(server.requests.find(({ name }) => name === 'open')?.path).toBe(
      `${final}.${file.sha256.slice(0, 12)}.00beef.part`,
    )
  })

  it.each([0, 1, 126_975, 126_976, 126_977, 507_903, 507_904, 507_905, 1_500_000])(
    'arrives whole with %i bytes',
    async (length) => {
      const text = Array.from({ length: Math.ceil(length / 8) }, (_, index) => String(index).padStart(8, '0')).join('')
      const large = sealed(2, text.slice(0, length))
      disk.put(large.path, text.slice(0, length))
      server.maxWriteBytes = 261_120
      expect(await deliver({ folder: '.', temporary: 'folder' }, large)).toEqual({
        outcome: 'delivered',
        bytes: length,
      })
      expect(server.tree()[csvPath(2)] === text.slice(0, length)).toBe(true)
    },
  )

  it('is written in pieces of the server’s size, at most eight in flight', async () => {
    const text = 'x'.repeat(20_000)
    const large = sealed(2, text)
    disk.put(large.path, text)
    server.maxWriteBytes = 1000
    let inFlight = 0
    let most = 0
    const session = await server.connect(new AbortController().signal)
    const write = session.write.bind(session)
    session.write = async (...request) => {
      most = Math.max(most, ++inFlight)
      // Slower than the disk.
      await settle(100)
      await write(...request).finally(() => inFlight--)
    }
    const folders = new RemoteFolders(session)
    const names = { folder: '.', temporary: 'folder' } as const
    await deliverFile(large, {
      session,
      disk,
      folders,
      room: new RemoteRoom(session, names),
      names,
      verify: 'size',
      syncsName: false,
      shown,
      buffers: new Buffers(session.maxWriteBytes),
      attempt: '000000',
    })
    expect(most).toBe(8)
    expect(server.requests.filter(({ name }) => name === 'write')).toHaveLength(20)
    expect(server.tree()[csvPath(2)]).toBe(text)
  })
})

describe('a name that is taken on the server', () => {
  it('is adopted, and nothing is written, where the content is ours', async () => {
    server.put(final, content)
    expect(await deliver()).toEqual({ outcome: 'adopted', bytes: 21 })
    expect(server.requests.filter(({ name }) => name === 'write')).toEqual([])
  })

  it.each([
    {
      what: 'a shorter file',
      put: () => server.put(final, 'another file'),
      why: 'it is 12 bytes long, ours is 21 bytes',
    },
    {
      what: 'a longer file',
      put: () => server.put(final, `${content}.`),
      why: 'it is 22 bytes long, ours is 21 bytes',
    },
    {
      what: 'a file of the same length',
      put: () => server.put(final, 'x'.repeat(content.length)),
      why: `its SHA-256 is 7799e51458c8540c1caa9d18e9678b83c4b28e781dd47c22af5d023a3054bea4, ours is ${file.sha256}`,
    },
    {
      what: 'a folder',
      put: () => server.put(`${final}/inside`, 'another file'),
      why: 'it is a folder, ours is 21 bytes',
    },
  ])('is a conflict where it is $what, which stays as it is', async ({ put, why }) => {
    put()
    const before = server.tree()
    await expect(deliver()).rejects.toThrow(new RemoteConflictError(final, why))
    expect(server.tree()).toEqual(before)
  })

  it('is a conflict where it is shorter than the server says', async () => {
    server.put(final, content)
    server.fault = ({ name }) => {
      const node = server.nodes.get(final)
      if (name === 'read' && node !== 'folder' && node) node.content = Buffer.from('boot')
      return undefined
    }
    await expect(deliver()).rejects.toThrow(/its SHA-256 is that of a shorter file/)
  })

  it.each([
    { theirs: content, outcome: 'adopted' },
    { theirs: 'another file', outcome: 'conflict' },
  ])('in the last moment is $outcome, and the temporary file goes', async ({ theirs, outcome }) => {
    server.fault = ({ name }) => {
      if (name === 'rename') server.put(final, theirs)
      return undefined
    }
    const result = await deliver().catch((error: unknown) => error)
    if (outcome === 'adopted') expect(result).toEqual({ outcome: 'adopted', bytes: 21 })
    else expect(result).toBeInstanceOf(RemoteConflictError)
    expect(server.tree()).toEqual({ [final]: theirs })
  })
})

describe('a local file that is not what was sealed', () => {
  it.each([
    { what: 'gone', change: () => void disk.unlink(file.path), why: 'it is gone' },
    { what: 'longer', change: () => disk.put(file.path, `${content}.`), why: 'longer than 21 bytes' },
    { what: 'shorter', change: () => disk.put(file.path, content.slice(1)), why: '20 bytes long, 21 were sealed' },
    { what: 'empty', change: () => disk.put(file.path, ''), why: '0 bytes long, 21 were sealed' },
    { what: 'of other content', change: () => disk.put(file.path, content.replace('7', '8')), why: 'its SHA-256 is ' },
  ])('is refused where it is $what, and leaves nothing on the server', async ({ change, why }) => {
    await disk.makeFolder('open')
    change()
    const error = await deliver().catch((refused: unknown) => refused)
    expect(error).toBeInstanceOf(SealedFileChangedError)
    expect((error as SealedFileChangedError).detail).toContain(why)
    expect(server.tree()).toEqual({})
  })

  it('is another matter than a disk that cannot be read', async () => {
    disk.failNext('read', 'EIO')
    await expect(deliver()).rejects.toThrow(DiskError)
    expect(server.tree()).toEqual({})
    expect(disk.calls.filter(({ kind }) => kind === 'close')).toHaveLength(1)
  })
})

describe('a temporary name that is taken', () => {
  it('is not written into', async () => {
    server.put(temporary, 'of somebody else')
    await expect(deliver()).rejects.toMatchObject({ code: 'sftp.status', request: 'open' })
    expect(server.tree()[final]).toBeUndefined()
  })
})

describe('a folder that another client makes at the same moment', () => {
  it('is as good as ours', async () => {
    server.fault = ({ name, path }) => {
      if (name === 'mkdir') server.nodes.set(path, 'folder')
      return undefined
    }
    expect(await deliver()).toEqual({ outcome: 'delivered', bytes: 21 })
  })

  it('is refused where a file has its name', async () => {
    server.put('dock-1', 'a file')
    await expect(deliver()).rejects.toMatchObject({ code: 'sftp.status', detail: 'a file has the name of this folder' })
  })
})

describe('a server that says that it renamed', () => {
  it('and did not, is found out, and nothing is left', async () => {
    server.fault = ({ name }) => (name === 'rename' ? 'nothing done' : undefined)
    await expect(deliver()).rejects.toThrow(/said that it renamed the file, and did not/)
    expect(server.tree()).toEqual({})
  })

  it('and shows a folder of that name, is in conflict', async () => {
    server.fault = ({ name }) => {
      if (name === 'rename') server.put(`${final}/inside`, 'another file')
      return name === 'rename' ? 'nothing done' : undefined
    }
    const why = 'after our rename it is a folder, ours is 21 bytes'
    await expect(deliver()).rejects.toThrow(new RemoteConflictError(final, why))
  })

  it('is believed where a quick consumer has taken the file by the time that we look', async () => {
    server.onChange = () => void server.nodes.delete(final)
    expect(await deliver()).toEqual({ outcome: 'delivered', bytes: 21 })
  })

  it('is asked again where it looked before it renamed', async () => {
    const session = await server.connect(new AbortController().signal)
    const stat = session.stat.bind(session)
    let looks = 0
    session.stat = async (path) => (path === final && ++looks === 2 ? undefined : stat(path))
    const names = { folder: '.', temporary: 'folder' } as const
    const options = {
      session,
      disk,
      folders: new RemoteFolders(session),
      room: new RemoteRoom(session, names),
      names,
      verify: 'size',
      buffers: new Buffers(session.maxWriteBytes),
      syncsName: false,
      shown,
      attempt: '00beef',
    } as const
    expect(await deliverFile(file, options)).toEqual({ outcome: 'delivered', bytes: 21 })
    expect(looks).toBe(3)
  })

  it('is not believed where another file stands there then', async () => {
    server.fault = ({ name }) => {
      if (name === 'rename') server.nodes.delete(final)
      return undefined
    }
    const putTheirs = server.onChange
    server.onChange = () => {
      if (server.requests.at(-1)?.name === 'stat' && server.nodes.has(final)) server.put(final, 'boot')
      else putTheirs()
    }
    await expect(deliver()).rejects.toThrow(RemoteConflictError)
    expect(server.tree()).toEqual({ [final]: 'boot' })
  })
})

describe('a server that doesn’t say how long an open file is', () => {
  it('is asked once the file is closed', async () => {
    server.fault = ({ name }) => (name === 'fstat' ? 'permission-denied' : undefined)
    expect((await deliver()).outcome).toBe('delivered')
    expect(server.requests.map(({ name, path }) => `${name} ${path}`).slice(-6)).toEqual([
      `fsync ${temporary}`,
      `fstat ${temporary}`,
      `close ${temporary}`,
      `stat ${temporary}`,
      `rename ${final}`,
      `stat ${final}`,
    ])
  })

  it('and stores less of it is found out all the same', async () => {
    server.fault = ({ name }) => (name === 'fstat' ? 'permission-denied' : name === 'write' ? 'short write' : undefined)
    await expect(deliver()).rejects.toThrow(VerificationError)
    expect(server.tree()).toEqual({})
  })

  it('nor of a closed one that has no name yet is not believed', async () => {
    server.fault = ({ name, path }) =>
      name === 'fstat' || (name === 'stat' && path === temporary) ? 'permission-denied' : undefined
    await expect(deliver()).rejects.toThrow(SftpStatusError)
    expect(server.tree()).toEqual({})
  })
})

describe('a server that stores less than it says', () => {
  it('is found out by the size, and nothing of it stays', async () => {
    server.fault = ({ name }) => (name === 'write' ? 'short write' : undefined)
    await expect(deliver()).rejects.toThrow(VerificationError)
    expect(server.tree()).toEqual({})
  })
})

/** How many requests a try takes that has to make its folders: the faults below are tried on each. */
const requestsOfOneTry = 14
const lookingAtSize = 11
const renaming = 13
const everyRequest = Array.from({ length: requestsOfOneTry }, (_, index) => index + 1)

/** What an error names of a request: itself, and its path. */
const asked = (name: string): [name: string, path: string] => [name, name === 'statvfs' ? '.' : temporary]

describe('a request that goes wrong', () => {
  it('is one of fourteen', async () => {
    await deliver()
    expect(server.requests).toHaveLength(requestsOfOneTry)
  })

  it.each(everyRequest.filter((number) => number !== lookingAtSize && number <= renaming))(
    'leaves nothing behind if it is refused: request %i',
    async (number) => {
      failAt(number, 'permission-denied')
      const result = await deliver().catch((error: unknown) => error)
      expect(result).toBeInstanceOf(SftpStatusError)
      expect(server.tree()).toEqual({})
      expect(await deliver(undefined, file, '00cafe')).toEqual({ outcome: 'delivered', bytes: 21 })
    },
  )

  it('is asked again if it is the look after the rename, which nothing undoes', async () => {
    failAt(requestsOfOneTry, 'failure')
    expect(await deliver()).toEqual({ outcome: 'delivered', bytes: 21 })
    expect(server.requests.slice(renaming - 1).map(({ name }) => name)).toEqual(['rename', 'stat', 'stat'])
  })

  it('is refused if that is refused again, and the next try finds the file', async () => {
    server.fault = ({ number }) => (number >= requestsOfOneTry ? 'failure' : undefined)
    await expect(deliver()).rejects.toThrow(SftpStatusError)
    server.fault = () => undefined
    expect(await deliver(undefined, file, '00cafe')).toEqual({ outcome: 'adopted', bytes: 21 })
  })

  it.each(
    everyRequest.flatMap((number) => [
      { number, done: false },
      { number, done: true },
    ]),
  )(
    'is unknown, never failed, if it gets no answer, and the next try converges: request $number, done: $done',
    async ({ number, done }) => {
      failAt(number, done ? 'disconnect after' : 'disconnect before')
      await expect(deliver()).rejects.toThrow(SftpUnknownOutcomeError)
      const visible = server.tree()[final]
      expect(server.requests[renaming - 1]?.name ?? 'rename').toBe('rename')
      expect(visible).toBe(number > renaming || (number === renaming && done) ? content : undefined)
      server.fault = () => undefined
      const again = await deliver(undefined, file, '00cafe')
      expect(again.outcome).toBe(visible === undefined ? 'delivered' : 'adopted')
      expect(server.tree()[final]).toBe(content)
    },
  )

  it.each(['unlink', 'statvfs'])(
    'is unknown, never refused, if there is no answer to the %s after it',
    async (after) => {
      server.fault = ({ name }) => (name === 'write' ? 'failure' : name === after ? 'deadline' : undefined)
      await expect(deliver()).rejects.toThrow(new SftpUnknownOutcomeError(...asked(after), 'no answer within 10 ms'))
    },
  )

  it('of an earlier connection that comes late shows a whole file: no try writes into another’s', async () => {
    const old = await server.connect(new AbortController().signal)
    failAt(renaming, 'disconnect before')
    await expect(deliver()).rejects.toThrow(SftpUnknownOutcomeError)
    let late: Promise<void> | undefined
    server.fault = ({ name }) => {
      // In the middle of the next try the server gets round to it.
      if (name === 'write') late ??= old.rename(temporary, final)
      return undefined
    }
    expect((await deliver(undefined, file, '00cafe')).outcome).toBe('adopted')
    await late
    expect(server.tree()).toEqual({ [final]: content })
  })
})

describe('a file whose copy here is to be deleted some time', () => {
  const deliverForGood = (attempt = '00beef') => deliver(undefined, file, attempt, 'size', true)
  /** What is asked once the file has its name, or is found to have it. */
  const afterwards = () =>
    server.requests.slice(server.requests.findLastIndex(({ name }) => name === 'stat')).map(({ name }) => name)

  it('is synced by its final name before it counts as delivered: a server that loses its power has it then', async () => {
    expect(await deliverForGood()).toEqual({ outcome: 'delivered', bytes: 21 })
    expect(afterwards()).toEqual(['stat', 'open', 'fsync', 'close'])
    server.crash(undefined, server.names.forgettable)
    expect(server.tree()).toEqual({ [final]: content })
  })

  it('is so too where it is adopted: the connection may have gone a moment after the rename', async () => {
    failAt(renaming, 'disconnect after')
    await expect(deliverForGood()).rejects.toThrow(SftpUnknownOutcomeError)
    server.fault = () => undefined
    expect((await deliverForGood('00cafe')).outcome).toBe('adopted')
    server.crash(undefined, server.names.forgettable)
    expect(server.content(final)).toBe(content)
  })

  it('may have been forgotten otherwise, and is then under its temporary name again, or under both', async () => {
    await deliver()
    server.crash(undefined, 2)
    expect(server.tree()).toEqual({ [temporary]: content })
    server = new MemorySftpServer()
    await deliver()
    server.crash(undefined, 1)
    expect(server.tree()).toEqual({ [temporary]: content, [final]: content })
  })

  it('is not delivered while the server does not get it onto its disk; the next try finds it there', async () => {
    server.fault = ({ name, path }) => (name === 'fsync' && path === final ? 'failure' : undefined)
    await expect(deliverForGood()).rejects.toThrow(`SFTP fsync of ${final} was refused`)
    expect(server.tree()).toEqual({ [final]: content })
    server.fault = () => undefined
    expect((await deliverForGood('00cafe')).outcome).toBe('adopted')
    expect(shown).toEqual(new Set())
  })

  it('is delivered, and not sent again, where its consumer has taken it by the time that the sync is tried again', async () => {
    server.fault = ({ name, path }) => (name === 'open' && path === final ? 'failure' : undefined)
    await expect(deliverForGood()).rejects.toThrow(`SFTP open of ${final} was refused`)
    server.nodes.delete(final)
    expect(await deliverForGood('00cafe')).toEqual({ outcome: 'delivered', bytes: 21 })
    expect(server.tree()).toEqual({})
    expect(shown).toEqual(new Set())
  })

  it('is a conflict where another file has its name by then', async () => {
    server.fault = ({ name, path }) => (name === 'fsync' && path === final ? 'failure' : undefined)
    await expect(deliverForGood()).rejects.toThrow(SftpStatusError)
    server.nodes.delete(final)
    server.put(final, 'boot')
    await expect(deliverForGood('00cafe')).rejects.toThrow(RemoteConflictError)
  })

  it('is unknown where its connection goes meanwhile', async () => {
    server.fault = ({ name, path }) => (name === 'open' && path === final ? 'disconnect before' : undefined)
    await expect(deliverForGood()).rejects.toThrow(SftpUnknownOutcomeError)
  })

  it('is delivered where a quick consumer has taken it by then', async () => {
    server.fault = ({ name, path }) => {
      if (name === 'open' && path === final) server.nodes.delete(final)
      return undefined
    }
    expect((await deliverForGood()).outcome).toBe('delivered')
  })

  it('is delivered where we may write there and not read', async () => {
    server.fault = ({ name, path }) => (name === 'open' && path === final ? 'permission-denied' : undefined)
    expect((await deliverForGood()).outcome).toBe('delivered')
  })
})
