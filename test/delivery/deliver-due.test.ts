import { beforeEach, describe, expect, it } from 'vitest'
import { Doorbell } from '../../src/delivery/doorbell.ts'
import { deliveryStats } from '../../src/delivery/delivery-stats.ts'
import { perState } from '../../src/domain/file-state.ts'
import { fileWords } from '../../src/domain/sealed-file.ts'
import { SftpConnectionLostError, SftpHostKeyError, SftpUnreachableError } from '../../src/domain/delivery-errors.ts'
import { ManifestFailedError } from '../../src/domain/manifest-errors.ts'
import { minutes, seconds } from '../../src/domain/units.ts'
import { csvPath, rest, sealed, World } from './start-delivery.ts'

const none = perState(() => 0)

let world: World
beforeEach(() => {
  world = new World()
})

const sealMany = async (count: number) => {
  for (let sequence = 1; sequence <= count; sequence++) await world.seal(sequence)
}

describe('a session', () => {
  it('says that it is open, delivers what is due, oldest first, and waits for more', async () => {
    await sealMany(3)
    const session = world.run({ filesInFlight: 1 })
    await rest()
    const words = (sequence: number) => fileWords(world.manifest.file(csvPath(sequence))!)
    expect(session.events).toEqual([
      { type: 'session.opened' },
      ...[1, 2, 3].map((sequence) => ({ type: 'file.claimed', ...words(sequence) })),
      { type: 'file.delivered', ...words(1), outcome: 'delivered' },
      { type: 'file.delivered', ...words(2), outcome: 'delivered' },
      { type: 'file.delivered', ...words(3), outcome: 'delivered' },
    ])
    await world.seal(4)
    await rest()
    expect(session.paths('file.delivered')).toHaveLength(4)
    expect(world.server.tree()).toEqual(world.disk.files())
    expect(await session.finish()).toEqual({ left: 0 })
  })

  it('has at most sixteen files in flight, and claims at most a hundred at a time', async () => {
    await sealMany(150)
    const open = new Set<string>()
    let [mostOpen, mostSending] = [0, 0]
    world.server.fault = ({ name, path }) => {
      if (name === 'open') open.add(path)
      if (name === 'close') open.delete(path)
      mostOpen = Math.max(mostOpen, open.size)
      void world.manifest.counts().then(({ sending }) => (mostSending = Math.max(mostSending, sending)))
      return undefined
    }
    expect(await world.run().finish()).toEqual({ left: 0 })
    expect([mostOpen, mostSending]).toEqual([16, 100])
    expect(await world.manifest.counts()).toEqual({ ...none, delivered: 150 })
  })

  it('begins what it has claimed while the manifest is asked for more', async () => {
    await sealMany(40)
    const claim = world.manifest.claim.bind(world.manifest)
    let [claims, answer] = [0, (): void => undefined]
    const answered = new Promise<void>((resolve) => (answer = resolve))
    world.manifest.claim = async (...asked) => {
      if (++claims === 2) await answered
      return claim(...asked)
    }
    const session = world.run({ window: 20 })
    await rest()
    expect(await world.manifest.counts()).toEqual({ ...none, delivered: 20, pending: 20 })
    answer()
    expect(await session.finish()).toEqual({ left: 0 })
    expect(await world.manifest.counts()).toEqual({ ...none, delivered: 40 })
  })

  it.each([new SftpUnreachableError('files:22', 'refused'), new SftpHostKeyError('files:22', 'SHA256:a', 'SHA256:b')])(
    'that cannot be had fails with the reason, and nothing was claimed: $code',
    async (error) => {
      await sealMany(1)
      world.server.connectError = error
      await expect(world.run().result).rejects.toBe(error)
      expect(await world.manifest.counts()).toEqual({ ...none, pending: 1 })
    },
  )

  it('leaves no timer and no listener behind', async () => {
    let listeners = 0
    class CountingDoorbell extends Doorbell {
      override listen(listener: () => void) {
        listeners++
        const stop = super.listen(listener)
        return () => {
          listeners--
          stop()
        }
      }
    }
    await sealMany(1)
    world.server.fault = ({ name }) => (name === 'write' ? 'failure' : undefined)
    const session = world.run({ wake: new CountingDoorbell() })
    await rest()
    expect([world.clock.pending, listeners]).toEqual([2, 1])
    await session.finish()
    expect([world.clock.pending, listeners]).toEqual([0, 0])
  })

  it('looks for each remote folder once', async () => {
    await sealMany(5)
    await world.run().finish()
    const asked = world.server.requests.filter(({ name }) => name === 'mkdir').map(({ path }) => path)
    expect(asked.sort()).toEqual(['.belay', 'dock-1', 'dock-1/model'])
    expect(world.server.requests.filter(({ path }) => path === 'dock-1/model')).toHaveLength(2)
  })
})

