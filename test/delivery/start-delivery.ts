import { createHash } from 'node:crypto'
import { deliverDue, type DeliveryDrained, type DeliveryEvent } from '../../src/delivery/deliver-due.ts'
import type { DeliverDueOptions } from '../../src/delivery/deliver-due-options.ts'
import { FilesAtOnce } from '../../src/delivery/files-at-once.ts'
import { RemovalMemory } from '../../src/delivery/remove-delivered.ts'
import { Suspicion } from '../../src/delivery/suspicion.ts'
import { DeliveryCounters } from '../../src/delivery/delivery-stats.ts'
import { Doorbell } from '../../src/delivery/doorbell.ts'
import type { SealedFile } from '../../src/domain/sealed-file.ts'
import { minutes, seconds } from '../../src/domain/units.ts'
import { MemoryDisk } from '../fakes/memory-disk.ts'
import { MemoryManifest } from '../fakes/memory-manifest.ts'
import { MemorySftpServer } from '../fakes/memory-sftp.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'

export const csvPath = (sequence: number, camera = 'dock-1'): string =>
  `${camera}/model/${camera}_model_20261122T020836123Z_7-${String(sequence).padStart(6, '0')}.csv`

export const sealed = (sequence: number, content: string, camera?: string): SealedFile => ({
  path: csvPath(sequence, camera),
  bytes: Buffer.byteLength(content),
  sha256: createHash('sha256').update(content).digest('hex'),
  rows: 1,
  priority: 5,
})

/** A data folder, a manifest and a server, which outlive the sessions that are run on them. */
export class World {
  readonly clock = new VirtualClock()
  readonly disk = new MemoryDisk()
  readonly manifest = new MemoryManifest()
  readonly server = new MemorySftpServer()
  readonly wake = new Doorbell()
  readonly counters = new DeliveryCounters()
  readonly suspicion = new Suspicion()
  readonly atOnce = new FilesAtOnce()
  readonly removals = new RemovalMemory()
  random = 0

  /** Seals a file and says so, as the writer does. */
  async seal(sequence: number, content = `row of file ${sequence}\n`, camera?: string): Promise<SealedFile> {
    const file = sealed(sequence, content, camera)
    this.disk.put(file.path, content)
    await this.manifest.add(file, this.clock.now())
    this.wake.ring()
    return file
  }

  /** One session, from its beginning. Its wait after a failure is 1 s, 2 s, … 5 min without jitter. */
  run(options: Partial<DeliverDueOptions> = {}): Session {
    return new Session(this, options)
  }
}

export class Session {
  readonly events: DeliveryEvent[] = []
  readonly result: Promise<DeliveryDrained>
  /** What it failed with, once it has. */
  error: unknown
  ended = false
  readonly #finish = new AbortController()
  readonly #abort = new AbortController()

  constructor(world: World, options: Partial<DeliverDueOptions>) {
    const { clock, disk, manifest, server, wake, counters } = world
    const delivery = deliverDue({
      ...{ clock, disk, manifest, server, wake, counters },
      names: { folder: '.', temporary: 'folder' },
      ...{
        verify: 'size',
        deadLetterAfter: 10,
        roomFor: 0,
        keepFor: 'forever',
        suspicion: world.suspicion,
        atOnce: world.atOnce,
        removals: world.removals,
      },
      // Later than anything that these tests wait for, unless they say otherwise.
      probeEvery: minutes(60),
      random: () => world.random,
      retry: { initial: seconds(1), factor: 2, max: minutes(5), jitter: 1 },
      window: 100,
      filesInFlight: 16,
      signal: this.#abort.signal,
      finish: this.#finish.signal,
      ...options,
    })
    this.result = this.#pump(delivery)
    this.result.catch((error: unknown) => (this.error = error)).finally(() => (this.ended = true))
  }

  finish(): Promise<DeliveryDrained> {
    this.#finish.abort()
    return this.result
  }

  abort(reason: Error): void {
    this.#abort.abort(reason)
  }

  /** The paths of the events of one type, in order. */
  paths(type: DeliveryEvent['type']): string[] {
    return this.events.flatMap((event) => (event.type === type && 'path' in event ? [event.path] : []))
  }

  async #pump(delivery: AsyncGenerator<DeliveryEvent, DeliveryDrained, void>): Promise<DeliveryDrained> {
    for (;;) {
      const next = await delivery.next()
      if (next.done === true) return next.value
      this.events.push(next.value)
    }
  }
}

/** Lets everything that needs no time come to rest. */
export const rest = (): Promise<void> => settle(2000)
