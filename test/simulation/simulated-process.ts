import type { AnyActorLogic, AnyActorRef, InspectionEvent } from 'xstate'
import type { CameraConfig, Config } from '../../src/config/config.ts'
import { createDaemon, type Daemon, type DaemonEnd } from '../../src/daemon.ts'
import { epochMs, type EpochMs, type Milliseconds } from '../../src/domain/units.ts'
import type { Operate } from '../../src/inspection-feed/operator-commands.ts'
import type { FeedRecord } from '../../src/inspection-feed/record.ts'
import { stateName, type StateValue } from '../../src/inspection-feed/state-name.ts'
import type { LogFields, LogSink } from '../../src/ports/log.ts'
import type { RowsAccepted } from '../../src/logging/acceptance-log.ts'
import type { Report } from '../../src/supervision/index.ts'
import { gzipAtOnce } from '../fakes/gzip-at-once.ts'
import { MemoryDisk } from '../fakes/memory-disk.ts'
import { MemoryManifest } from '../fakes/memory-manifest.ts'
import { stillVitals } from '../fakes/still-vitals.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'
import { ForgottenFiles } from './forgotten-files.ts'
import { breaks, HeldCalls, hangs, SimulatedBug } from './held-calls.ts'
import { type CameraWorld, OpenStreams, SimulatedCamera } from './simulated-cameras.ts'
import type { ManifestFolder } from './simulated-commits.ts'
import { SimulatedDisk } from './simulated-disk.ts'
import { SimulatedHttpServer } from './simulated-http.ts'
import { openSimulatedManifest } from './simulated-manifest.ts'
import { SimulatedModels } from './simulated-models.ts'
import { SimulatedServer, SimulatedSite } from './simulated-server.ts'
import { Witness } from './witness.ts'

/** What outlives the daemon's processes. */
export class Estate implements ManifestFolder {
  readonly disk = new MemoryDisk()
  readonly manifest = new MemoryManifest()
  unseen: ManifestFolder['unseen']
  isInLog = (): boolean => false
  heldBy: ManifestFolder['heldBy']
  readonly site = new SimulatedSite()
  readonly forgotten = new ForgottenFiles(this.site, this.manifest)
  readonly witness = new Witness()
  /** Files of whose disk calls one went wrong. */
  readonly struck = new Set<string>()
  /** What the consumer has taken from the server, by its final name. */
  readonly taken = new Map<string, Buffer>()

  get isFull(): boolean {
    return this.disk.capacity !== Infinity && this.disk.used >= this.disk.capacity
  }
}

/** What a process is watched for. */
export interface Watcher {
  /** A machine has come into another state; `undefined`: it has ended. */
  transition(path: string, state: string | undefined): void
  event(path: string, type: string): void
  report(report: Report): void
  /** Somebody asks it to stop, the first time or again. */
  stopAsked(): void
  /** What the daemon records of itself, where somebody wants it. */
  readonly recorded?: (record: FeedRecord) => void
  /** Of the daemon's heart; where it is absent, the root is not asked. */
  readonly beat?: () => void
  opening(cameraId: string): void
  unlinking(path: string): void
  /** Rows are on disk for good, and so promised. */
  rowsAccepted(commit: RowsAccepted): void
  logged(level: 'warn' | 'error', fact: string, fields: LogFields): void
}

export interface ProcessOptions {
  readonly config: Config
  readonly estate: Estate
  readonly random: () => number
  /** Between two pictures of a camera. */
  readonly interval: Milliseconds
  readonly turn: CameraWorld['turn']
  readonly startsAt: EpochMs
  readonly watcher: Watcher
}

/** One life of the whole daemon, on ports of which every call waits for the director. */
export class SimulatedProcess {
  readonly clock: VirtualClock
  readonly calls = new HeldCalls()
  readonly streams = new OpenStreams()
  readonly disk: SimulatedDisk
  readonly server: SimulatedServer
  readonly models: SimulatedModels
  readonly http: SimulatedHttpServer
  readonly daemon: Daemon
  /** What an operator asks for; once the page is about to be served. */
  operate: Operate | undefined
  /** What its file said when it was read last. */
  configured: Config
  /** Reloads that are not through yet. */
  reloads = 0
  /** What each camera was made of, the last time. */
  readonly made = new Map<string, CameraConfig>()
  /** The machines that run, with the innermost state of each. */
  readonly states = new Map<string, string>()
  /** The same and the cameras' supervisor: the latest life of each. */
  readonly refs = new Map<string, AnyActorRef>()
  end: DaemonEnd | undefined
  stopAskedAt: Milliseconds | undefined
  /** For so long altogether it was held up. */
  overslept = 0
  readonly #paths = new WeakMap<AnyActorRef, string>()

  readonly #watcher: Watcher

