import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type ssh2 from 'ssh2'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { generateEd25519Keys } from '../../../src/adapters/sftp/ed25519-keys.ts'
import { serveFolder } from '../../../src/adapters/sftp/embedded-files.ts'
import { OperatingError } from '../../../src/domain/errors.ts'
import type { DeliverDueOptions } from '../../../src/delivery/deliver-due-options.ts'
import { milliseconds, minutes } from '../../../src/domain/units.ts'
import { MemoryManifest } from '../../fakes/memory-manifest.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { deliverOver, sealRandom, shownIn } from './deliver-over.ts'
import { offerExtensions, tellFigures, tellRoom, tellSizeBelowNothing } from './extensions.ts'
import { startRawServer } from './raw-server.ts'

let home: string
beforeEach(async () => {
  home = await temporaryFolder('belay-hostile-')
  // So that a sweep has something to list.
  await mkdir(join(home, 'remote/.belay'), { recursive: true })
})

type Sftp = ssh2.SFTPWrapper
const attributes = (size: number): ssh2.Attributes => ({ mode: 0o100644, uid: 0, gid: 0, size, atime: 0, mtime: 0 })

/** `carryOut` does what was asked for, and answers rightly. */
type Answer = (sftp: Sftp, id: number, carryOut: () => void) => void

/** Of the extended requests by their own name, of the others by that of their packet. */
const fsync = 'fsync@openssh.com'
const statvfs = 'statvfs@openssh.com'

/** The embedded server on a real folder, with fsync, but for one request, which is `answered` so, and one that is `refused`. */
const hostileServer = async (request: string, answered: Answer, refused?: string) => {
  let seen = 0
  const remote = join(home, 'remote')
  const raw = await startRawServer({
    onSftp(sftp) {
      const served = serveFolder(sftp, remote)
      let isOver = false
      sftp.on('close', () => {
        isOver = true
        void served.close()
      })
      const emit = sftp.emit.bind(sftp) as (name: string, ...rest: unknown[]) => boolean
      Object.assign(sftp, {
        emit: (name: string, ...rest: unknown[]) => {
          const id = rest[0] as number
          const asked = name === 'EXTENDED' ? rest[1] : name
          const carryOut = () =>
            asked === statvfs ? tellRoom(sftp, id, 1e9) : asked === fsync ? ok(sftp, id) : emit(name, ...rest)
          if (asked === refused) return sftp.status(id, 4)
          if (asked !== request) return carryOut()
          seen++
          answered(sftp, id, () => {
            carryOut()
            // What is opened late is closed as well.
            if (isOver) void served.close()
          })
          return true
        },
      })
      offerExtensions(sftp, { [fsync]: '1', ...(request === statvfs && { [statvfs]: '2' }) })
    },
  })
  onTestFinished(() => raw.close())
  return { raw, remote, times: () => seen }
}

/** A session, and another one if the first was lost. Anything but an error of the world's is thrown on. */
const tryToDeliver = async (
  port: number,
  manifest: MemoryManifest,
  {
    verify = 'size',
    keepFor = 'forever',
    roomFor = 0,
  }: Partial<Pick<DeliverDueOptions, 'verify' | 'keepFor' | 'roomFor'>>,
) => {
  const said: string[] = []
  for (let session = 0; session < 2; session++) {
    try {
      const stop = new AbortController()
      const server = { host: '127.0.0.1', port, username: 'belay', password: 'any', hostKey: 'accept-any' } as const
      const events = await deliverOver({
        ...{ folder: join(home, 'data'), manifest },
        server: { ...server, operationTimeout: milliseconds(300), connectTimeout: milliseconds(5_000) },
        // A file is tried again much later than these tests last.
        options: {
          verify,
          keepFor,
          roomFor,
          retry: { initial: milliseconds(60_000), factor: 1, max: milliseconds(60_000), jitter: 0 },
          signal: stop.signal,
        },
      })
      return [...said, ...events.map(({ type }) => type)]
    } catch (error) {
      if (!(error instanceof OperatingError)) throw error
      said.push(error.code)
    }
  }
  return said
}

const ok = (sftp: Sftp, id: number) => (sftp.status(id, 0), true)
const ways: Record<string, Answer> = {
  'drops the connection': (sftp) => sftp.end(),
  'says nothing': () => undefined,
  'says ok, and does nothing': ok,
  'does it, and answers when nobody waits any more': (_sftp, _id, carryOut) => setTimeout(carryOut, 400),
  'does it twice': (_sftp, _id, carryOut) => (carryOut(), carryOut()),
  'does it, and drops the connection': (sftp, _id, carryOut) => (carryOut(), setTimeout(() => sftp.end(), 50)),
  'says no': (sftp, id) => sftp.status(id, 4),
  'says no twice': (sftp, id) => (sftp.status(id, 4), sftp.status(id, 4)),
  'says ok and then no': (sftp, id) => (sftp.status(id, 0), sftp.status(id, 4)),
  'gives a handle': (sftp, id) => sftp.handle(id, Buffer.from('no such handle')),
  'gives a huge size': (sftp, id) => sftp.attrs(id, attributes(2 ** 60)),
  'gives a size below nothing': tellSizeBelowNothing,
  'gives a size of 0': (sftp, id) => sftp.attrs(id, attributes(0)),
  'gives data': (sftp, id) => sftp.data(id, Buffer.alloc(1_000, 'x')),
  'gives an endless list': (sftp, id) => sftp.name(id, [{ filename: '../../x', longname: 'x', attrs: attributes(1) }]),
}
/** Answers to the question for room, which has more of its own. */
const waysAboutRoom: Record<string, Answer> = {
  ...ways,
  'tells of no room': (sftp, id) => tellRoom(sftp, id, 0),
  'tells of more room than there is anywhere': (sftp, id) => tellFigures(sftp, id, Array<number>(11).fill(2 ** 63)),
  'tells of less room than nothing': (sftp, id) => tellFigures(sftp, id, Array<number>(11).fill(-1)),
  'tells nothing but noughts': (sftp, id) => tellFigures(sftp, id, Array<number>(11).fill(0)),
  'tells half of it': (sftp, id) => tellFigures(sftp, id, [1, 1, 1e9, 1e9, 1e9]),
  'tells nothing at all': (sftp, id) => tellFigures(sftp, id, []),
  'tells of room, and then of none': (sftp, id, carryOut) => (carryOut(), tellRoom(sftp, id, 0)),
  'tells it to another request': (sftp, id) => tellRoom(sftp, id + 1000, 1e9),
}