describe('a server that opens no more than two files at a time', () => {
  it('gets fewer at a time, so that hardly any is refused, and now and then one more', async () => {
    await sealMany(80)
    let open = 0
    let most = 0
    world.server.fault = ({ name }) => {
      if (name === 'close') open--
      if (name !== 'open') return undefined
      if (open >= 2) return 'failure'
      most = Math.max(most, ++open)
      return undefined
    }
    const session = world.run()
    await rest()
    // Of the first sixteen all but two; then one for each sixteen that arrived.
    const refused = 14 + Math.floor(80 / 16)
    expect(session.paths('file.failed').length).toBeGreaterThan(14)
    expect(session.paths('file.failed').length).toBeLessThanOrEqual(refused)
    expect(most).toBe(2)
    world.clock.advance(seconds(1))
    await rest()
    world.clock.advance(seconds(2))
    await rest()
    expect(session.paths('file.delivered')).toHaveLength(80)
    expect(session.paths('file.failed').length).toBeLessThanOrEqual(refused)
    await session.finish()
  })
})

describe('a file that fails by itself', () => {
  const failing = (sequence: number) => {
    world.server.fault = ({ name, path }) =>
      name === 'write' && path.includes(`-${String(sequence).padStart(6, '0')}.csv`) ? 'failure' : undefined
  }

  it.each([
    { failures: 1, wait: seconds(1) },
    { failures: 2, wait: seconds(2) },
    { failures: 12, wait: minutes(5) },
  ])(
    'is tried again after $wait ms when it has failed $failures times, not a moment earlier',
    async ({ failures, wait }) => {
      await sealMany(1)
      failing(1)
      const session = world.run()
      for (let failed = 1; failed < failures; failed++) {
        await rest()
        world.clock.fireNext()
      }
      await rest()
      expect(session.paths('file.failed')).toHaveLength(failures)
      world.server.fault = () => undefined
      world.clock.advance(wait - 1)
      await rest()
      expect(session.paths('file.delivered')).toEqual([])
      world.clock.advance(1)
      await rest()
      expect(session.paths('file.delivered')).toEqual([csvPath(1)])
      expect(world.manifest.file(csvPath(1))).toMatchObject({ state: 'delivered', attempts: failures })
      await session.finish()
    },
  )

  it('holds up no other, and says why', async () => {
    await sealMany(3)
    failing(1)
    const session = world.run({ filesInFlight: 1 })
    await rest()
    expect(session.paths('file.delivered')).toEqual([csvPath(2), csvPath(3)])
    expect(session.events.find(({ type }) => type === 'file.failed')).toMatchObject({
      path: csvPath(1),
      again: true,
      dueAt: world.manifest.file(csvPath(1))?.dueAt,
      why: expect.stringMatching(/^SFTP write of .* was refused: told to say failure \(failure\)$/) as string,
    })
    expect(await session.finish()).toEqual({ left: 1 })
  })

  it('is tried again although the wall clock was set back by a day', async () => {
    await sealMany(2)
    world.server.fault = ({ name }) => (name === 'write' ? 'failure' : undefined)
    // Each has a time of its own.
    const chances = [0, 0, 0.1, 0.2]
    await world.run({ random: () => chances.shift() ?? 0 }).finish()
    world.server.fault = () => undefined
    world.clock.step(-24 * 60 * 60 * 1000)
    const session = world.run()
    await rest()
    expect(session.paths('file.delivered').sort()).toEqual([csvPath(1), csvPath(2)])
    await session.finish()
  })

  it('is claimed within the window then too, and as of now', async () => {
    for (let sequence = 4; sequence <= 8; sequence++) await world.seal(sequence)
    world.server.fault = ({ name }) => (name === 'write' ? 'failure' : undefined)
    await world.run().finish()
    world.clock.step(-24 * 60 * 60 * 1000)
    await sealMany(3)
    world.server.fault = ({ name }) => (name === 'write' ? 'hang' : undefined)
    const session = world.run({ window: 4 })
    await rest()
    expect(await world.manifest.counts()).toEqual({ ...none, sending: 4, pending: 4 })
    expect(world.manifest.file(csvPath(4))).toMatchObject({ state: 'sending', changedAt: world.clock.now() })
    world.server.disconnect()
    await expect(session.result).rejects.toThrow(SftpConnectionLostError)
  })

  it('gets its folder made at the next try, if that was refused', async () => {
    await sealMany(1)
    let refusals = 1
    world.server.fault = ({ name }) => (name === 'mkdir' && refusals-- > 0 ? 'failure' : undefined)
    const session = world.run()
    await rest()
    expect(session.paths('file.failed')).toEqual([csvPath(1)])
    world.clock.advance(seconds(1))
    await rest()
    expect(session.paths('file.delivered')).toEqual([csvPath(1)])
    await session.finish()
  })

  it.each([
    ['says so when it is to be renamed there', 'folder', undefined],
    ['refuses the rename with nothing but failure', 'folder', 'failure'],
    ['refuses to open a file there with nothing but failure', 'suffix', 'failure'],
    ['refuses to open a file there as forbidden', 'suffix', 'permission-denied'],
  ] as const)(
    'gets its folder made again, if somebody removed it, where the server %s',
    async (_, temporary, status) => {
      await sealMany(1)
      const session = world.run({ names: { folder: '.', temporary } })
      await rest()
      const isGone = () => !world.server.nodes.has('dock-1/model')
      const request = temporary === 'folder' ? 'rename' : 'open'
      world.server.fault = ({ name }) => (name === request && isGone() ? status : undefined)
      for (const path of [csvPath(1), 'dock-1/model']) world.server.nodes.delete(path)
      await world.seal(2)
      await rest()
      expect(session.paths('file.failed')).toEqual([csvPath(2)])
      world.clock.advance(seconds(1))
      await rest()
      expect(session.paths('file.delivered')).toEqual([csvPath(1), csvPath(2)])
      await session.finish()
    },
  )

  it('is set aside, not tried again, if the server has another file under its name', async () => {
    await sealMany(2)
    world.server.put(csvPath(1), 'theirs')
    const session = world.run()
    expect(await session.finish()).toEqual({ left: 0 })
    expect(session.paths('file.conflict')).toEqual([csvPath(1)])
    expect(await world.manifest.counts()).toEqual({ ...none, conflict: 1, delivered: 1 })
    expect(world.server.tree()[csvPath(1)]).toBe('theirs')
  })

  it('is set aside if it is no longer what was sealed', async () => {
    await sealMany(2)
    world.disk.put(csvPath(1), 'edited by hand')
    const session = world.run()
    expect(await session.finish()).toEqual({ left: 0 })
    expect(session.events).toContainEqual(
      expect.objectContaining({ type: 'file.failed', path: csvPath(1), again: false }),
    )
    expect(await world.manifest.counts()).toEqual({ ...none, refused: 1, delivered: 1 })
    expect(Object.keys(world.server.tree())).toEqual([csvPath(2)])
  })

  it('arrives, once what it was set aside for is mended and somebody has it sent again', async () => {
    await sealMany(2)
    world.disk.put(csvPath(1), 'edited by hand')
    world.server.put(csvPath(2), 'theirs')
    await world.run().finish()
    world.disk.put(csvPath(1), 'row of file 1\n')
    await (await world.server.connect(new AbortController().signal)).unlink(csvPath(2))
    for (const id of [1, 2]) await world.manifest.resend(id, 'asked for', world.clock.now())
    expect(await world.run().finish()).toEqual({ left: 0 })
    expect(await world.manifest.counts()).toEqual({ ...none, delivered: 2 })
    expect(world.server.tree()).toEqual({ [csvPath(1)]: 'row of file 1\n', [csvPath(2)]: 'row of file 2\n' })
  })
})

