import { beforeEach, describe, expect, it } from 'vitest'
import { perState } from '../../src/domain/file-state.ts'
import { minutes, seconds } from '../../src/domain/units.ts'
import { csvPath, rest, World } from './start-delivery.ts'

const none = perState(() => 0)

let world: World
beforeEach(() => {
  world = new World()
})

const isFile = (sequence: number, path: string) => path.includes(`-${String(sequence).padStart(6, '0')}.csv`)

describe('a server without room', () => {
  const rows = 'x'.repeat(1000)

  it('ends the session, counts no try, and leaves nothing of the file behind', async () => {
    world.server.capacityBytes = 1500
    for (const sequence of [1, 2, 3]) await world.seal(sequence, rows)
    const session = world.run({ filesInFlight: 1 })
    await expect(session.result).rejects.toMatchObject({ code: 'sftp.full', neededBytes: 1000, freeBytes: 500 })
    expect(world.server.tree()).toEqual({ [csvPath(1)]: rows })
    expect(await world.manifest.counts()).toEqual({ ...none, delivered: 1, pending: 2 })
    expect(world.manifest.file(csvPath(2))).toMatchObject({ attempts: 0, faults: 0, ambiguous: false })
  })

  it('lets what is in hand finish first, so that it can tidy up', async () => {
    world.server.capacityBytes = 1500
    for (const sequence of [1, 2, 3, 4]) await world.seal(sequence, rows)
    await expect(world.run().result).rejects.toMatchObject({ code: 'sftp.full' })
    expect(Object.keys(world.server.tree()).filter((path) => path.includes('.part'))).toEqual([])
    expect(await world.manifest.counts()).toMatchObject({ sending: 0, conflict: 0, refused: 0, deadLetter: 0 })
  })

  it('takes what fits and has no try counted, however many files are in hand', async () => {
    const large = 'x'.repeat(100_000)
    world.server.capacityBytes = 530_000
    const count = 40
    for (let sequence = 1; sequence <= count; sequence++) await world.seal(sequence, large)
    let roomFor = 0
    const delivered: number[] = []
    while ((await world.manifest.counts()).delivered < count) {
      const session = world.run({ roomFor })
      await rest()
      if (session.ended) expect(session.error).toMatchObject({ code: 'sftp.full', neededBytes: 100_000 })
      else await session.finish()
      expect(world.manifest.entries.filter(({ attempts, faults }) => attempts + faults > 0)).toEqual([])
      roomFor = 100_000
      delivered.push((await world.manifest.counts()).delivered)
      world.server.capacityBytes += 120_000
      world.clock.advance(minutes(1))
    }
    // Once it is known to be full, each round brings what there is room for: 5.3 files at first, 1.2 more each time.
    expect(delivered.slice(1)).toEqual(delivered.slice(1).map((_, round) => Math.floor(5.3 + 1.2 * (round + 1))))
    expect(Object.keys(world.server.tree()).filter((path) => path.includes('.part'))).toEqual([])
  })

  it('leaves a file that finds no room its turn', async () => {
    world.server.capacityBytes = 500
    await world.seal(1, rows)
    world.clock.advance(seconds(60))
    await world.seal(2, 'short\n')
    world.clock.advance(seconds(60))
    await expect(world.run({ window: 1 }).result).rejects.toMatchObject({ code: 'sftp.full' })
    expect((await world.manifest.claim(1, world.clock.now())).map(({ path }) => path)).toEqual([csvPath(1)])
  })

  it('is told at once while a folder is being listed for what was left in it', async () => {
    world.server.fault = ({ name }) => (name === 'readdir' ? 'hang' : undefined)
    const session = world.run({ names: { folder: 'up', temporary: 'suffix' } })
    await world.seal(1, rows)
    await rest()
    expect(session.paths('file.delivered')).toEqual([csvPath(1)])
    world.server.capacityBytes = 1500
    await world.seal(2, rows)
    await rest()
    expect(session.error).toMatchObject({ code: 'sftp.full' })
    expect(await world.manifest.counts()).toEqual({ ...none, delivered: 1, pending: 1 })
  })

  it('is full too where no more names may be made, however many bytes are free', async () => {
    world.server.namesLeft = 0
    world.server.fault = ({ name }) => (name === 'open' ? 'failure' : undefined)
    await world.seal(1)
    await expect(world.run().result).rejects.toMatchObject({ code: 'sftp.full', freeBytes: 0 })
    expect(world.manifest.file(csvPath(1))).toMatchObject({ state: 'pending', attempts: 0 })
  })

  it('is asked for room before anything is claimed, when it was full before', async () => {
    world.server.capacityBytes = 500
    await world.seal(1, rows)
    const changes = world.manifest.changes.length
    const again = world.run({ roomFor: 1000 })
    await expect(again.result).rejects.toMatchObject({ code: 'sftp.full' })
    expect(again.events).toEqual([])
    expect(world.manifest.changes).toHaveLength(changes)
    world.server.capacityBytes = 1000
    expect(await world.run({ roomFor: 1000 }).finish()).toEqual({ left: 0 })
    expect(world.server.tree()).toEqual({ [csvPath(1)]: rows })
  })

  it('that doesn’t tell its room is tried with a file', async () => {
    world.server.tellsRoom = false
    world.server.fault = ({ name }) => (name === 'write' ? 'no-space' : undefined)
    await world.seal(1)
    await expect(world.run({ roomFor: 1000 }).result).rejects.toMatchObject({ code: 'sftp.full', freeBytes: undefined })
    world.server.fault = () => undefined
    expect(await world.run({ roomFor: 1000 }).finish()).toEqual({ left: 0 })
  })

  it('takes what fits while a larger file waits for room, and that one once there is', async () => {
    world.server.capacityBytes = 1500
    await world.seal(1, 'x'.repeat(2000))
    await world.seal(2, 'x'.repeat(100))
    const first = world.run({ filesInFlight: 1 })
    await expect(first.result).rejects.toMatchObject({ code: 'sftp.full', neededBytes: 2000 })
    expect(first.paths('file.delivered')).toEqual([])
    const second = world.run({ filesInFlight: 1, roomFor: 2000 })
    await expect(second.result).rejects.toMatchObject({ code: 'sftp.full', neededBytes: 2000, freeBytes: 1400 })
    expect(second.paths('file.claimed')).toEqual([csvPath(2)])
    expect(second.paths('file.delivered')).toEqual([csvPath(2)])
    world.server.capacityBytes = 2100
    const third = world.run({ filesInFlight: 1, roomFor: 2000 })
    expect(await third.finish()).toEqual({ left: 0 })
    expect(world.manifest.entries).toMatchObject([
      { state: 'delivered', attempts: 0 },
      { state: 'delivered', attempts: 0 },
    ])
  })

  it.each([
    ['that there is no space, and not how much there is', false, 'no-space', [2, 3, 4, 1]],
    ['always that nothing is free', true, 'failure', [2, 1, 3, 4]],
  ] as const)(
    'that says %s is tried with shorter files before one like that which it refused',
    async (_, tells, status, turns) => {
      world.server.tellsRoom = tells
      world.server.saysFreeBytes = 0
      const refusing = (sequence: number) => {
        world.server.fault = ({ name, path }) => (name === 'write' && isFile(sequence, path) ? status : undefined)
      }
      refusing(1)
      await world.seal(1, rows)
      for (const sequence of [2, 3, 4]) await world.seal(sequence)
      await expect(world.run({ filesInFlight: 1 }).result).rejects.toMatchObject({ code: 'sftp.full' })
      const second = world.run({ filesInFlight: 4, roomFor: 1000, probeEvery: seconds(30) })
      await rest()
      expect(second.paths('file.delivered')).toEqual([2, 3, 4].map((sequence) => csvPath(sequence)))
      expect(second.paths('file.claimed')).toEqual(turns.map((sequence) => csvPath(sequence)))
      if (tells) {
        // It took files while nothing was free: then it is no reason, and this one has failed.
        expect(second.paths('file.failed')).toEqual([csvPath(1)])
        await second.finish()
        expect(world.manifest.file(csvPath(1))).toMatchObject({ state: 'pending', attempts: 1 })
      } else {
        await expect(second.result).rejects.toMatchObject({ code: 'sftp.full', neededBytes: 1000 })
        expect(world.manifest.file(csvPath(1))).toMatchObject({ state: 'pending', attempts: 0 })
      }
    },
  )

  it('that says that nothing is free is tried with one file at a time', async () => {
    world.server.capacityBytes = 0
    for (const sequence of [1, 2, 3]) await world.seal(sequence)
    const again = world.run({ roomFor: 14 })
    await expect(again.result).rejects.toMatchObject({ code: 'sftp.full', freeBytes: 0 })
    expect(again.paths('file.claimed')).toEqual([csvPath(1)])
    expect(world.manifest.file(csvPath(1))).toMatchObject({ state: 'pending', attempts: 0 })
  })

  it('is asked for room again before each claim, and gets the larger one in the same session', async () => {
    world.server.capacityBytes = 1500
    await world.seal(1, 'x'.repeat(2000))
    await world.seal(2)
    world.server.fault = ({ name, path }) => {
      if (name === 'rename' && isFile(2, path)) world.server.capacityBytes = 5000
      return undefined
    }
    const session = world.run({ roomFor: 2000 })
    expect(await session.finish()).toEqual({ left: 0 })
    expect(session.paths('file.delivered')).toEqual([csvPath(2), csvPath(1)])
  })

  it.each(['mkdir', 'open', 'fsync', 'close', 'rename'])('is told apart at %s too', async (request) => {
    await world.seal(1)
    world.server.capacityBytes = 3
    world.server.fault = ({ name }) => (name === request ? 'failure' : undefined)
    await expect(world.run().result).rejects.toMatchObject({ code: 'sftp.full' })
  })

  it('is not taken for full where it has room, or where it refuses for another reason', async () => {
    await world.seal(1)
    world.server.fault = ({ name }) => (name === 'write' ? 'failure' : undefined)
    const session = world.run()
    await rest()
    expect(session.paths('file.failed')).toEqual([csvPath(1)])
    world.server.capacityBytes = 3
    world.server.fault = ({ name }) => (name === 'open' ? 'permission-denied' : undefined)
    world.clock.advance(1000)
    await rest()
    expect(session.paths('file.failed')).toEqual([csvPath(1), csvPath(1)])
    await session.finish()
  })
})

