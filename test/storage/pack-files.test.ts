import { createHash, randomBytes } from 'node:crypto'
import { Transform } from 'node:stream'
import { createGzip, gunzipSync } from 'node:zlib'
import { extract } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import { SealedFileChangedError } from '../../src/domain/delivery-errors.ts'
import { ManifestFailedError } from '../../src/domain/manifest-errors.ts'
import type { SealedFile } from '../../src/domain/sealed-file.ts'
import { minutes } from '../../src/domain/units.ts'
import { Attempts } from '../../src/storage/attempts.ts'
import { packAgain, packFiles, type PackWorld } from '../../src/storage/pack-files.ts'
import type { PackPlan } from '../../src/storage/pack-plan.ts'
import { Packer } from '../../src/storage/packer.ts'
import type { WriterEvent } from '../../src/storage/writer-event.ts'
import { eventually } from '../support/eventually.ts'
import { MemoryDisk } from '../fakes/memory-disk.ts'
import { MemoryManifest } from '../fakes/memory-manifest.ts'
import type { Survives } from '../fakes/memory-inodes.ts'
import { fileName, header, line, retry, Writing } from './support/writing.ts'

const gzip: PackPlan = { as: 'gzip', files: 3, interval: minutes(5) }
const tar: PackPlan = { as: 'tar', files: 3, interval: minutes(5) }

const contentOf = (sequence: number): string => header + line(sequence, 1) + line(sequence, 2)
const csv = (sequence: number): string => `dock-1/model/${fileName(sequence)}`
const archive = (sequence: number, end: string): string => csv(sequence).replace(/\.csv$/, end)
const sha256 = (content: Uint8Array | string): string => createHash('sha256').update(content).digest('hex')

const sealed = (sequence: number): SealedFile => ({
  ...{
    path: csv(sequence),
    bytes: contentOf(sequence).length,
    sha256: sha256(contentOf(sequence)),
    rows: 2,
    priority: 5,
  },
})

function packerOf(plan: PackPlan, world: PackWorld, say: (event: WriterEvent) => void = () => undefined): Packer {
  const attempts = () => new Attempts(retry, world.clock, () => 0)
  return new Packer(plan, world, { attempts, rereading: attempts() }, say)
}

/** Sealed files that are held, on a disk that has them for good. */
async function startPacking(plan: PackPlan, ...sequences: number[]) {
  const writing = new Writing(undefined, { pack: plan })
  const { disk, manifest, clock } = writing
  await disk.makeFolder('open')
  const world: PackWorld = {
    disk,
    manifest,
    clock,
    folders: new Set(),
    handOver: 'held',
    gzip: createGzip,
    unrecorded: new Map(),
  }
  const seal = async (sequence: number): Promise<SealedFile> => {
    disk.put(csv(sequence), contentOf(sequence))
    await manifest.add(sealed(sequence), clock.now(), 'held')
    return sealed(sequence)
  }
  for (const sequence of sequences) await seal(sequence)
  const events: WriterEvent[] = []
  const packer = packerOf(plan, world, (event) => events.push(event))
  const states = async () =>
    Object.fromEntries((await manifest.files({ limit: 100 })).map(({ path, state }) => [path, state]))
  return { writing, disk, manifest, clock, world, packer, events, states, seal }
}

type World = Awaited<ReturnType<typeof startPacking>>

/** The bytes of a file on the disk. */
async function bytesOf({ disk }: World, path: string): Promise<Buffer> {
  const file = await disk.open(path)
  const bytes = Buffer.alloc(await file.length())
  await file.read(bytes, 0)
  await file.close()
  return bytes
}

/** Name to content of what a .tar.gz holds. */
async function unpack(content: Buffer): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  const reader = extract()
  reader.end(gunzipSync(content))
  for await (const entry of reader) {
    const parts: Buffer[] = []
    for await (const part of entry) parts.push(part as Buffer)
    found[entry.header.name] = Buffer.concat(parts).toString()
  }
  return found
}