describe('a connection that is lost', () => {
  it('fails the session; what had been begun goes back as ambiguous, the rest as it was, no attempt is counted', async () => {
    await sealMany(3)
    world.server.fault = ({ name }) => (name === 'write' ? 'hang' : undefined)
    const session = world.run({ filesInFlight: 2 })
    await rest()
    world.clock.advance(seconds(30))
    await world.manifest.add(sealed(4, 'row\n'), world.clock.now())
    world.clock.advance(seconds(30))
    world.server.disconnect('the cable was pulled')
    await expect(session.result).rejects.toEqual(new SftpConnectionLostError('belay@memory:22', 'the cable was pulled'))
    expect([1, 2, 3].map((sequence) => world.manifest.file(csvPath(sequence)))).toMatchObject([
      { state: 'pending', ambiguous: true, attempts: 0 },
      { state: 'pending', ambiguous: true, attempts: 0 },
      { state: 'pending', ambiguous: false, attempts: 0 },
    ])
    // Their turn is kept: before what was sealed meanwhile.
    world.clock.advance(seconds(1))
    const turns = (await world.manifest.claim(4, world.clock.now())).map(({ path }) => path)
    expect(turns).toEqual([1, 2, 3, 4].map((sequence) => csvPath(sequence)))
  })

  it('is what a single request without an answer amounts to', async () => {
    await sealMany(2)
    world.server.fault = ({ name, path }) => (name === 'write' && path.includes('-000001') ? 'deadline' : undefined)
    const session = world.run({ filesInFlight: 1 })
    await expect(session.result).rejects.toThrow(/^The connection to .* SFTP write of .* got no answer/)
    expect(world.manifest.file(csvPath(1))).toMatchObject({ state: 'pending', ambiguous: true, attempts: 0 })
    // What was in hand, and what was to be next, is told to be due again.
    expect(session.events.slice(1)).toMatchObject([
      ...[1, 2].map((sequence) => ({ type: 'file.claimed', path: csvPath(sequence) })),
      { type: 'file.released', path: csvPath(1), why: expect.stringContaining('got no answer') as string },
      { type: 'file.released', path: csvPath(2), why: 'the session ended before its turn' },
    ])
  })

  it('does not swallow what was delivered just before', async () => {
    await sealMany(1)
    let record: () => void = () => undefined
    const recorded = new Promise<void>((resolve) => (record = resolve))
    const delivered = world.manifest.delivered.bind(world.manifest)
    world.manifest.delivered = (id, at) => recorded.then(() => delivered(id, at))
    const session = world.run()
    await rest()
    world.server.disconnect()
    await rest()
    record()
    await expect(session.result).rejects.toThrow(SftpConnectionLostError)
    expect(session.paths('file.delivered')).toEqual([csvPath(1)])
  })

  it('is noticed while there is nothing to do', async () => {
    const session = world.run()
    await rest()
    world.server.disconnect()
    await expect(session.result).rejects.toThrow(SftpConnectionLostError)
  })

  it('after a rename that was carried out leads to an adoption', async () => {
    await sealMany(1)
    world.server.fault = ({ name }) => (name === 'rename' ? 'disconnect after' : undefined)
    await expect(world.run().result).rejects.toThrow(SftpConnectionLostError)
    expect(await world.manifest.counts()).toEqual({ ...none, pending: 1 })
    world.server.fault = () => undefined
    const session = world.run()
    await session.finish()
    expect(session.events).toContainEqual(
      expect.objectContaining({ type: 'file.delivered', path: csvPath(1), outcome: 'adopted' }),
    )
  })

  it('leaves temporary files that the next session sweeps; those of others stay', async () => {
    await sealMany(1)
    world.random = 0.5
    world.server.fault = ({ name }) => (name === 'fsync' ? 'disconnect before' : undefined)
    await expect(world.run().result).rejects.toThrow(SftpConnectionLostError)
    const [stale] = Object.keys(world.server.tree())
    expect(stale).toMatch(/^\.belay\/dock-1_model_20261122T020836123Z_7-000001\.csv\.[0-9a-f]{12}\.800000\.part$/)
    const others = [
      '.belay/dock-9_model_20261122T020836123Z_7-000001.csv.0123456789ab.000000.part',
      '.belay/notes.part',
    ]
    for (const path of others) world.server.put(path, 'not ours')
    world.server.fault = () => undefined
    world.random = 0.25
    await world.run().finish()
    expect(Object.keys(world.server.tree()).sort()).toEqual([...others, csvPath(1)].sort())
  })
})