describe('a file that the server refuses while it takes others', () => {
  const poison = (sequence: number) => {
    world.server.fault = ({ name, path }) => (name === 'write' && isFile(sequence, path) ? 'failure' : undefined)
  }

  it('is a dead letter after so many failures, says why, and holds up nobody', async () => {
    poison(1)
    const session = world.run({ deadLetterAfter: 3 })
    await world.seal(1)
    await rest()
    for (let other = 2; other <= 4; other++) {
      expect(world.manifest.file(csvPath(1))?.state).toBe('pending')
      await world.seal(other)
      await rest()
      world.clock.advance(seconds(300))
      await rest()
    }
    expect(world.manifest.file(csvPath(1))).toMatchObject({ state: 'deadLetter', attempts: 4, faults: 3 })
    expect(session.paths('file.delivered')).toEqual([csvPath(2), csvPath(3), csvPath(4)])
    expect(session.events.at(-1)).toMatchObject({
      type: 'file.deadLetter',
      path: csvPath(1),
      why: expect.stringMatching(
        /write of .*-000001.csv.* was refused.* It failed 3 times while others arrived$/,
      ) as string,
    })
    expect(world.counters.setAside).toBe(1)
    await session.finish()
  })

  it('for want of room that it does not tell of is no dead letter while only shorter ones arrive', async () => {
    world.server.tellsRoom = false
    world.server.capacityBytes = 1000
    await world.seal(1, 'x'.repeat(2000))
    const session = world.run({ deadLetterAfter: 1 })
    await rest()
    for (let other = 2; other <= 11; other++) {
      await world.seal(other)
      await rest()
      world.clock.advance(seconds(300))
      await rest()
    }
    expect(session.paths('file.delivered')).toHaveLength(10)
    expect(world.manifest.file(csvPath(1))).toMatchObject({ state: 'pending', attempts: 11, faults: 0 })
    world.server.capacityBytes = Infinity
    world.clock.advance(seconds(300))
    await rest()
    expect(world.manifest.file(csvPath(1))).toMatchObject({ state: 'delivered' })
    await session.finish()
  })

  it('is sent again when told to, by whoever writes to the manifest, at the next probe', async () => {
    poison(1)
    const file = await world.seal(1)
    const session = world.run({ deadLetterAfter: 1, probeEvery: seconds(30) })
    await rest()
    await world.seal(2)
    await rest()
    world.clock.advance(1000)
    await rest()
    expect(world.manifest.file(file.path)?.state).toBe('deadLetter')
    world.server.fault = () => undefined
    await world.manifest.resend(1, 'asked for', world.clock.now())
    world.clock.advance(seconds(28))
    await rest()
    expect(world.manifest.file(file.path)?.state).toBe('pending')
    world.clock.advance(seconds(1))
    await rest()
    expect(world.manifest.file(file.path)).toMatchObject({ state: 'delivered', attempts: 0, faults: 0 })
    await session.finish()
  })

  it('is not to blame for one that had arrived before it failed, however long the manifest takes over that', async () => {
    poison(1)
    const delivered = world.manifest.delivered.bind(world.manifest)
    let record: () => void = () => undefined
    const recorded = new Promise<void>((resolve) => (record = resolve))
    world.manifest.delivered = (id, at) => recorded.then(() => delivered(id, at))
    await world.seal(2)
    const session = world.run()
    await rest()
    expect(Object.keys(world.server.tree())).toEqual([csvPath(2)])
    await world.seal(1)
    await rest()
    expect(session.paths('file.failed')).toEqual([csvPath(1)])
    record()
    await rest()
    world.clock.advance(1000)
    await rest()
    expect(world.manifest.file(csvPath(1))).toMatchObject({ attempts: 2, faults: 0 })
    await session.finish()
  })

  it('is never one where the server takes nothing at all', async () => {
    world.server.fault = ({ name }) => (name === 'write' ? 'failure' : undefined)
    const session = world.run({ deadLetterAfter: 1 })
    for (const sequence of [1, 2]) await world.seal(sequence)
    for (let round = 0; round < 20; round++) {
      await rest()
      world.clock.advance(seconds(300))
    }
    await rest()
    expect(await world.manifest.counts()).toEqual({ ...none, pending: 2 })
    expect(world.manifest.file(csvPath(1))).toMatchObject({ faults: 0 })
    await session.finish()
  })
})

