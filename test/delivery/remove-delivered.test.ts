import { beforeEach, describe, expect, it } from 'vitest'
import { perState } from '../../src/domain/file-state.ts'
import { ManifestFailedError } from '../../src/domain/manifest-errors.ts'
import { minutes, seconds } from '../../src/domain/units.ts'
import { RowQueue } from '../../src/storage/row-queue.ts'
import { describeScan } from '../../src/storage/scan-report.ts'
import { scanDataFolder } from '../../src/storage/start-scan.ts'
import { MemorySftpServer } from '../fakes/memory-sftp.ts'
import { csvPath, rest, sealed, type Session, World } from './start-delivery.ts'

const none = perState(() => 0)

let world: World
beforeEach(() => {
  world = new World()
})

const keeping = (options: Parameters<World['run']>[0] = {}): Session =>
  world.run({ keepFor: minutes(10), probeEvery: minutes(1), ...options })

const pass = async (time: number) => {
  world.clock.advance(time)
  await rest()
}

/** Files 1 to `count`, delivered in this order. */
const delivered = async (count: number): Promise<Session> => {
  const session = keeping()
  for (let sequence = 1; sequence <= count; sequence++) await world.seal(sequence)
  await rest()
  await rest()
  return session
}

/** Somebody has the first file sent again while the server is asked about it for the second time. */
const resendOnLook = (path: string): void => {
  world.server.fault = (request) => {
    if (request.name === 'stat' && request.path === path) {
      world.server.fault = () => undefined
      void world.manifest.resend(1, 'asked for by belay retry', world.clock.now())
    }
    return undefined
  }
}