describe('a line that is lost again and again', () => {
  /** How many files are in hand when the next session is lost. */
  const loseOne = async (): Promise<number> => {
    world.server.fault = ({ name }) => (name === 'write' ? 'hang' : undefined)
    const before = world.server.requests.length
    const session = world.run()
    await rest()
    const begun = world.server.requests.slice(before).filter(({ name }) => name === 'write').length
    world.server.disconnect('the line fell')
    await expect(session.result).rejects.toBeInstanceOf(SftpConnectionLostError)
    world.clock.advance(minutes(5))
    return begun
  }

  it('is given half as many files each time, one at least: all that it carries of others is in vain', async () => {
    await sealMany(40)
    for (const files of [16, 8, 4, 2, 1, 1]) expect(await loseOne()).toBe(files)
  })

  it('is given one more with each file that arrives', async () => {
    await sealMany(40)
    for (const files of [16, 8, 4, 2]) expect(await loseOne()).toBe(files)
    let writes = 0
    world.server.fault = ({ name }) => (name === 'write' && ++writes > 3 ? 'hang' : undefined)
    const session = world.run()
    await rest()
    expect(session.paths('file.delivered')).toHaveLength(3)
    // Those on their way: four, for one and three more.
    expect(writes).toBe(3 + 4)
    session.abort(new Error('enough'))
    world.server.disconnect('enough')
    await expect(session.result).rejects.toThrow('enough')
  })

  it('has lost nothing where it was lost with no file in hand', async () => {
    for (let idle = 0; idle < 3; idle++) {
      const session = world.run()
      await rest()
      world.server.disconnect('the server starts again')
      await expect(session.result).rejects.toBeInstanceOf(SftpConnectionLostError)
    }
    await sealMany(40)
    expect(await loseOne()).toBe(16)
  })
})