describe('a file whose name the server shows and refuses to sync', () => {
  const keeping = { keepFor: minutes(10), deadLetterAfter: 1 }
  const refuseSync = () => {
    world.server.fault = ({ name, path }) =>
      name === 'fsync' && isFile(1, path) && !path.includes('.part') ? 'failure' : undefined
  }

  it('is never a dead letter, and is delivered once it is synced', async () => {
    refuseSync()
    const session = world.run(keeping)
    await world.seal(1)
    await rest()
    for (let other = 2; other <= 4; other++) {
      await world.seal(other)
      await rest()
      world.clock.advance(seconds(300))
      await rest()
    }
    expect(world.manifest.file(csvPath(1))).toMatchObject({
      ...{ state: 'pending', attempts: 4, faults: 0, ambiguous: true },
    })
    world.server.fault = () => undefined
    world.clock.advance(seconds(300))
    await rest()
    expect(session.events.at(-1)).toMatchObject({ type: 'file.delivered', path: csvPath(1), outcome: 'adopted' })
    await session.finish()
  })

  it('is not sent again where its consumer has taken it, but where somebody tells that it be', async () => {
    refuseSync()
    const session = world.run(keeping)
    for (const sequence of [1, 2]) await world.seal(sequence)
    await rest()
    world.server.nodes.delete(csvPath(1))
    world.clock.advance(1000)
    await rest()
    expect(session.paths('file.delivered')).toEqual([csvPath(2), csvPath(1)])
    expect(world.server.content(csvPath(1))).toBeUndefined()
    await world.manifest.resend(1, 'asked for', world.clock.now())
    await world.seal(3)
    await rest()
    expect(world.server.content(csvPath(1))).toBe('row of file 1\n')
    world.server.nodes.delete(csvPath(1))
    await world.manifest.resend(1, 'asked for', world.clock.now())
    await world.seal(4)
    await rest()
    expect(world.server.content(csvPath(1))).toBe('row of file 1\n')
    await session.finish()
  })
})