describe('a delivered file', () => {
  it('is deleted here once it has been kept long enough and the server still has it', async () => {
    const session = keeping()
    const { path } = await world.seal(1, 'rows\n')
    await rest()
    await pass(minutes(9))
    expect(world.disk.files()).toEqual({ [path]: 'rows\n' })
    await pass(minutes(1))
    expect(world.disk.files()).toEqual({})
    world.disk.crash()
    expect(world.disk.files()).toEqual({})
    expect(world.server.tree()).toEqual({ [path]: 'rows\n' })
    expect(await world.manifest.history(1)).toMatchObject([
      { to: 'pending' },
      { to: 'sending' },
      { to: 'delivered' },
      { to: 'removed', why: 'still on the server' },
    ])
    expect(session.events.at(-1)).toMatchObject({ type: 'file.removed', path, bytes: 5, why: 'still on the server' })
    await session.finish()
  })

  it('is not taken for one that its consumer took where the server lost its power just after the delivery: it has the name', async () => {
    const session = keeping()
    const file = await world.seal(1)
    await rest()
    expect(session.paths('file.delivered')).toEqual([file.path])
    world.server.crash(undefined, world.server.names.forgettable)
    expect(world.server.tree()).toEqual({ [file.path]: 'row of file 1\n' })
  })

  it('costs no sync of its name where its copy stays here', async () => {
    world.run()
    await world.seal(1)
    await rest()
    expect(world.server.requests.filter(({ name }) => name === 'fsync')).toHaveLength(1)
  })

  it('is deleted too where its consumer has taken it from the server', async () => {
    const session = keeping()
    const { path } = await world.seal(1)
    await rest()
    world.server.nodes.delete(path)
    await pass(minutes(10))
    expect(world.disk.files()).toEqual({})
    expect(world.manifest.file(path)).toMatchObject({
      state: 'removed',
      why: 'gone from the server: its consumer took it',
    })
    await session.finish()
  })

  it('is kept where it is missing and its name was not synced, since copies were kept for ever then; which is told once', async () => {
    const before = world.run()
    const paths = [(await world.seal(1)).path, (await world.seal(2)).path]
    await rest()
    await before.finish()
    world.server.nodes.delete(paths[0] ?? '')
    const session = keeping()
    await rest()
    await pass(minutes(10))
    await pass(minutes(1))
    expect(session.paths('file.removed')).toEqual([paths[1]])
    expect(Object.keys(world.disk.files())).toEqual([paths[0]])
    expect(session.events.filter(({ type }) => type === 'removal.failed')).toMatchObject([
      { path: paths[0], why: expect.stringMatching(/^gone from the server, .* may have forgotten it: kept/) as string },
    ])
    await session.finish()
  })

  it.each(['server', 'folder'])(
    'is kept where it had been delivered to another %s, which is told once; what is delivered since is not',
    async (what) => {
      const before = keeping()
      const { path } = await world.seal(1)
      await rest()
      await before.finish()
      const server = new MemorySftpServer()
      Object.assign(server, { address: 'belay@elsewhere:22' })
      const names = { folder: 'other', temporary: 'folder' } as const
      const session = keeping(what === 'server' ? { server } : { names })
      const other = await world.seal(2)
      await rest()
      await pass(minutes(10))
      expect(session.paths('file.removed')).toEqual([other.path])
      expect(Object.keys(world.disk.files())).toEqual([path])
      expect(world.manifest.file(path)).toMatchObject({ state: 'delivered' })
      await pass(minutes(1))
      await session.finish()
      const place = what === 'server' ? 'belay@elsewhere:22 ' : 'belay@memory:22 other/'
      expect(session.events.filter(({ type }) => type === 'removal.failed')).toEqual([
        {
          ...{ type: 'removal.failed', path: what === 'server' ? '.' : 'other' },
          why: `1 file here had been delivered to another place than ${place}, where nobody looks again: kept`,
        },
      ])
      const back = keeping()
      await rest()
      await pass(minutes(1))
      expect(back.paths('file.removed')).toEqual([path])
      await back.finish()
    },
  )

  it.each([
    ['another length', 'size', 'row', 'is 3 bytes long now, ours is 5 bytes'],
    ['another content of the same length', 'readback', 'swor\n', 'has another content now'],
  ] as const)('is kept and set aside where the server has %s by now', async (_, verify, content, words) => {
    const session = keeping({ verify })
    const { path } = await world.seal(1, 'rows\n')
    await rest()
    world.server.put(path, content)
    await pass(minutes(10))
    expect(world.disk.files()).toEqual({ [path]: 'rows\n' })
    expect(world.manifest.file(path)).toMatchObject({
      state: 'conflict',
      why: `${path} had been delivered and ${words}`,
    })
    expect(session.paths('file.conflict')).toEqual([path])
    await session.finish()
  })

  it('is kept while the server doesn’t say', async () => {
    const session = keeping()
    const { path } = await world.seal(1)
    await rest()
    world.server.fault = (request) => (request.path === path ? 'permission-denied' : undefined)
    await pass(minutes(10))
    expect(session.paths('removal.failed')).toEqual([path])
    expect(await world.manifest.counts()).toEqual({ ...none, delivered: 1 })
    world.server.fault = () => undefined
    await pass(minutes(1))
    expect(await world.manifest.counts()).toEqual({ ...none, removed: 1 })
    await session.finish()
  })

  it('is kept, and the session is lost, where the server does not answer at all', async () => {
    const session = keeping()
    const { path } = await world.seal(1)
    await rest()
    // Not the probe's own sign of life: the second look.
    world.server.fault = (request) => (request.path === path ? 'deadline' : undefined)
    await pass(minutes(10))
    expect(session.error).toMatchObject({ code: 'sftp.connection-lost' })
    expect(session.paths('removal.failed')).toEqual([])
    expect(world.manifest.file(path)).toMatchObject({ state: 'delivered' })
    expect(Object.keys(world.disk.files())).toEqual([path])
  })

  it.each([
    ['unlink', 'EACCES'],
    ['syncFolder', 'EIO'],
  ] as const)('is deleted later where the disk doesn’t do it (%s: %s), by the next session too', async (kind, code) => {
    const session = keeping()
    const { path } = await world.seal(1)
    await rest()
    world.disk.onCall = (call) => (call.kind === kind ? { fail: code } : undefined)
    await pass(minutes(10))
    expect(session.paths('removal.failed')).toHaveLength(1)
    expect(world.manifest.file(path)?.state).toBe('removed')
    await session.finish()
    world.disk.onCall = () => undefined
    const next = keeping()
    await rest()
    await pass(minutes(1))
    world.disk.crash()
    expect(world.disk.files()).toEqual({})
    expect(next.paths('removal.failed')).toEqual([])
    await next.finish()
  })

  it('is kept where somebody has it sent again between the second look and the deletion', async () => {
    const session = keeping()
    const { path } = await world.seal(1)
    await world.seal(2)
    await rest()
    resendOnLook(path)
    await pass(minutes(10))
    expect(Object.keys(world.disk.files())).toEqual([path])
    expect([world.manifest.file(path)?.state, world.manifest.file(csvPath(2))?.state]).toEqual(['pending', 'removed'])
    expect([session.error, session.paths('file.removed')]).toEqual([undefined, [csvPath(2)]])
    await pass(minutes(1))
    expect(world.manifest.file(path)?.state).toBe('delivered')
    await session.finish()
  })

  it('is not called a conflict where somebody has it sent again as it is found to be one', async () => {
    const session = keeping()
    const { path } = await world.seal(1)
    await rest()
    world.server.put(path, 'another')
    resendOnLook(path)
    await pass(minutes(10))
    expect([session.error, session.paths('file.conflict')]).toEqual([undefined, []])
    await session.finish()
  })

  it('that is gone here already is recorded as deleted', async () => {
    const session = keeping()
    const { path } = await world.seal(1)
    await rest()
    await world.disk.unlink(path)
    await pass(minutes(10))
    expect(await world.manifest.counts()).toEqual({ ...none, removed: 1 })
    await session.finish()
  })

  it('is kept for ever where nothing else is said', async () => {
    const session = keeping({ keepFor: 'forever' })
    await world.seal(1)
    await rest()
    await pass(minutes(60 * 24 * 365))
    expect(Object.keys(world.disk.files())).toEqual([csvPath(1)])
    await session.finish()
  })
})