describe('sealed files that are to be sent as .gz', () => {
  it('are each handed over as one, and stay where they are', async () => {
    const world = await startPacking(gzip, 1, 2)
    await world.packer.turn(false)
    expect(await world.states()).toEqual({
      ...{ [csv(1)]: 'packed', [csv(2)]: 'packed' },
      ...{ [archive(1, '.csv.gz')]: 'pending', [archive(2, '.csv.gz')]: 'pending' },
    })
    const content = await bytesOf(world, archive(1, '.csv.gz'))
    expect(gunzipSync(content).toString()).toBe(contentOf(1))
    const [entry] = await world.manifest.files({ states: ['pending'], limit: 1 })
    expect(entry).toMatchObject({ bytes: content.length, sha256: sha256(content), rows: 2, priority: 5 })
    expect(world.disk.files()[csv(1)]).toBe(contentOf(1))
    expect(world.events).toMatchObject([
      { type: 'file.archived', path: csv(1), into: archive(1, '.csv.gz') },
      {
        ...{ type: 'file.packed', path: archive(1, '.csv.gz'), files: 1 },
        ...{ rows: 2, bytes: content.length, sha256: sha256(content) },
      },
      { type: 'file.archived', path: csv(2), into: archive(2, '.csv.gz') },
      { type: 'file.packed', path: archive(2, '.csv.gz'), files: 1 },
    ])
    expect(world.packer.isIdle).toBe(true)
  })
})