describe('a file with which every session is lost', () => {
  it('comes later each time, so that the others get through', async () => {
    for (const sequence of [1, 2, 3]) await world.seal(sequence)
    world.server.fault = ({ name, path }) => (name === 'open' && isFile(1, path) ? 'disconnect before' : undefined)
    for (let lost = 0; lost < 2; lost++) {
      await expect(world.run({ filesInFlight: 1 }).result).rejects.toMatchObject({ code: 'sftp.connection-lost' })
    }
    const session = world.run({ filesInFlight: 1 })
    await rest()
    expect(session.paths('file.delivered')).toEqual([csvPath(2), csvPath(3)])
    expect(world.manifest.file(csvPath(1))).toMatchObject({ state: 'pending', ambiguous: true, attempts: 0 })
    await session.finish()
  })
})

describe('a session with nothing to send', () => {
  it('asks the server for a sign of life every probe, and ends when there is none', async () => {
    const session = world.run({ probeEvery: seconds(30) })
    await rest()
    expect(world.server.requests).toEqual([])
    for (let probes = 1; probes <= 3; probes++) {
      world.clock.advance(seconds(30))
      await rest()
      expect(world.server.requests.filter(({ name }) => name === 'stat')).toHaveLength(probes)
    }
    world.server.fault = () => 'deadline'
    world.clock.advance(seconds(30))
    await expect(session.result).rejects.toMatchObject({ code: 'sftp.connection-lost' })
    expect(world.clock.pending).toBe(0)
  })

  it('is content with any answer', async () => {
    const session = world.run({ probeEvery: seconds(30) })
    world.server.fault = () => 'permission-denied'
    for (let probes = 1; probes <= 3; probes++) {
      await rest()
      world.clock.advance(seconds(30))
    }
    await rest()
    expect(session.ended).toBe(false)
    await session.finish()
  })
})

describe('a folder in which the server takes nothing, with more files than it refuses between two tries of one', () => {
  it('keeps a file of another folder waiting for no more than one try of each', async () => {
    const many = 400
    let tries = 0
    world.server.fault = ({ name, path }) => {
      if (name !== 'open' || !path.includes('dock-1_')) return undefined
      tries++
      // Longer for all of them than the longest wait of one: some are always due.
      world.clock.advance(seconds(1))
      return 'permission-denied'
    }
    for (let sequence = 1; sequence <= many; sequence++) await world.seal(sequence)
    const session = world.run({ filesInFlight: 1 })
    const untilTried = async (count: number) => {
      while (tries < count && session.paths('file.delivered').length === 0) await rest()
    }
    await untilTried(6 * many)
    const before = tries
    const file = await world.seal(1, 'row\n', 'dock-2')
    await untilTried(before + 4 * many)
    // First, or it would go on in no time.
    session.abort(new Error('enough'))
    await expect(session.result).rejects.toThrow('enough')
    expect(session.paths('file.delivered')).toEqual([file.path])
    expect(tries - before).toBeLessThanOrEqual(many + 100)
  })
})