describe('files that are not delivered', () => {
  it('are never deleted, however old', async () => {
    const session = keeping()
    for (const sequence of [1, 2, 3]) await world.seal(sequence)
    world.server.fault = ({ name }) => (name === 'open' ? 'failure' : undefined)
    for (let round = 0; round < 40; round++) await pass(minutes(1))
    expect(Object.keys(world.disk.files())).toHaveLength(3)
    expect(await world.manifest.counts()).toEqual({ ...none, pending: 3 })
    await session.finish()
  })
})

describe('many files that were kept long enough', () => {
  it('are all deleted with one probe', async () => {
    const session = await delivered(250)
    expect(await world.manifest.counts()).toEqual({ ...none, delivered: 250 })
    await pass(minutes(10) + seconds(1))
    await rest()
    await rest()
    expect(await world.manifest.counts()).toEqual({ ...none, removed: 250 })
    expect(world.disk.files()).toEqual({})
    await session.finish()
  })
})

describe('a long look at what was kept long enough', () => {
  /** 250 files, the first hundred of which have been looked at; the server takes its time over the rest. */
  const looking = async (): Promise<Session> => {
    const session = await delivered(250)
    const slow = new Set(Array.from({ length: 150 }, (_, index) => csvPath(index + 101)))
    world.server.fault = ({ name, path }) => (name === 'stat' && slow.has(path) ? 'hang' : undefined)
    await pass(minutes(10))
    await rest()
    expect(await world.manifest.counts()).toEqual({ ...none, removed: 100, delivered: 150 })
    return session
  }

  it('keeps nobody from learning that the server is full', async () => {
    const session = await looking()
    world.server.capacityBytes = world.server.usedBytes
    await world.seal(300)
    await rest()
    expect(session.error).toMatchObject({ code: 'sftp.full' })
    expect(await world.manifest.counts()).toEqual({ ...none, removed: 100, delivered: 150, pending: 1 })
  })

  it('keeps no file waiting that somebody has sent again meanwhile', async () => {
    const session = await looking()
    await world.manifest.resend(250, 'asked for by belay retry', world.clock.now())
    await pass(minutes(1))
    expect(session.paths('file.claimed').slice(250)).toEqual([csvPath(250)])
    world.server.disconnect()
    await expect(session.result).rejects.toMatchObject({ code: 'sftp.connection-lost' })
  })
})

