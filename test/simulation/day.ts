import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DeliverDueOptions } from '../../src/delivery/deliver-due-options.ts'
import { deliverDue } from '../../src/delivery/deliver-due.ts'
import { DeliveryCounters } from '../../src/delivery/delivery-stats.ts'
import { RemovalMemory } from '../../src/delivery/remove-delivered.ts'
import { FilesAtOnce } from '../../src/delivery/files-at-once.ts'
import { Suspicion } from '../../src/delivery/suspicion.ts'
import { SftpConnectionLostError } from '../../src/domain/delivery-errors.ts'
import { Doorbell } from '../../src/delivery/doorbell.ts'
import type { CsvRequest } from '../../src/domain/csv-row.ts'
import { milliseconds, minutes, seconds } from '../../src/domain/units.ts'
import type { Manifest } from '../../src/ports/manifest.ts'
import { DiskWatch } from '../../src/storage/disk-watch.ts'
import type { PackPlan } from '../../src/storage/pack-plan.ts'
import { RowQueue } from '../../src/storage/row-queue.ts'
import { scanDataFolder } from '../../src/storage/start-scan.ts'
import { writeRows } from '../../src/storage/write-rows.ts'
import { gzipAtOnce } from '../fakes/gzip-at-once.ts'
import { MemoryDisk } from '../fakes/memory-disk.ts'
import type { Survives } from '../fakes/memory-inodes.ts'
import { MemoryManifest } from '../fakes/memory-manifest.ts'
import { MemorySftpServer } from '../fakes/memory-sftp.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'
import { never, priorityOf, request, retry } from '../storage/support/writing.ts'

/** What its days are like. */
export interface Habits {
  readonly keepFor?: DeliverDueOptions['keepFor'] | undefined
  readonly pack?: PackPlan | undefined
}

/** What outlives the process: the disk with the manifest on it, and the server. */
export class Plant {
  readonly disk = new MemoryDisk()
  readonly manifest = new MemoryManifest()
  readonly server = new MemorySftpServer()
  readonly keepFor: DeliverDueOptions['keepFor']
  readonly pack: PackPlan | undefined

  constructor(
    /** What is there after a power cut though it was never synced. */
    readonly survives: Survives = () => false,
    { keepFor = 'forever', pack }: Habits = {},
  ) {
    this.keepFor = keepFor
    this.pack = pack
  }

  /** Where something has died, and what comes up again. */
  powerCut(who: Death['of']): void {
    if (who !== 'server') this.disk.crash(this.survives)
    if (who !== 'daemon') this.server.crash(this.survives, this.#forgotten())
  }

  /** How many names the server forgets. Where our copies stay none: that it may is told by `belay verify --remote`. */
  #forgotten(): number {
    if (this.keepFor === 'forever') return 0
    const { forgettable } = this.server.names
    let forgotten = 0
    // The latest goes first.
    while (forgotten < forgettable && !this.survives('name')) forgotten++
    return forgotten
  }
}

/** At a call: it is gone before the call had its effect, or after it and before its answer. */
export interface Death {
  /** The daemon's machine alone, the server's alone, or both together. */
  readonly of: 'daemon' | 'server' | 'both'
  readonly at: number
  readonly done: boolean
}

export const rowsEach = 12
/** Two frames fill a file; their rows are longer than a sector, so that they can be torn. */
const rotation = { ...never, rows: 2 * rowsEach }

/**
 * One process's life: it scans, writes what comes, seals, and delivers, until it is told to finish or until it dies at one
 * of its calls, whichever port that one goes through. Storage and delivery are the daemon's own.
 */
export class Day {
  /** Calls so far, by what they do. */
  readonly calls: string[] = []
  readonly queue = new RowQueue()
  readonly #clock = new VirtualClock()
  readonly #wake = new Doorbell()
  readonly #stop = new AbortController()
  readonly #finishWriting = new AbortController()
  readonly #finishSending = new AbortController()
  readonly #taken: CsvRequest[] = []
  #dead = false

  constructor(
    private readonly plant: Plant,
    private readonly boot: number,
    private readonly death?: Death,
  ) {}

