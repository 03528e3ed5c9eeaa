import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NodeDisk } from '../../../src/adapters/disk/node-disk.ts'
import { openSqliteManifest } from '../../../src/adapters/manifest/open-manifest.ts'
import { createSftpConnector } from '../../../src/adapters/sftp/ssh2-connector.ts'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { deliverDue, type DeliveryEvent } from '../../../src/delivery/deliver-due.ts'
import type { DeliverDueOptions } from '../../../src/delivery/deliver-due-options.ts'
import { DeliveryCounters } from '../../../src/delivery/delivery-stats.ts'
import { FilesAtOnce } from '../../../src/delivery/files-at-once.ts'
import { RemovalMemory } from '../../../src/delivery/remove-delivered.ts'
import { Suspicion } from '../../../src/delivery/suspicion.ts'
import { Doorbell } from '../../../src/delivery/doorbell.ts'
import { perState } from '../../../src/domain/file-state.ts'
import { SftpConnectionLostError, SftpUnreachableError } from '../../../src/domain/delivery-errors.ts'
import { milliseconds, minutes, seconds } from '../../../src/domain/units.ts'
import type { Manifest } from '../../../src/ports/manifest.ts'
import { type Sshd, startSshd } from '../../support/sshd.ts'

let home: string
let remote: string
let sshd: Sshd
let manifest: Manifest
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'belay-delivery-'))
  remote = join(home, 'remote')
  sshd = await startSshd({ folder: remote })
  manifest = await openSqliteManifest(join(home, 'data'))
  await manifest.beginBoot(systemClock.now())
})
afterEach(async () => {
  await manifest.close()
  await sshd.stop()
  await rm(home, { recursive: true })
})

/** So many files more of 0 bytes to 2 MB, sealed and in the manifest; digests by path. */
const sealMany = async (count: number, digests = new Map<string, string>()): Promise<Map<string, string>> => {
  const end = digests.size + count
  for (let sequence = digests.size + 1; sequence <= end; sequence++) {
    const name = `dock-1_model_20261122T020836123Z_7-${String(sequence).padStart(6, '0')}.csv`
    const path = `dock-1/model/${name}`
    const content = randomBytes(sequence % 20 === 0 ? 2_000_000 : sequence * 700 - 700)
    await mkdir(dirname(join(home, 'data', path)), { recursive: true })
    await writeFile(join(home, 'data', path), content)
    const sha256 = createHash('sha256').update(content).digest('hex')
    await manifest.add({ path, bytes: content.length, sha256, rows: 1, priority: 5 }, systemClock.now())
    digests.set(path, sha256)
  }
  return digests
}

const startSession = (
  filesInFlight: number,
  counters = new DeliveryCounters(),
  keepFor: DeliverDueOptions['keepFor'] = 'forever',
) => {
  const { host, port, username, privateKey, hostKeyFingerprint } = sshd
  return deliverDue({
    server: createSftpConnector({
      ...{ host, port, username, privateKey, hostKey: { fingerprints: [hostKeyFingerprint] } },
      ...{ connectTimeout: seconds(10), channels: 2, operationTimeout: seconds(10), clock: systemClock },
    }),
    names: { folder: '.', temporary: 'folder' },
    ...{ verify: 'size', deadLetterAfter: 10, roomFor: 0, keepFor, probeEvery: seconds(30) },
    suspicion: new Suspicion(),
    atOnce: new FilesAtOnce(),
    removals: new RemovalMemory(),
    disk: new NodeDisk(join(home, 'data')),
    manifest,
    counters,
    clock: systemClock,
    random: Math.random,
    retry: { initial: milliseconds(10), factor: 2, max: milliseconds(100), jitter: 1 },
    window: 100,
    filesInFlight,
    wake: new Doorbell(),
    signal: new AbortController().signal,
    finish: AbortSignal.abort(),
  })
}

/** What stands under final names now: path to digest. */
const shown = async (): Promise<Map<string, string>> => {
  const names = await readdir(join(remote, 'dock-1/model')).catch(() => [])
  const entries = names.map(async (name): Promise<[string, string]> => {
    const content = await readFile(join(remote, 'dock-1/model', name))
    return [`dock-1/model/${name}`, createHash('sha256').update(content).digest('hex')]
  })
  return new Map(await Promise.all(entries))
}

describe('files for an sshd', () => {
  it.each(['forever', minutes(60)] as const)('arrive whole, whose copies are kept for: %s', async (keepFor) => {
    const digests = await sealMany(60)
    const events: DeliveryEvent[] = []
    for await (const event of startSession(16, undefined, keepFor)) events.push(event)
    expect(events.filter(({ type }) => type === 'file.delivered')).toHaveLength(60)
    expect(await shown()).toEqual(digests)
    expect(await readdir(join(remote, '.belay'))).toEqual([])
  })

  it('arrive whole although its sessions and then all of it are killed with -9 in the middle, six times', async () => {
    const digests = await sealMany(400)
    const allAreWhole = async () => {
      for (const [path, digest] of await shown()) expect(digest).toBe(digests.get(path))
    }
    const counters = new DeliveryCounters()
    let sessions = 0
    let [kills, ended] = [0, false]
    while (!ended) {
      sessions++
      try {
        let facts = 0
        const session = startSession(4, counters)
        for (let next = await session.next(); ; next = await session.next()) {
          if (next.done === true) {
            // Where a kill takes its time, all may have arrived before it.
            if (kills < 6) await sealMany(100, digests)
            else ended = true
            break
          }
          if (next.value.type !== 'file.delivered') continue
          // At once: meanwhile files go on arriving.
          if (++facts === 3 && kills < 6) await (++kills % 3 === 0 ? sshd.kill() : sshd.killSessions())
          else if (facts % 20 === 0) await allAreWhole()
        }
      } catch (error) {
        if (!(error instanceof SftpConnectionLostError) && !(error instanceof SftpUnreachableError)) throw error
        await allAreWhole()
        if (sshd.pid === undefined) await sshd.restart()
      }
    }
    expect({ kills, uploaded: counters.uploaded }).toEqual({ kills: 6, uploaded: digests.size })
    expect(sessions).toBeGreaterThanOrEqual(7)
    expect(await shown()).toEqual(digests)
    expect(await manifest.counts()).toEqual({ ...perState(() => 0), delivered: digests.size })
    // What the killed sessions left has been swept by those after them.
    expect(await readdir(join(remote, '.belay'))).toEqual([])
  })
})