describe('files that were kept long enough, some of which stand in the way', () => {
  it('are deleted all but those that the disk doesn’t delete', async () => {
    const session = await delivered(5)
    world.disk.onCall = ({ kind, path }) => (kind === 'unlink' && path === csvPath(1) ? { fail: 'EACCES' } : undefined)
    await pass(minutes(10))
    expect(Object.keys(world.disk.files())).toEqual([csvPath(1)])
    expect(session.events.filter(({ type }) => type === 'removal.failed')).toMatchObject([
      {
        path: csvPath(1),
        why: `unlink of ${csvPath(1)} failed: EACCES. Let the user that runs Belay own the data folder and all in it`,
      },
    ])
    await session.finish()
  })

  it('are recorded no further where the disk deletes nothing at all', async () => {
    const session = await delivered(250)
    world.disk.onCall = ({ kind }) => (kind === 'unlink' ? { fail: 'EROFS' } : undefined)
    for (let round = 0; round < 12; round++) await pass(minutes(1))
    await rest()
    expect(await world.manifest.counts()).toEqual({ ...none, removed: 100, delivered: 150 })
    expect(session.events.find(({ type }) => type === 'removal.failed')).toMatchObject({
      why: `unlink of ${csvPath(1)} failed: EROFS. The disk of the data folder is mounted read-only, and so with 99 others`,
    })
    world.disk.onCall = () => undefined
    await pass(minutes(1))
    await rest()
    expect(world.disk.files()).toEqual({})
    await session.finish()
  })

  it('are all come to, however many the server doesn’t say anything about', async () => {
    const session = await delivered(250)
    const refused = new Set(Array.from({ length: 210 }, (_, index) => csvPath(index + 1)))
    world.server.fault = ({ name, path }) => (name === 'stat' && refused.has(path) ? 'permission-denied' : undefined)
    for (let round = 0; round < 13; round++) {
      await pass(minutes(1))
      await rest()
    }
    expect(await world.manifest.counts()).toEqual({ ...none, removed: 40, delivered: 210 })
    world.server.fault = () => undefined
    for (let round = 0; round < 3; round++) {
      await pass(minutes(1))
      await rest()
    }
    expect(world.disk.files()).toEqual({})
    await session.finish()
  })
})