describe('sealed files that are to be sent many at a time', () => {
  it('go into one archive as soon as there are enough, the oldest first', async () => {
    const world = await startPacking(tar, 1, 2, 3, 4)
    await world.packer.turn(false)
    expect(await world.states()).toEqual({
      ...{ [csv(1)]: 'packed', [csv(2)]: 'packed', [csv(3)]: 'packed', [csv(4)]: 'held' },
      [archive(1, '.tar.gz')]: 'pending',
    })
    expect(await unpack(await bytesOf(world, archive(1, '.tar.gz')))).toEqual({
      ...{ [fileName(1)]: contentOf(1), [fileName(2)]: contentOf(2), [fileName(3)]: contentOf(3) },
    })
    const [entry] = await world.manifest.files({ states: ['pending'], limit: 1 })
    expect(entry?.rows).toBe(6)
  })

  it('wait no longer than the interval, and at a stop not at all', async () => {
    const world = await startPacking(tar)
    await world.packer.turn(false)
    world.packer.add(await world.seal(1))
    expect(world.packer.due(false)).toBe(minutes(5))
    expect(world.packer.due(true)).toBe(0)
    await world.packer.turn(false)
    expect(await world.states()).toEqual({ [csv(1)]: 'held' })
    world.clock.advance(minutes(5))
    await world.packer.turn(false)
    expect(await world.states()).toMatchObject({ [csv(1)]: 'packed', [archive(1, '.tar.gz')]: 'pending' })
    world.packer.add(await world.seal(2))
    await world.packer.turn(true)
    expect(await world.states()).toMatchObject({ [csv(2)]: 'packed' })
  })

  it('are not forgotten where they come while others are packed, nor packed twice', async () => {
    const world = await startPacking(gzip, 1)
    const pack = world.manifest.pack.bind(world.manifest)
    world.manifest.pack = async (...given) => {
      world.manifest.pack = pack
      world.packer.add(await world.seal(2))
      return pack(...given)
    }
    const turn = world.packer.turn(false)
    // The first look finds it as well.
    world.packer.add(await world.seal(3))
    await turn
    await world.packer.turn(false)
    expect(world.packer.isIdle).toBe(true)
    expect((await world.manifest.counts()).packed).toBe(3)
  })

  it('may be very many: what each costs does not grow with their number', async () => {
    const world = await startPacking(tar)
    const some = sealed(7)
    let reads = 0
    for (let sequence = 1; sequence <= 200_000; sequence++) {
      const path = csv(sequence)
      const counting = { enumerable: true, get: () => (reads++, path) }
      world.packer.add(sequence <= 6 ? sealed(sequence) : Object.defineProperty({ ...some }, 'path', counting))
    }
    for (const sequence of [1, 2, 3, 4, 5, 6]) await world.seal(sequence)
    const ended = new ManifestFailedError('belay.db', 'commit', 'SQLITE_IOERR')
    const { manifest } = world
    manifest.files = () => Promise.resolve([])
    const pack = manifest.pack.bind(manifest)
    manifest.pack = (paths, ...rest) => (paths.includes(csv(4)) ? Promise.reject(ended) : pack(paths, ...rest))
    await world.packer.turn(false)
    expect(world.events.filter(({ type }) => type === 'file.packed')).toHaveLength(1)
    expect(world.packer.why).toContain('SQLITE_IOERR')
    expect(reads).toBeLessThan(10 * 200_000)
  })

  it('make the same archive again, to the byte', async () => {
    const [one, other] = [await startPacking(tar, 1, 2), await startPacking(tar, 1, 2)]
    other.clock.step(86_400_000)
    const archives = await Promise.all([one, other].map(({ world }) => packFiles(world, tar, [sealed(1), sealed(2)])))
    expect(archives[0]).toEqual(archives[1])
  })

  it('have the times that their names tell, and nothing of the day on which they are packed', async () => {
    const world = await startPacking(tar, 1, 2)
    await packFiles(world.world, tar, [sealed(1), sealed(2)])
    const reader = extract()
    reader.end(gunzipSync(await bytesOf(world, archive(1, '.tar.gz'))))
    const times: (Date | undefined)[] = []
    for await (const entry of reader) {
      times.push(entry.header.mtime)
      entry.resume()
    }
    expect(times).toEqual([world.clock.now(), world.clock.now()].map((at) => new Date(at)))
  })

  it('do not wait for one that is no longer what was sealed: it is refused, and said', async () => {
    const world = await startPacking(tar, 1, 2, 3)
    const changed = contentOf(2).replace('0.5', '0.6')
    world.disk.put(csv(2), changed)
    await world.packer.turn(true)
    expect(await world.states()).toEqual({
      ...{ [csv(1)]: 'packed', [csv(2)]: 'refused', [csv(3)]: 'packed', [archive(1, '.tar.gz')]: 'pending' },
    })
    const why = `Sealed file ${csv(2)} is not what was sealed: its SHA-256 is ${sha256(changed)}, not ${sha256(contentOf(2))}. It was not delivered`
    expect(world.events[0]).toEqual({
      ...{ type: 'file.refused', path: csv(2), why },
      ...{ rows: 2, bytes: contentOf(2).length, sha256: sha256(contentOf(2)) },
    })
    expect((await world.manifest.history(2)).at(-1)).toMatchObject({ from: 'held', to: 'refused', why })
    await expect(packFiles(world.world, gzip, [sealed(2)])).rejects.toBeInstanceOf(SealedFileChangedError)
    expect(Object.keys(world.disk.files()).filter((path) => path.startsWith('packing/'))).toEqual([])
  })

  it('are packed without one that is gone, also where the manifest takes its refusal only later', async () => {
    const world = await startPacking(tar, 1, 2)
    await world.disk.unlink(csv(1))
    const refuse = world.manifest.refuseHeld.bind(world.manifest)
    world.manifest.refuseHeld = () =>
      Promise.reject(new ManifestFailedError('manifest.sqlite', 'commit', 'SQLITE_FULL'))
    await world.packer.turn(true)
    expect(world.packer.why).toMatch('SQLITE_FULL')
    expect([await world.states(), world.events]).toEqual([{ [csv(1)]: 'held', [csv(2)]: 'held' }, []])
    world.manifest.refuseHeld = refuse
    world.clock.advance(100)
    await world.packer.turn(true)
    expect(await world.states()).toEqual({
      ...{ [csv(1)]: 'refused', [csv(2)]: 'packed', [archive(2, '.tar.gz')]: 'pending' },
    })
    expect([world.packer.why, world.packer.isIdle]).toEqual([undefined, true])
  })

  it('are all still held while the data folder is away, and are packed once it is back', async () => {
    const world = await startPacking(tar, 1, 2)
    const away = new MemoryDisk()
    const packer = packerOf(tar, { ...world.world, disk: away }, (event) => world.events.push(event))
    await packer.turn(true)
    expect(packer.why).toMatch(/^The data folder is not there: /)
    expect([await world.states(), world.events]).toEqual([{ [csv(1)]: 'held', [csv(2)]: 'held' }, []])
    expect(packer.due(true)).toBe(100)
    await world.packer.turn(true)
    expect(await world.states()).toMatchObject({ [csv(1)]: 'packed', [csv(2)]: 'packed' })
  })

  it.each([
    ['open', 'EACCES'],
    ['read', 'EIO'],
  ] as const)(
    'do not wait for one that the disk does not give out (%s: %s), which is tried again',
    async (kind, code) => {
      const world = await startPacking(tar, 1, 2, 3)
      world.disk.onCall = (call) => (call.kind === kind && call.path === csv(1) ? { fail: code } : undefined)
      await world.packer.turn(true)
      expect(await world.states()).toEqual({
        ...{ [csv(1)]: 'held', [csv(2)]: 'packed', [csv(3)]: 'packed', [archive(2, '.tar.gz')]: 'pending' },
      })
      expect(world.events[0]).toMatchObject({ type: 'file.unpackable', path: csv(1) })
      // Nothing else waits, and a stop doesn't wait for it.
      expect([world.packer.why, world.packer.isIdle]).toEqual([undefined, true])
      expect(world.packer.due(true)).toBe(Infinity)
      expect(world.packer.due(false)).toBe(100)
      world.clock.advance(minutes(5))
      await world.packer.turn(false)
      expect(world.packer.due(false)).toBe(minutes(5) + 200)
      world.disk.onCall = () => undefined
      world.clock.advance(minutes(5))
      await world.packer.turn(false)
      expect(await world.states()).toMatchObject({ [csv(1)]: 'packed', [archive(1, '.tar.gz')]: 'pending' })
      expect(world.packer.due(false)).toBe(Infinity)
    },
  )

  it('do not wait for those of another camera whose archive cannot be made', async () => {
    const world = await startPacking(tar, 1)
    const other = `dock-2/model/${fileName(2, 'dock-2')}`
    world.disk.put(other, contentOf(2))
    await world.manifest.add({ ...sealed(2), path: other }, world.clock.now(), 'held')
    world.disk.onCall = ({ kind, path }) =>
      kind === 'rename' && path.includes('dock-1') ? { fail: 'EROFS' } : undefined
    await world.packer.turn(true)
    expect(await world.states()).toMatchObject({ [csv(1)]: 'held', [other]: 'packed' })
    expect(world.packer.why).toBe(
      `rename of packing/${fileName(1).replace('.csv', '.tar.gz')} failed: EROFS. The disk of the data folder is mounted read-only`,
    )
    expect(world.packer.isIdle).toBe(false)
    world.disk.onCall = () => undefined
    await world.packer.turn(true)
    expect(await world.states()).toMatchObject({ [csv(1)]: 'held' })
    world.clock.advance(100)
    await world.packer.turn(true)
    expect(await world.states()).toMatchObject({ [csv(1)]: 'packed' })
    expect([world.packer.why, world.packer.isIdle]).toEqual([undefined, true])
  })

  it('wait on a full disk, and leave nothing half packed', async () => {
    const world = await startPacking(tar, 1, 2)
    world.disk.capacity = contentOf(1).length * 2 + 50
    await world.packer.turn(true)
    expect(world.packer.why).toMatch('ENOSPC')
    expect(world.packer.due(true)).toBe(100)
    expect(Object.keys(world.disk.files()).sort()).toEqual([csv(1), csv(2)])
    world.disk.capacity = Infinity
    world.packer.hurry()
    await world.packer.turn(true)
    expect(world.packer.why).toBeUndefined()
    expect(await world.states()).toMatchObject({ [csv(1)]: 'packed', [csv(2)]: 'packed' })
  })

  it('let go of everything when the disk is full in the middle of a long one', async () => {
    const world = await startPacking(tar)
    const long = randomBytes(400_000)
    world.disk.put(csv(1), long)
    world.disk.capacity = 500_000
    const file = { ...sealed(1), bytes: long.length, sha256: sha256(long) }
    await expect(packFiles(world.world, tar, [file])).rejects.toThrow('ENOSPC')
    const counted = (...kinds: string[]) => world.disk.calls.filter(({ kind }) => kinds.includes(kind)).length
    expect(counted('close')).toBe(counted('open', 'create'))
  })

  it('fail whoever packs them where what compresses fails, which no disk explains, and leave nothing half packed', async () => {
    const world = await startPacking(gzip, 1)
    const bug = new Error('zlib: memory level')
    const failing = () => new Transform({ transform: (_part, _encoding, done) => done(bug) })
    const packer = packerOf(gzip, { ...world.world, gzip: failing })
    await expect(packer.turn(false)).rejects.toBe(bug)
    expect(Object.keys(world.disk.files())).toEqual([csv(1)])
    const counted = (...kinds: string[]) => world.disk.calls.filter(({ kind }) => kinds.includes(kind)).length
    expect(counted('close')).toBe(counted('open', 'create'))
    await world.packer.turn(false)
    expect(await world.states()).toEqual({ [csv(1)]: 'packed', [archive(1, '.csv.gz')]: 'pending' })
  })

  it('are held for want of room, whatever else fails when the archive is let go of', async () => {
    const world = await startPacking(tar, 1, 2)
    world.disk.failNext('close', 'EIO', 'packing/')
    world.disk.failNext('write', 'ENOSPC', 'packing/')
    await world.packer.turn(true)
    expect(world.packer.why).toMatch('ENOSPC')
    world.packer.hurry()
    await world.packer.turn(true)
    expect(await world.states()).toMatchObject({ [csv(1)]: 'packed', [csv(2)]: 'packed' })
  })

  it('are sent as they are once nothing is packed any longer', async () => {
    const { writing, states } = await startPacking(tar, 1, 2)
    const plain = new Writing(writing.disk)
    Object.assign(plain, { manifest: writing.manifest })
    await plain.scan()
    expect(await states()).toEqual({ [csv(1)]: 'pending', [csv(2)]: 'pending' })
  })
})