  /** Three frames at a time, into three files in all; then it is told to finish, and time passes. */
  async live(firstFrame: number): Promise<void> {
    const { disk, server } = this.plant
    disk.onCall = ({ kind, path }) => {
      const fate = this.#fate(`${kind} ${path}`)
      return fate === 'lives' ? undefined : { hang: true, done: fate === 'dies after' }
    }
    server.fault = ({ name, path }) => {
      const fate = this.#fate(`sftp ${name} ${path}`)
      if (fate === 'lives') return undefined
      if (fate === 'dies after') return 'disconnect after'
      return this.#dead ? 'hang' : 'disconnect before'
    }
    const manifest = this.#mortal(this.plant.manifest)
    const working = this.#work(manifest)
    await this.#settled()
    for (const frames of [[0], [1, 2], [3, 4, 5]]) {
      for (const frame of frames) {
        const each = request(firstFrame + frame, rowsEach, 'dock-1', this.boot)
        if (this.queue.append(each)) this.#taken.push(each)
      }
      await this.#pass(50)
    }
    this.#finishWriting.abort()
    // Delivered files are deleted with the probes, of which there is one in 30 s.
    await this.#pass(seconds(this.plant.keepFor === 'forever' ? 10 : 70))
    this.#finishSending.abort()
    await this.#pass(minutes(10))
    if (!this.#dead) await working
    server.disconnect('the process has ended')
  }

  /** What the queue took, row by row: `frame/detection`, of those that were accepted, or of all. */
  rows(which: 'accepted' | 'all'): string[] {
    const rows = this.#taken.flatMap((each) => each.rows.map((row) => `${row[3]}/${row[4]}`))
    return which === 'all' ? rows : rows.slice(0, this.queue.rows(request(0).cameraId).accepted)
  }

  async #work(manifest: Manifest): Promise<void> {
    const { disk, server } = this.plant
    const clock = this.#clock
    await manifest.beginBoot(clock.now())
    const { signal } = this.#stop
    const common = { disk, manifest, clock, random: () => 0, signal, pack: this.plant.pack }
    const { unread } = await scanDataFolder({ ...common, queue: this.queue, priorityOf })
    const sending = this.#send({
      ...common,
      server,
      names: { folder: '.', temporary: 'folder' },
      retry: { initial: seconds(1), factor: 2, max: minutes(5), jitter: 0 },
      verify: 'size',
      suspicion: new Suspicion(),
      atOnce: new FilesAtOnce(),
      removals: new RemovalMemory(),
      deadLetterAfter: 10,
      roomFor: 0,
      probeEvery: seconds(30),
      keepFor: this.plant.keepFor,
      window: 100,
      filesInFlight: 16,
      counters: new DeliveryCounters(),
      wake: this.#wake,
      finish: this.#finishSending.signal,
    })
    const writing = this.#pump(
      writeRows({
        ...common,
        queue: this.queue,
        gzip: gzipAtOnce,
        boot: this.boot,
        rotation,
        commitEvery: milliseconds(50),
        priorityOf,
        unread,
        watch: new DiskWatch({ warnBelow: 0, pauseBelow: 0 }, clock),
        reserveBytes: 0,
        retry,
        finish: this.#finishWriting.signal,
      }),
    )
    await Promise.all([sending, writing])
  }

  /** As the uploader does: a connection that is lost is made again. */
  async #send(options: DeliverDueOptions): Promise<void> {
    for (;;) {
      try {
        return await this.#pump(deliverDue(options))
      } catch (error) {
        // The dead say nothing.
        if (this.#dead) return new Promise(() => undefined)
        if (this.death?.of !== 'server' || !(error instanceof SftpConnectionLostError)) throw error
        // Nothing has been asked of it since.
        this.plant.powerCut('server')
      }
    }
  }

  async #pump(facts: AsyncGenerator<{ readonly type: string }, unknown>): Promise<void> {
    for (let next = await facts.next(); next.done !== true; next = await facts.next()) {
      if (/^file\.(sealed|packed)$/.test(next.value.type)) this.#wake.ring()
    }
  }

  /** The manifest as this process has it: each call may be its last. */
  #mortal(manifest: MemoryManifest): Manifest {
    return new Proxy<Manifest>(manifest, {
      get: (target, name: keyof Manifest) => {
        const method = Reflect.get(target, name) as (...values: unknown[]) => Promise<unknown>
        return async (...values: unknown[]) => {
          const fate = this.#fate(`manifest ${name}`)
          if (fate === 'lives') return method.apply(target, values)
          if (fate === 'dies after') await method.apply(target, values)
          return new Promise(() => undefined)
        }
      },
    })
  }

  #fate(call: string): 'lives' | 'dies before' | 'dies after' | 'is dead' {
    if (this.#dead) return 'is dead'
    this.calls.push(call)
    if (this.calls.length !== this.death?.at) return 'lives'
    this.#dead = this.death.of !== 'server'
    return this.death.done ? 'dies after' : 'dies before'
  }

  async #pass(ms: number): Promise<void> {
    const until = this.#clock.monotonic() + ms
    await this.#settled()
    while (!this.#dead && this.#clock.fireNext(until)) await this.#settled()
    this.#clock.advance(this.#dead ? 0 : until - this.#clock.monotonic())
    await this.#settled()
  }

  /** Until no more calls are made. */
  async #settled(): Promise<void> {
    for (let calls = -1; calls !== this.calls.length;) {
      calls = this.calls.length
      await settle(80)
      // What is packed goes through streams, which take turns of the event loop.
      if (this.plant.pack !== undefined) await nextTurn()
    }
  }
}