describe('an archive that was delivered', () => {
  const archive = csvPath(1).replace('.csv', '.tar.gz')
  const members = [csvPath(1), csvPath(2)]

  /** Two files that were packed, and one that waits to be. */
  const packed = async () => {
    for (const sequence of [1, 2, 3]) {
      const file = sealed(sequence, `row ${sequence}\n`)
      world.disk.put(file.path, `row ${sequence}\n`)
      await world.manifest.add(file, world.clock.now(), 'held')
    }
    world.disk.put(archive, 'an archive')
    await world.manifest.pack(members, { ...sealed(1, 'an archive'), path: archive, rows: 2 }, world.clock.now())
  }

  it('is deleted here together with the files that are in it, once it was kept long enough; others stay', async () => {
    await packed()
    const session = keeping()
    await rest()
    expect(await world.manifest.counts()).toEqual({ ...none, held: 1, packed: 2, delivered: 1 })
    await pass(minutes(9))
    expect(Object.keys(world.disk.files()).sort()).toEqual([...members, csvPath(3), archive].sort())
    await pass(minutes(1))
    world.disk.crash()
    expect(Object.keys(world.disk.files())).toEqual([csvPath(3)])
    expect(await world.manifest.counts()).toEqual({ ...none, held: 1, packed: 2, removed: 1 })
    expect(world.manifest.file(archive)?.why).toBe('still on the server; deleted with 2 files in it')
    await session.finish()
  })

  it('keeps them where the second look finds another one in its place', async () => {
    await packed()
    const session = keeping()
    await rest()
    world.server.put(archive, 'another')
    await pass(minutes(10))
    expect(Object.keys(world.disk.files())).toHaveLength(4)
    expect(world.manifest.file(archive)?.state).toBe('conflict')
    await session.finish()
  })

  it('goes with those of them that the disk deletes; the others are tried again', async () => {
    await packed()
    const session = keeping()
    await rest()
    world.disk.failNext('unlink', 'EIO', csvPath(2))
    await pass(minutes(10))
    expect(world.manifest.file(archive)?.state).toBe('removed')
    expect(Object.keys(world.disk.files())).toEqual([csvPath(2), csvPath(3)])
    await pass(minutes(1))
    expect(Object.keys(world.disk.files())).toEqual([csvPath(3)])
    await session.finish()
  })
})

describe('an uploader that is cut off while it removes', () => {
  const cutOff = new Error('cut off')

  it('deletes nothing any more once it has looked', async () => {
    const session = keeping()
    const { path } = await world.seal(1)
    await rest()
    world.server.fault = (request) => {
      if (request.name === 'stat' && request.path === path) session.abort(cutOff)
      return undefined
    }
    await pass(minutes(10))
    await expect(session.result).rejects.toBe(cutOff)
    expect(Object.keys(world.disk.files())).toEqual([path])
  })

  it('still deletes what it has recorded: those files are nobody’s any more', async () => {
    const session = await delivered(2)
    world.disk.onCall = ({ kind }) => {
      if (kind === 'unlink') session.abort(cutOff)
      return undefined
    }
    await pass(minutes(10))
    await expect(session.result).rejects.toBe(cutOff)
    expect(await world.manifest.counts()).toEqual({ ...none, removed: 2 })
    expect(world.disk.files()).toEqual({})
  })

  it('still deletes what it has recorded where the manifest took only a part', async () => {
    const session = await delivered(2)
    const removed = world.manifest.removed.bind(world.manifest)
    const broken = new ManifestFailedError('manifest.sqlite', 'commit', 'SQLITE_IOERR')
    world.manifest.removed = (id, why, at) => (id === 2 ? Promise.reject(broken) : removed(id, why, at))
    await pass(minutes(10))
    await expect(session.result).rejects.toBe(broken)
    expect(await world.manifest.counts()).toEqual({ ...none, removed: 1, delivered: 1 })
    expect(Object.keys(world.disk.files())).toEqual([csvPath(2)])
  })

  it('leaves, if it was killed in between, a file that no start takes in again', async () => {
    const session = keeping()
    const { path } = await world.seal(1)
    await rest()
    world.disk.onCall = ({ kind }) => (kind === 'unlink' ? { hang: true } : undefined)
    await pass(minutes(10))
    session.abort(cutOff)
    world.disk.onCall = () => undefined
    expect(Object.keys(world.disk.files())).toEqual([path])
    const { disk, manifest, clock } = world
    const options = { disk, manifest, clock, queue: new RowQueue(), pack: undefined, priorityOf: () => 5 }
    const report = await scanDataFolder({ ...options, signal: new AbortController().signal })
    expect(describeScan(report)).toBe('the data folder was in order')
    expect(world.manifest.file(path)?.state).toBe('removed')
  })
})
