import { beforeEach, describe, expect, it } from 'vitest'
import { SftpConnectionLostError } from '../../src/domain/delivery-errors.ts'
import { ManifestFailedError } from '../../src/domain/manifest-errors.ts'
import { csvPath, rest, World } from './start-delivery.ts'

let world: World
beforeEach(() => {
  world = new World()
})

const failure = new ManifestFailedError('manifest.sqlite', 'commit', 'SQLITE_FULL')

interface Verdict {
  readonly call: 'delivered' | 'conflict' | 'refuse' | 'retry'
  readonly of: string
  readonly given: () => void
}

describe('a manifest that does not take what became of a file', () => {
  it.each<Verdict>([
    { call: 'delivered', of: 'that arrived', given: () => undefined },
    { call: 'conflict', of: 'whose name is taken', given: () => world.server.put(csvPath(1), 'of somebody else') },
    { call: 'refuse', of: 'that is not what was sealed', given: () => world.disk.put(csvPath(1), 'changed') },
    {
      ...{ call: 'retry', of: 'that the server refused' },
      given: () => void (world.server.fault = ({ name }) => (name === 'write' ? 'permission-denied' : undefined)),
    },
  ])('ends the session, and nothing is said of the file $of', async ({ call, given }) => {
    await world.seal(1)
    given()
    world.manifest[call] = () => Promise.reject(failure)
    const session = world.run()
    await rest()
    expect(session.error).toBe(failure)
    expect(session.events.map(({ type }) => type)).toEqual(['session.opened', 'file.claimed'])
  })
})

describe('a manifest that fails when it is asked for more', () => {
  it('keeps nobody from hearing what has become of others meanwhile', async () => {
    for (const sequence of [1, 2, 3]) await world.seal(sequence)
    const claim = world.manifest.claim.bind(world.manifest)
    let claims = 0
    world.manifest.claim = async (...asked) => {
      if (++claims === 1) return claim(...asked)
      await rest()
      throw failure
    }
    const session = world.run({ window: 2, filesInFlight: 1 })
    await expect(session.result).rejects.toBe(failure)
    expect(session.paths('file.delivered')).toEqual([csvPath(1), csvPath(2)])
  })

  it('gets back what it had given, and that is told', async () => {
    await world.seal(1)
    world.manifest.nextDue = () => Promise.reject(failure)
    const session = world.run()
    await expect(session.result).rejects.toBe(failure)
    expect(session.events.slice(1)).toMatchObject([
      { type: 'file.claimed', path: csvPath(1) },
      { type: 'file.released', path: csvPath(1) },
    ])
    expect(await world.manifest.counts()).toMatchObject({ pending: 1, sending: 0 })
  })

  it('is the reason for the end where it takes nothing back either, and what is known is told', async () => {
    await world.seal(1)
    world.manifest.nextDue = () => Promise.reject(failure)
    world.manifest.retry = () => Promise.reject(new ManifestFailedError('manifest.sqlite', 'commit', 'SQLITE_IOERR'))
    const session = world.run()
    await expect(session.result).rejects.toBe(failure)
    expect(session.events.slice(1)).toMatchObject([{ type: 'file.claimed', path: csvPath(1) }])
  })

  it('ends the session where it does not say what is left', async () => {
    world.manifest.counts = () => Promise.reject(failure)
    await expect(world.run().finish()).rejects.toBe(failure)
  })
})

describe('a manifest that takes its time', () => {
  it('keeps no file from being sent once another has arrived', async () => {
    for (const sequence of [1, 2, 3]) await world.seal(sequence)
    const told: (() => void)[] = []
    const delivered = world.manifest.delivered.bind(world.manifest)
    world.manifest.delivered = async (...arrival) => {
      await new Promise<void>((resolve) => told.push(resolve))
      return delivered(...arrival)
    }
    let open = 0
    let most = 0
    world.server.fault = ({ name }) => {
      if (name === 'open') most = Math.max(most, ++open)
      if (name === 'rename') open--
      return undefined
    }
    const session = world.run({ filesInFlight: 1 })
    await rest()
    expect(Object.keys(world.server.tree())).toEqual([csvPath(1), csvPath(2), csvPath(3)])
    expect(most).toBe(1)
    expect(await world.manifest.counts()).toMatchObject({ sending: 3, delivered: 0 })
    for (const tell of told) tell()
    expect(await session.finish()).toEqual({ left: 0 })
    expect(session.paths('file.delivered')).toEqual([csvPath(1), csvPath(2), csvPath(3)])
    expect(await world.manifest.counts()).toMatchObject({ sending: 0, delivered: 3 })
  })

  it('has taken back what was never begun by the time that the session has ended', async () => {
    for (const sequence of [1, 2]) await world.seal(sequence)
    world.server.fault = ({ name }) => (name === 'write' ? 'hang' : undefined)
    const retry = world.manifest.retry.bind(world.manifest)
    world.manifest.retry = async (...change) => {
      await rest()
      return retry(...change)
    }
    const session = world.run({ filesInFlight: 1 })
    await rest()
    world.server.disconnect()
    await expect(session.result).rejects.toThrow(SftpConnectionLostError)
    expect(session.paths('file.released')).toEqual([csvPath(1), csvPath(2)])
    expect(await world.manifest.counts()).toMatchObject({ pending: 2, sending: 0 })
  })
})
