import { beforeEach, describe, expect, it } from 'vitest'
import { perState } from '../../src/domain/file-state.ts'
import { minutes, seconds } from '../../src/domain/units.ts'
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

  it('is kept while the server doesn’t say, and while it cannot be deleted', async () => {
    const session = keeping()
    const { path } = await world.seal(1)
    await rest()
    world.server.fault = (request) => (request.path === path ? 'permission-denied' : undefined)
    await pass(minutes(10))
    expect(session.paths('removal.failed')).toEqual([path])
    world.server.fault = () => undefined
    world.disk.onCall = ({ kind }) => (kind === 'unlink' ? { fail: 'EROFS' } : undefined)
    await pass(minutes(1))
    expect(session.paths('removal.failed')).toEqual([path, path])
    expect(await world.manifest.counts()).toEqual({ ...none, delivered: 1 })
    world.disk.onCall = () => undefined
    await pass(minutes(1))
    expect(await world.manifest.counts()).toEqual({ ...none, removed: 1 })
    await session.finish()
  })

  it('whose deletion was cut off before it was recorded is recorded the next time', async () => {
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
    const session = keeping()
    for (let sequence = 1; sequence <= 250; sequence++) await world.seal(sequence)
    await rest()
    await rest()
    expect(await world.manifest.counts()).toEqual({ ...none, delivered: 250 })
    await pass(minutes(10) + seconds(1))
    await rest()
    await rest()
    expect(await world.manifest.counts()).toEqual({ ...none, removed: 250 })
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
    expect(world.manifest.file(archive)?.why).toBe('still on the server; deleted with the 2 files in it')
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

  it('is recorded as deleted only when all of them are, durably', async () => {
    await packed()
    const session = keeping()
    await rest()
    world.disk.failNext('unlink', 'EIO', csvPath(2))
    await pass(minutes(10))
    expect(world.manifest.file(archive)?.state).toBe('delivered')
    expect(world.disk.content(archive)).toBeDefined()
    await pass(minutes(1))
    expect(world.manifest.file(archive)?.state).toBe('removed')
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

  it('records nothing any more once it has deleted: the file may be in other hands', async () => {
    const session = keeping()
    const { path } = await world.seal(1)
    await rest()
    world.disk.onCall = ({ kind }) => {
      if (kind === 'unlink') session.abort(cutOff)
      return undefined
    }
    await pass(minutes(10))
    await expect(session.result).rejects.toBe(cutOff)
    expect(world.manifest.file(path)?.state).toBe('delivered')
  })
})
