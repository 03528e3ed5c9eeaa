import { beforeEach, describe, expect, it } from 'vitest'
import { perState } from '../../src/domain/file-state.ts'
import { minutes, seconds } from '../../src/domain/units.ts'
import { csvPath, rest, type Session, World } from './start-delivery.ts'

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
    expect(session.events.at(-1)).toEqual({ type: 'file.removed', path, why: 'still on the server' })
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
