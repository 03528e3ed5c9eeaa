import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { DeliverDueOptions } from '../../../src/delivery/deliver-due-options.ts'
import { Suspicion } from '../../../src/delivery/suspicion.ts'
import type { RemoteFullError } from '../../../src/domain/delivery-errors.ts'
import { perState } from '../../../src/domain/file-state.ts'
import { milliseconds } from '../../../src/domain/units.ts'
import { MemoryManifest } from '../../fakes/memory-manifest.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { deliverOver, sealRandom, shownIn } from './deliver-over.ts'
import { type FullServer, startFullServer } from './full-server.ts'

let home: string
let server: FullServer
beforeEach(async () => {
  home = await temporaryFolder('belay-full-')
})

const none = perState(() => 0)
const remote = () => join(home, 'remote')

/** Files of 100 kB, and a server with room for two and a half. */
const startWith = async (tellsRoom: boolean, files = 3) => {
  const manifest = new MemoryManifest()
  const digests = await sealRandom(join(home, 'data'), manifest, Array<number>(files).fill(100_000))
  await mkdir(remote(), { recursive: true })
  server = await startFullServer({ folder: remote(), capacityBytes: 250_000, tellsRoom })
  onTestFinished(() => server.close())
  return { manifest, digests }
}

const deliver = (manifest: MemoryManifest, roomFor = 0, options: Partial<DeliverDueOptions> = {}) =>
  deliverOver({
    ...{ folder: join(home, 'data'), manifest },
    server: {
      ...{ host: '127.0.0.1', port: server.port, username: 'belay', password: 'any' },
      hostKey: { fingerprints: [server.hostKeyFingerprint] },
    },
    options: {
      roomFor,
      filesInFlight: 1,
      // A file is tried again much later than these tests last.
      retry: { initial: milliseconds(60_000), factor: 1, max: milliseconds(60_000), jitter: 0 },
      ...options,
    },
  })

const temporaries = () => readdir(join(remote(), '.belay'))

describe('a server whose disk is full, and that tells its room', () => {
  it('takes what fits, is told to be full without a try counted, and gets the rest once there is room', async () => {
    const { manifest, digests } = await startWith(true)
    const full = (await deliver(manifest).catch((error: unknown) => error)) as RemoteFullError
    expect([full.code, full.neededBytes]).toEqual(['sftp.full', 100_000])
    // With the temporary file.
    expect(full.freeBytes).toBeLessThan(50_000)
    expect(server.refused).toBeGreaterThan(0)
    expect(await temporaries()).toEqual([])
    expect(await manifest.counts()).toEqual({ ...none, delivered: 2, pending: 1 })
    expect(manifest.entries.at(-1)).toMatchObject({ attempts: 0, faults: 0, ambiguous: false })
    for (const [path, digest] of await shownIn(remote())) expect(digest).toBe(digests.get(path))
    // Still: nothing is even begun.
    const { refused } = server
    await expect(deliver(manifest, full.neededBytes)).rejects.toMatchObject({ code: 'sftp.full', freeBytes: 50_000 })
    expect(server.refused).toBe(refused)
    server.capacityBytes = 500_000
    await deliver(manifest, full.neededBytes)
    expect(await shownIn(remote())).toEqual(digests)
  })
})

describe('a server that is full time and again, with many files in hand', () => {
  it('gets every file in the end, and no try is counted', async () => {
    const { manifest, digests } = await startWith(true, 12)
    const suspicion = new Suspicion()
    const full: string[] = []
    for (let roomFor = 0; (await manifest.counts()).delivered < digests.size; roomFor = 100_000) {
      await deliver(manifest, roomFor, { filesInFlight: 16, suspicion }).catch(({ code }: RemoteFullError) =>
        full.push(code),
      )
      expect(manifest.entries.filter(({ attempts, faults }) => attempts + faults > 0)).toEqual([])
      expect(await temporaries()).toEqual([])
      server.capacityBytes += 220_000
    }
    expect(full.length).toBeGreaterThan(2)
    expect(new Set(full)).toEqual(new Set(['sftp.full']))
    expect(await shownIn(remote())).toEqual(digests)
  })
})

describe('a server whose disk is full, and that does not tell', () => {
  it('shows nothing that is not whole, and gets the rest once there is room', async () => {
    const { manifest, digests } = await startWith(false)
    const events = await deliver(manifest)
    expect(events.map(({ type }) => type)).toEqual([
      'session.opened',
      ...['file.claimed', 'file.claimed', 'file.claimed'],
      'file.delivered',
      'file.delivered',
      'file.failed',
    ])
    expect(await temporaries()).toEqual([])
    expect(await shownIn(remote())).toEqual(new Map([...digests].slice(0, 2)))
    expect(manifest.entries.at(-1)).toMatchObject({ state: 'pending', attempts: 1 })
    server.capacityBytes = 500_000
    await manifest.resend(3, 'there is room', manifest.entries[0]?.sealedAt ?? (0 as never))
    await deliver(manifest)
    expect(await shownIn(remote())).toEqual(digests)
  })
})