describe('a sealed archive that is gone or was changed', () => {
  it.each([
    ['gzip', gzip, [1]],
    ['tar', tar, [1, 2, 3]],
  ] as const)('is made again of what went into it, to the byte (%s)', async (_, plan, sequences) => {
    const world = await startPacking(plan, ...sequences)
    const members = sequences.map(sealed)
    const { file } = await packFiles(world.world, plan, members)
    const before = await bytesOf(world, file.path)
    for (const lose of [() => world.disk.unlink(file.path), async () => world.disk.put(file.path, 'rotten')]) {
      await lose()
      await packAgain(world.world, file, members)
      world.disk.crash()
      expect(await bytesOf(world, file.path)).toEqual(before)
    }
  })

  it('is so where what it is named after went in first, and is not the oldest', async () => {
    const world = await startPacking(tar, 1, 2, 3)
    const { file } = await packFiles(world.world, tar, [3, 1, 2].map(sealed))
    const before = await bytesOf(world, file.path)
    await world.disk.unlink(file.path)
    await packAgain(world.world, file, [1, 2, 3].map(sealed))
    expect(await bytesOf(world, file.path)).toEqual(before)
  })

  it('stays as it is where they make another, as another Belay’s zlib might, and nothing is left of that', async () => {
    const world = await startPacking(tar, 1, 2)
    const { file } = await packFiles(world.world, tar, [1, 2].map(sealed))
    world.disk.put(file.path, 'rotten')
    const other = { ...file, sha256: 'f'.repeat(64) }
    await expect(packAgain(world.world, other, [1, 2].map(sealed))).rejects.toBeInstanceOf(SealedFileChangedError)
    world.disk.put(csv(2), contentOf(3))
    await expect(packAgain(world.world, file, [1, 2].map(sealed))).rejects.toBeInstanceOf(SealedFileChangedError)
    expect((await bytesOf(world, file.path)).toString()).toBe('rotten')
    expect(world.disk.paths.filter((path) => path.startsWith('packing/'))).toEqual([])
  })
})