describe('a request in turn that gets no answer', () => {
  /** Sessions, one after another, until nothing is left; the n-th request of all is cut. */
  const converge = async (number: number, fault: 'disconnect before' | 'disconnect after', inFlight: number) => {
    const whole = new Map<string, string>()
    for (let sequence = 1; sequence <= 3; sequence++) whole.set(csvPath(sequence), `row of file ${sequence}\n`)
    world.server.onChange = () => {
      for (const [path, shown] of Object.entries(world.server.tree())) {
        if (whole.has(path)) expect(shown).toBe(whole.get(path))
      }
      for (const path of whole.keys()) {
        if (world.manifest.file(path)?.state === 'delivered') expect(world.server.tree()[path]).toBe(whole.get(path))
      }
    }
    world.server.fault = (request) => (request.number === number ? fault : undefined)
    await sealMany(3)
    for (let sessions = 1; ; sessions++) {
      world.random = sessions / 10
      const session = world.run({ filesInFlight: inFlight })
      const result = await session.finish().catch((error: unknown) => error)
      if (!(result instanceof SftpConnectionLostError)) return { result, sessions, tree: world.server.tree() }
    }
  }
  const expected = {
    [csvPath(1)]: 'row of file 1\n',
    [csvPath(2)]: 'row of file 2\n',
    [csvPath(3)]: 'row of file 3\n',
  }
  const cuts = Array.from({ length: 30 }, (_, index) => index + 1)

  it.each(cuts)(
    'is made up for by the next session, and nothing is called delivered that is not: request %i',
    async (number) => {
      for (const fault of ['disconnect before', 'disconnect after'] as const) {
        for (const inFlight of [1, 3]) {
          world = new World()
          const { result, sessions, tree } = await converge(number, fault, inFlight)
          expect({ result, tree }).toEqual({ result: { left: 0 }, tree: expected })
          expect(sessions).toBeLessThanOrEqual(2)
          expect(await world.manifest.counts()).toEqual({ ...none, delivered: 3 })
        }
      }
    },
  )
})