  constructor({ config, estate, random, interval, turn, startsAt, watcher }: ProcessOptions) {
    this.#watcher = watcher
    const clock = new VirtualClock(epochMs(startsAt))
    this.clock = clock
    this.configured = config
    const { calls } = this
    estate.witness.beginProcess()
    const struck = (path: string) => estate.struck.add(path)
    this.disk = new SimulatedDisk(estate.disk, calls, { unlinking: (path) => watcher.unlinking(path), struck })
    this.server = new SimulatedServer(estate.site, calls, clock)
    this.models = new SimulatedModels(calls, estate.witness)
    this.http = new SimulatedHttpServer(calls)
    const cameras: CameraWorld = {
      ...{ clock, calls, witness: estate.witness, interval, turn },
      opening: (id) => watcher.opening(id),
    }
    this.daemon = createDaemon({
      config,
      version: 'simulated',
      world: {
        clock,
        random,
        log: createLog(calls, watcher),
        disk: this.disk,
        gzip: gzipAtOnce,
        openManifest: () => openSimulatedManifest(estate, calls),
        videoSource: (camera) => {
          this.made.set(camera.id, camera)
          return new SimulatedCamera(camera.id, cameras, this.streams)
        },
        modelRunner: this.models,
        sftpConnector: this.server,
        httpServer: ({ operate }) => {
          this.operate = operate
          return this.http
        },
        vitals: stillVitals,
        cores: 2,
      },
      onReport: (report) => watcher.report(report),
      ...(watcher.recorded && { onRecord: watcher.recorded }),
      ...(watcher.beat && { onBeat: watcher.beat }),
      inspect: (event) => this.#see(event, watcher),
    })
    void this.daemon.ended.then((end) => (this.end = end))
  }

  start(): void {
    this.daemon.start()
  }

  stop(): void {
    this.stopAskedAt ??= this.clock.monotonic()
    this.#watcher.stopAsked()
    this.daemon.stop()
  }

  /** Not waited for: it may be cut short by what happens next. */
  reload(config: Config): void {
    this.reloads++
    const read = async () => {
      this.configured = config
      return { ok: true, config } as const
    }
    void this.daemon.reload(read).finally(() => this.reloads--)
  }

  oversleep(ms: number): void {
    this.overslept += ms
    this.clock.oversleep(ms)
  }

  /** An actor ends as if somebody had stopped it behind its supervisor's back. */
  kill(path: string): void {
    const ref = this.refs.get(path) as (AnyActorRef & { _stop(): void }) | undefined
    ref?._stop()
    this.#forget(path, ref)
  }

  /** The next that an actor does throws, as an action of its machine with a bug would. */
  crash(path: string): void {
    const ref = this.refs.get(path) as (AnyActorRef & { logic: AnyActorLogic }) | undefined
    if (ref === undefined || (ref.getSnapshot() as { status: string }).status !== 'active') return
    const transition = (): never => {
      throw new SimulatedBug(`a bug of ${path}`)
    }
    ref.logic = { ...ref.logic, transition }
    ref.send({ type: 'simulated.crash' })
    this.#forget(path, ref)
  }

  /** XState says nothing more of it. Its next life may have begun already. */
  #forget(path: string, ref: AnyActorRef | undefined): void {
    if (this.refs.get(path) === ref) this.states.delete(path)
  }

  #see(event: InspectionEvent, watcher: Watcher): void {
    if (event.type === '@xstate.snapshot') {
      const { actorRef, snapshot } = event as unknown as { actorRef: AnyActorRef; snapshot: MachineSnapshotLike }
      if (snapshot.machine === undefined) {
        if (actorRef.id === 'cameras') this.refs.set(this.#pathOf(actorRef), actorRef)
        return
      }
      const path = this.#pathOf(actorRef)
      const state = snapshot.status === 'active' ? stateName(snapshot.value) : undefined
      const before = this.states.get(path)
      if (state === before && this.refs.get(path) === actorRef) return
      // The last word of an earlier life.
      if (state === undefined && this.refs.get(path) !== actorRef) return
      this.refs.set(path, actorRef)
      if (state === undefined) this.states.delete(path)
      else this.states.set(path, state)
      watcher.transition(path, state)
    } else if (event.type === '@xstate.event') {
      watcher.event(this.#pathOf(event.actorRef as AnyActorRef), event.event.type)
    }
  }

  #pathOf(ref: AnyActorRef): string {
    const known = this.#paths.get(ref)
    if (known !== undefined) return known
    const path = ref._parent === undefined ? ref.id : `${this.#pathOf(ref._parent)}/${ref.id}`
    this.#paths.set(ref, path)
    return path
  }
}

interface MachineSnapshotLike {
  readonly machine?: unknown
  readonly status: string
  readonly value: StateValue
}

function createLog(calls: HeldCalls, watcher: Watcher): LogSink {
  const log: LogSink = {
    debug(fact, fields) {
      if (fact === 'rows accepted') watcher.rowsAccepted(fields as unknown as RowsAccepted)
    },
    always: () => undefined,
    info: () => undefined,
    warn: (fact, fields = {}) => watcher.logged('warn', fact, fields),
    error: (fact, fields = {}) => watcher.logged('error', fact, fields),
    at: () => log,
    linesDropped: 0,
    flush: () => calls.hold({ name: 'log.flush', detail: '', faults: [hangs, breaks], work: () => undefined }),
  }
  return log
}