/** All that a delivery asks for. */
const requests = [
  'OPEN',
  'WRITE',
  fsync,
  'FSTAT',
  'CLOSE',
  'READ',
  'STAT',
  'RENAME',
  'REMOVE',
  'MKDIR',
  'OPENDIR',
  'READDIR',
]

/** Nothing is called delivered that isn't there, and what is there is whole; that it is not delivered has been said. */
const expectTruth = async (
  request: string,
  way: string,
  options: Parameters<typeof tryToDeliver>[2] & { readonly refused?: string },
): Promise<void> => {
  const manifest = new MemoryManifest()
  const digests = await sealRandom(join(home, 'data'), manifest, [5_000])
  const { raw, remote, times } = await hostileServer(request, waysAboutRoom[way] ?? ok, options.refused)
  // So that a sweep has something to remove.
  const [path = ''] = digests.keys()
  await writeFile(join(remote, `.belay/${basename(path)}.0123456789ab.00beef.part`), 'half')
  const said = await tryToDeliver(raw.port, manifest, options)
  expect(times()).toBeGreaterThan(0)
  const { delivered } = await manifest.counts()
  if (delivered === 0) expect(said.join()).toMatch(/sftp\.|file\.(failed|conflict)/)
  const shown = await shownIn(remote)
  if (delivered > 0) expect(shown).toEqual(digests)
  for (const [name, digest] of shown) expect(digest).toBe(digests.get(name))
}

describe('a server that misbehaves at one request', () => {
  describe.each(requests)('%s', (request) => {
    it.each(Object.keys(ways))(
      'and %s: it is told as an error or does no harm, nothing hangs, and nothing is called delivered that isn’t there',
      (way) => expectTruth(request, way, { verify: request === 'READ' ? 'readback' : 'size' }),
    )
  })

  describe.each(['OPEN', fsync, 'CLOSE'])('%s, also of what has its final name', (request) => {
    it.each(Object.keys(ways))('and %s: the same', (way) => expectTruth(request, way, { keepFor: minutes(60) }))
  })
})

describe('a server that misbehaves when it is asked for its room', () => {
  it.each(Object.keys(waysAboutRoom))('and %s: so it is before anything is sent to one that was full', (way) =>
    expectTruth(statvfs, way, { roomFor: 5_000 }),
  )

  it.each(Object.keys(waysAboutRoom))('and %s: so it is after a refusal, which stays one', async (way) => {
    await expectTruth(statvfs, way, { refused: 'WRITE' })
    expect((await shownIn(join(home, 'remote'))).size).toBe(0)
  })
})

describe('a server that changes its host key between connections', () => {
  it('is refused, and gets neither a login nor a file', async () => {
    const manifest = new MemoryManifest()
    const digests = await sealRandom(join(home, 'data'), manifest, [5_000])
    const logins: string[] = []
    const impostor = await startRawServer({
      hostKeys: [generateEd25519Keys().private],
      onAuthentication: (attempt) => {
        logins.push(attempt.username)
        attempt.accept()
      },
    })
    onTestFinished(() => impostor.close())
    const { raw, remote } = await hostileServer('WRITE', (sftp) => sftp.end())
    const keyOf = async (port: number): Promise<string> => {
      const server = { host: '127.0.0.1', port, username: 'belay', password: 'any', hostKey: { fingerprints: [] } }
      return deliverOver({ folder: join(home, 'data'), manifest, server }).then(
        () => '',
        (error: { found?: string }) => error.found ?? '',
      )
    }
    const pinned = await keyOf(raw.port)
    expect(pinned).toMatch(/^SHA256:/)
    const deliver = (port: number) =>
      deliverOver({
        ...{ folder: join(home, 'data'), manifest },
        server: { host: '127.0.0.1', port, username: 'belay', password: 'any', hostKey: { fingerprints: [pinned] } },
      })
    await expect(deliver(raw.port)).rejects.toMatchObject({ code: 'sftp.connection-lost' })
    await expect(deliver(impostor.port)).rejects.toMatchObject({ code: 'sftp.host-key' })
    expect(logins).toEqual([])
    expect(await manifest.counts()).toMatchObject({ pending: 1, delivered: 0 })
    expect([digests.size, (await shownIn(remote)).size]).toEqual([1, 0])
  })
})