describe('an archive that the manifest may have in spite of what it said', () => {
  it('stays as it is, whatever has come together or become unreadable meanwhile, until the manifest has it', async () => {
    const world = await startPacking(tar, 1, 2)
    const pack = world.manifest.pack.bind(world.manifest)
    world.manifest.pack = async () => {
      world.packer.add(await world.seal(3))
      throw new ManifestFailedError('manifest.sqlite', 'commit', 'SQLITE_IOERR_FSYNC')
    }
    await world.packer.turn(true)
    expect(world.packer.why).toMatch('SQLITE_IOERR_FSYNC')
    const inItsPlace = await bytesOf(world, archive(1, '.tar.gz'))
    world.manifest.pack = pack
    world.disk.onCall = ({ kind, path }) => (kind === 'open' && path === csv(2) ? { fail: 'EIO' } : undefined)
    world.clock.advance(100)
    await world.packer.turn(true)
    expect(await bytesOf(world, archive(1, '.tar.gz'))).toEqual(inItsPlace)
    expect(await world.states()).toEqual({
      ...{ [csv(1)]: 'packed', [csv(2)]: 'packed', [csv(3)]: 'packed' },
      ...{ [archive(1, '.tar.gz')]: 'pending', [archive(3, '.tar.gz')]: 'pending' },
    })
    expect(world.packer.isIdle).toBe(true)
  })

  it('stays so for the next life of the writer too', async () => {
    const world = await startPacking(tar, 1, 2)
    const pack = world.manifest.pack.bind(world.manifest)
    world.manifest.pack = () =>
      Promise.reject(new ManifestFailedError('manifest.sqlite', 'commit', 'SQLITE_IOERR_FSYNC'))
    await world.packer.turn(true)
    const inItsPlace = await bytesOf(world, archive(1, '.tar.gz'))
    world.manifest.pack = pack
    await world.seal(3)
    await packerOf(tar, world.world).turn(true)
    expect(await bytesOf(world, archive(1, '.tar.gz'))).toEqual(inItsPlace)
    expect(await world.states()).toMatchObject({
      [csv(2)]: 'packed',
      [csv(3)]: 'packed',
      [archive(3, '.tar.gz')]: 'pending',
    })
  })
})