describe('finishing', () => {
  it('delivers what is due first, and leaves what is not', async () => {
    await sealMany(5)
    world.server.fault = ({ name, path }) => (name === 'write' && path.includes('-000002') ? 'failure' : undefined)
    const session = world.run({ filesInFlight: 1 })
    expect(await session.finish()).toEqual({ left: 1 })
    expect(session.paths('file.delivered')).toEqual([1, 3, 4, 5].map((sequence) => csvPath(sequence)))
    expect(world.server.connections).toBe(1)
  })

  it('ends an idle session at once', async () => {
    const session = world.run()
    await rest()
    expect(session.ended).toBe(false)
    expect(await session.finish()).toEqual({ left: 0 })
  })
})

describe('a session that is dropped', () => {
  it('ends with the reason and touches the manifest no more; the next takes up what it had in hand', async () => {
    await sealMany(2)
    world.server.fault = ({ name }) => (name === 'rename' ? 'hang' : undefined)
    const session = world.run()
    await rest()
    const history = world.manifest.changes.length
    const reason = new Error('stopped')
    session.abort(reason)
    await expect(session.result).rejects.toBe(reason)
    expect(world.manifest.changes).toHaveLength(history)
    expect(await world.manifest.counts()).toEqual({ ...none, sending: 2 })
    world.server.fault = () => undefined
    expect(await world.run().finish()).toEqual({ left: 0 })
    expect(await world.manifest.counts()).toEqual({ ...none, delivered: 2 })
  })
})

describe('a session that has failed and is dropped while files are still in hand', () => {
  it('touches the manifest no more: what was never begun stays in hand too', async () => {
    await sealMany(3)
    world.server.fault = ({ name, path }) =>
      name === 'write' ? (path.includes('-000001') ? 'no-space' : 'hang') : undefined
    const session = world.run({ filesInFlight: 2 })
    await rest()
    expect(await world.manifest.counts()).toEqual({ ...none, pending: 1, sending: 2 })
    const changes = world.manifest.changes.length
    const reason = new Error('stopped')
    session.abort(reason)
    await expect(session.result).rejects.toBe(reason)
    expect(world.manifest.changes).toHaveLength(changes)
  })
})

describe('what is no matter of the server', () => {
  it('fails the session as it is: a bug', async () => {
    await sealMany(2)
    const bug = new TypeError('x is undefined')
    world.disk.onCall = ({ kind, path }) => (kind === 'read' && path === csvPath(1) ? { throws: bug } : undefined)
    await expect(world.run().result).rejects.toBe(bug)
  })

  it('fails the session as it is: a manifest that cannot be written', async () => {
    await sealMany(1)
    const full = new ManifestFailedError('/data/manifest.sqlite', 'commit', 'SQLITE_FULL')
    world.manifest.delivered = () => Promise.reject(full)
    await expect(world.run().result).rejects.toBe(full)
  })
})

describe('the figures', () => {
  it('count a file that was set aside and is sent again twice', async () => {
    await sealMany(1)
    world.server.put(csvPath(1), 'theirs')
    await world.run().finish()
    const queued = async () => deliveryStats(world.counters, await world.manifest.counts()).total_queued
    expect(await queued()).toBe(1)
    await world.manifest.resend(1, 'asked for', world.clock.now())
    expect(await queued()).toBe(2)
    await world.run().finish()
    expect(await queued()).toBe(2)
  })

  it('count files delivered, set aside and waiting, and failed tries', async () => {
    await sealMany(4)
    world.server.put(csvPath(1), 'theirs')
    world.server.fault = ({ name, path }) => (name === 'write' && path.includes('-000002') ? 'failure' : undefined)
    const session = world.run()
    await rest()
    world.clock.advance(seconds(1))
    await rest()
    expect(deliveryStats(world.counters, await world.manifest.counts())).toEqual({
      total_queued: 4,
      total_uploaded: 2,
      total_failed: 3, // the conflict, and two tries of the second file
      queue_size: 1,
    })
    await session.finish()
  })
})
