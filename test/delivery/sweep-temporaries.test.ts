import { beforeEach, describe, expect, it } from 'vitest'
import { ManifestFailedError } from '../../src/domain/manifest-errors.ts'
import type { RemoteNames } from '../../src/delivery/remote-names.ts'
import { minutes, seconds } from '../../src/domain/units.ts'
import { csvPath, rest, type Session, World } from './start-delivery.ts'

let world: World
beforeEach(() => {
  world = new World()
})

const probed = (names: RemoteNames = { folder: '.', temporary: 'folder' }): Session =>
  world.run({ probeEvery: seconds(30), names })

const pass = async (time: number) => {
  world.clock.advance(time)
  await rest()
}

/** What a lost session left of file 1, by the name of its try. */
const leftBehind = (attempt: string, folder = '.belay'): string =>
  `${folder}/${csvPath(1).split('/')[2]}.0123456789ab.${attempt}.part`

const temporaries = () => Object.keys(world.server.tree()).filter((path) => path.endsWith('.part'))

describe('temporary files that sessions leave while the daemon goes on', () => {
  it('are swept by the next one, though it has nothing to send', async () => {
    await world.seal(1)
    await world.run().finish()
    world.server.put(leftBehind('000001'), 'half')
    const session = probed()
    await rest()
    expect(temporaries()).toHaveLength(1)
    await pass(seconds(30))
    expect(temporaries()).toEqual([])
    await session.finish()
  })

  it('do not collect: those that come after the sweep are swept within the hour', async () => {
    await world.seal(1)
    const session = probed()
    await rest()
    await pass(minutes(1))
    // The server carries out late what an earlier session had asked for.
    for (const attempt of ['000001', '000002']) world.server.put(leftBehind(attempt), 'half')
    await pass(minutes(58))
    expect(temporaries()).toHaveLength(2)
    await pass(minutes(2))
    expect(temporaries()).toEqual([])
    await session.finish()
  })

  it('are swept again beside the files too, in the folders that this session has written to', async () => {
    await world.seal(1)
    const session = probed({ folder: 'up', temporary: 'suffix' })
    await rest()
    world.server.put(leftBehind('000001', 'up/dock-1/model'), 'half')
    const others = ['up/dock-1/model/dock-1_model_20261122T020836123Z_7-000009.csv.0123456789ab.000000.part']
    world.server.put(others[0] ?? '', 'of another Belay')
    await pass(minutes(60) + seconds(30))
    expect(temporaries()).toEqual(others)
    await session.finish()
  })

  it('are not taken from a try that is being made', async () => {
    world.random = 0.5
    await world.seal(1)
    const session = probed()
    world.server.fault = ({ name }) => (name === 'fsync' ? 'hang' : undefined)
    await rest()
    const inHand = temporaries()
    expect(inHand).toHaveLength(1)
    world.server.put(leftBehind('000001'), 'half')
    await pass(minutes(60) + seconds(30))
    expect(temporaries()).toEqual(inHand)
    world.server.disconnect()
    await rest()
    expect(session.ended).toBe(true)
  })

  it('are left to the next sweep where the server refuses', async () => {
    await world.seal(1)
    const session = probed()
    await rest()
    world.server.put(leftBehind('000001'), 'half')
    world.server.fault = ({ name }) => (name === 'unlink' || name === 'readdir' ? 'permission-denied' : undefined)
    await pass(minutes(60) + seconds(30))
    expect(session.ended).toBe(false)
    world.server.fault = () => undefined
    await pass(minutes(60) + seconds(30))
    expect(temporaries()).toEqual([])
    await session.finish()
  })
})

describe('folders in which files stand beside their temporary ones', () => {
  const names = { folder: 'up', temporary: 'suffix' } as const
  const asked = () => world.server.requests.filter(({ name }) => name === 'readdir').map(({ path }) => path)

  it('are swept when this session begins to write there, and no file waits for it', async () => {
    world.server.put(leftBehind('000001', 'up/dock-1/model'), 'half')
    await world.seal(1)
    let answer: () => void = () => undefined
    const connect = world.server.connect.bind(world.server)
    world.server.connect = async (signal) => {
      const session = await connect(signal)
      const readdir = session.readdir.bind(session)
      session.readdir = async (path) => {
        await new Promise<void>((resolve) => (answer = resolve))
        return readdir(path)
      }
      return session
    }
    const session = world.run({ names })
    await rest()
    expect(session.paths('file.delivered')).toEqual([csvPath(1)])
    expect(temporaries()).toHaveLength(1)
    answer()
    await rest()
    expect(temporaries()).toEqual([])
    await session.finish()
  })

  it('are listed one after another', async () => {
    world.server.fault = ({ name }) => (name === 'readdir' ? 'hang' : undefined)
    for (const camera of ['dock-1', 'dock-2', 'dock-3']) await world.seal(1, 'rows\n', camera)
    const session = world.run({ names })
    await rest()
    expect(session.paths('file.delivered')).toHaveLength(3)
    expect(asked()).toHaveLength(1)
    await session.finish()
  })
})

describe('a manifest that fails while a folder is swept', () => {
  it.each([
    { temporary: 'folder', folder: '.belay' },
    { temporary: 'suffix', folder: 'dock-1/model' },
  ] as const)('ends the session, and nothing is said of a file ($temporary)', async ({ temporary, folder }) => {
    world.server.put(leftBehind('000001', folder), 'half')
    await world.seal(1)
    const failure = new ManifestFailedError('manifest.sqlite', 'commit', 'SQLITE_FULL')
    const known = world.manifest.has.bind(world.manifest)
    world.manifest.has = () => Promise.reject(failure)
    const session = world.run({ names: { folder: '.', temporary } })
    await rest()
    expect(session.error).toBe(failure)
    expect(session.paths('file.failed')).toEqual([])
    expect(world.manifest.file(csvPath(1))).toMatchObject({ attempts: 0, faults: 0 })
    world.manifest.has = known
    world.random = 0.5
    await world.run({ names: { folder: '.', temporary } }).finish()
    expect(world.server.tree()).toEqual({ [csvPath(1)]: 'row of file 1\n' })
  })
})