describe('a writer that packs', () => {
  it('ends at a stop without the file that the disk does not give out, which stays held', async () => {
    const { writing, disk, states } = await startPacking(tar, 1, 2)
    disk.onCall = ({ kind, path }) => (kind === 'open' && path === csv(1) ? { fail: 'EACCES' } : undefined)
    const writer = await writing.started()
    writer.finish.abort()
    expect(await eventually('it has ended', async () => writer.ended)).toEqual({ output: { drained: true } })
    expect(await states()).toMatchObject({ [csv(1)]: 'held', [csv(2)]: 'packed' })
    expect(writer.events.map(({ type }) => type)).toEqual(['file.unpackable', 'file.archived', 'file.packed'])
  })
})

describe('a power cut while files are packed', () => {
  const survivors: [string, Survives][] = [
    ['nothing that was not synced', () => false],
    ['everything', () => true],
  ]
  /** Packs until call `at`, which is the last; resolves with whether there was one. */
  async function dieAt(world: World, plan: PackPlan, at: number, done: boolean): Promise<boolean> {
    let die = (): void => undefined
    const death = new Promise<void>((resolve) => (die = resolve))
    let calls = 0
    world.disk.onCall = () => {
      if (++calls < at) return undefined
      die()
      return { hang: true, done: calls === at && done }
    }
    const pack = (...given: Parameters<typeof world.manifest.pack>) =>
      MemoryManifest.prototype.pack.apply(world.manifest, given)
    world.manifest.pack = async (...given) => {
      if (++calls < at) return pack(...given)
      if (calls === at && done) await pack(...given)
      die()
      return new Promise(() => undefined)
    }
    await Promise.race([
      packFiles(world.world, plan, [sealed(1), sealed(2)].slice(0, plan.as === 'gzip' ? 1 : 2)),
      death,
    ])
    world.manifest.pack = pack
    world.disk.onCall = () => undefined
    return calls >= at
  }

  it.each(survivors.flatMap(([what, survives]) => [gzip, tar].map((plan) => ({ what, survives, plan, as: plan.as }))))(
    'at any call leaves each row in one file that is sent, as $as, with $what surviving',
    async ({ survives, plan }) => {
      const ends = { gzip: '.csv.gz', tar: '.tar.gz' }[plan.as]
      let at = 1
      for (let wasReached = true; wasReached; at++) {
        for (const done of [false, true]) {
          const world = await startPacking(plan, 1, 2)
          wasReached = await dieAt(world, plan, at, done)
          world.writing.restart(survives)
          expect((await world.writing.scan()).left).toEqual([])
          const { disk, manifest, clock } = world
          const next: PackWorld = { ...world.world, disk, manifest, clock, folders: new Set(), unrecorded: new Map() }
          await packerOf(plan, next).turn(true)
          const sent = await manifest.files({ states: ['pending'], limit: 10 })
          expect(sent.map(({ path }) => path)).toEqual(
            plan.as === 'gzip' ? [archive(1, ends), archive(2, ends)] : [archive(1, ends)],
          )
          for (const { path, sha256: known } of sent) expect(sha256(await bytesOf(world, path))).toBe(known)
          expect((await manifest.counts()).packed).toBe(2)
          expect(Object.keys(disk.files()).filter((path) => path.startsWith('packing/'))).toEqual([])
        }
      }
      expect(at).toBeGreaterThan(10)
    },
  )
})
