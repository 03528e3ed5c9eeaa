import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { NodeDisk } from '../../../src/adapters/disk/node-disk.ts'
import { createSftpConnector, type SftpConnectorOptions } from '../../../src/adapters/sftp/ssh2-connector.ts'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { deliverDue, type DeliveryEvent } from '../../../src/delivery/deliver-due.ts'
import type { DeliverDueOptions } from '../../../src/delivery/deliver-due-options.ts'
import { DeliveryCounters } from '../../../src/delivery/delivery-stats.ts'
import { Doorbell } from '../../../src/delivery/doorbell.ts'
import { FilesAtOnce } from '../../../src/delivery/files-at-once.ts'
import { RemovalMemory } from '../../../src/delivery/remove-delivered.ts'
import { Suspicion } from '../../../src/delivery/suspicion.ts'
import { milliseconds, seconds } from '../../../src/domain/units.ts'
import type { Manifest } from '../../../src/ports/manifest.ts'

/** Files of random content in `folder` and in the manifest; digests by path. */
export async function sealRandom(
  folder: string,
  manifest: Manifest,
  sizes: readonly number[],
): Promise<Map<string, string>> {
  const digests = new Map<string, string>()
  for (const [index, size] of sizes.entries()) {
    const path = `dock-1/model/dock-1_model_20261122T020836123Z_7-${String(index + 1).padStart(6, '0')}.csv`
    const content = randomBytes(size)
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
    const sha256 = createHash('sha256').update(content).digest('hex')
    await manifest.add({ path, bytes: size, sha256, rows: 1, priority: 5 }, systemClock.now())
    digests.set(path, sha256)
  }
  return digests
}

/** What stands under final names in a server's folder now: path to digest. */
export async function shownIn(remote: string): Promise<Map<string, string>> {
  const names = await readdir(join(remote, 'dock-1/model')).catch(() => [])
  const entries = names.map(async (name): Promise<[string, string]> => {
    const content = await readFile(join(remote, 'dock-1/model', name))
    return [`dock-1/model/${name}`, createHash('sha256').update(content).digest('hex')]
  })
  return new Map(await Promise.all(entries))
}

export interface Over {
  readonly folder: string
  readonly manifest: Manifest
  readonly server: Pick<SftpConnectorOptions, 'host' | 'port' | 'username' | 'hostKey'> & Partial<SftpConnectorOptions>
  readonly options?: Partial<DeliverDueOptions>
}

/** One session on the machine's own disk and clock, until nothing is due. */
export async function deliverOver({ folder, manifest, server, options }: Over): Promise<DeliveryEvent[]> {
  const events: DeliveryEvent[] = []
  const session = deliverDue({
    server: createSftpConnector({
      ...{ connectTimeout: seconds(20), operationTimeout: seconds(20), channels: 4, clock: systemClock },
      ...server,
    }),
    ...{ names: { folder: '.', temporary: 'folder' }, disk: new NodeDisk(folder), manifest, clock: systemClock },
    ...{
      counters: new DeliveryCounters(),
      suspicion: new Suspicion(),
      atOnce: new FilesAtOnce(),
      removals: new RemovalMemory(),
      random: Math.random,
    },
    ...{ verify: 'size', deadLetterAfter: 10, roomFor: 0, keepFor: 'forever', probeEvery: seconds(30) },
    retry: { initial: milliseconds(10), factor: 2, max: milliseconds(100), jitter: 1 },
    ...{ window: 100, filesInFlight: 16, wake: new Doorbell() },
    ...{ signal: new AbortController().signal, finish: AbortSignal.abort() },
    ...options,
  })
  for await (const event of session) events.push(event)
  return events
}
