import type { CameraConfig, Config, Settings } from '../config/config.ts'
import type { FrameId } from '../domain/frame.ts'
import type { BootNumber, CameraId } from '../domain/ids.ts'
import { DeliveryCounters } from '../delivery/delivery-stats.ts'
import { Doorbell } from '../delivery/doorbell.ts'
import { RemovalMemory } from '../delivery/remove-delivered.ts'
import { FilesAtOnce } from '../delivery/files-at-once.ts'
import { Suspicion } from '../delivery/suspicion.ts'
import { ManifestClosedError } from '../domain/manifest-errors.ts'
import type { LoadedModel } from '../domain/model.ts'
import { type EpochMs, epochMs } from '../domain/units.ts'
import type { CameraLane } from '../frame-path/camera-lane.ts'
import type { CameraLedger } from '../frame-path/camera-ledger.ts'
import { FrameScheduler } from '../frame-path/frame-scheduler.ts'
import { HungThreads } from '../frame-path/hung-threads.ts'
import type { ConfigurationView } from '../inspection-feed/protocol.ts'
import { steadyOffset } from '../inspection-feed/steady-offset.ts'
import type { Log } from '../ports/log.ts'
import type { Manifest } from '../ports/manifest.ts'
import { DiskWatch } from '../storage/disk-watch.ts'
import { RowQueue } from '../storage/row-queue.ts'
import { createSeriesOf } from './series-of.ts'
import { createAcceptanceLog } from '../logging/acceptance-log.ts'
import { type CountedRunner, countedRunner } from '../frame-path/counted-runner.ts'
import { FileCounter } from '../storage/file-counter.ts'
import { createBoundLog } from '../logging/bound-log.ts'
import { createRefusalLog } from '../logging/refusal-log.ts'
import { RowLosses } from '../inspection-feed/row-losses.ts'
import type { World } from './world.ts'
import { workerCount } from '../config/worker-count.ts'

/**
 * What the slots hand one another: each sets what is its own before it is ready, and those that start later find it.
 *
 * Queues and accounts stand here too: they outlive the incarnations that fill and empty them.
 */
export interface Stage {
  /** As it was at the start, and stays. */
  readonly config: Settings
  /** Those that are to run now: the configuration's, until a reload changes them. */
  cameras: readonly CameraConfig[]
  /** A reload's: when what runs was applied, and whether the latest was refused. */
  configuration: ConfigurationView
  readonly world: World
  readonly log: Log
  readonly startedAt: EpochMs
  /** That moment as the wall clock stands now. */
  readonly runningSince: () => EpochMs
  /** The manifest's slot's; 0 before it is open. */
  boot: BootNumber
  /** The manifest's slot's, while it is open. */
  manifest: Manifest | undefined
  /** The manifest's slot's: it has failed or was stopped, and its supervisor does not know yet. */
  isLettingGo: boolean
  /** From the cameras to the writer. */
  readonly queue: RowQueue
  readonly losses: RowLosses
  /** Warns of a frame of which rows of a model may be missing. */
  readonly warnOfBound: (frame: FrameId, model: string) => void
  /** The writer's: how much room the data folder's disk has. */
  readonly diskWatch: DiskWatch
  /** From the cameras to inference. */
  readonly scheduler: FrameScheduler
  readonly runner: CountedRunner
  /** Inference threads that hang now. */
  readonly hung: HungThreads
  /** The inference slot's: what the models turned out to be. */
  models: readonly LoadedModel[]
  /** One for each camera that runs, or has run and still is to. */
  readonly lanes: Map<CameraId, CameraPlace>
  /** One for each camera that has ever run, those that were removed too. */
  readonly ledgers: Map<CameraId, CameraLedger>
  /** Rings when a file was sealed: a hint to the uploader, no more. */
  readonly doorbell: Doorbell
  readonly delivery: DeliveryCounters
  /** Which files fail by their own fault, over all of the uploader's lives. */
  readonly suspicion: Suspicion
  /** How many files the line to the server carries, over all of the uploader's lives. */
  readonly filesAtOnce: FilesAtOnce
  /** Local copies that are to be deleted, over all of the uploader's lives. */
  readonly removals: RemovalMemory
  readonly files: FileCounter
  readonly tally: Tally
}

/** A lane and the configuration that it was made for. */
export interface CameraPlace {
  readonly camera: CameraConfig
  readonly lane: CameraLane
}

/** What has been done since the start that no other part keeps. */
export interface Tally {
  /** Files sealed since the start. */
  sealedFiles: number
  /** This start has made its copy of the manifest, or has tried to. */
  backedUp: boolean
}

/** As it is before any slot has started. */
export function createStage(config: Config, world: World): Stage {
  const { clock, log } = world
  const offset = steadyOffset(clock)
  const startedAt = clock.monotonic()
  const writerLog = log.at('root/csv-writer')
  const seriesOf = createSeriesOf()
  const queue = new RowQueue(config.csv.queue, () => seriesOf(stage.cameras))
  queue.onRefused = createRefusalLog(writerLog, clock)
  queue.onAccepted = createAcceptanceLog(writerLog)
  const losses = new RowLosses(clock)
  queue.onLost = (id) => losses.note(id)
  const stage: Stage = {
    config,
    cameras: config.cameras,
    configuration: { appliedAt: clock.now(), refused: null, atNextStart: [] },
    world,
    log,
    startedAt: epochMs(Math.round(offset() + startedAt)),
    runningSince: () => epochMs(Math.round(offset() + startedAt)),
    boot: 0,
    manifest: undefined,
    isLettingGo: false,
    queue,
    losses,
    warnOfBound: createBoundLog(log.at('root/inference'), clock),
    scheduler: new FrameScheduler(),
    diskWatch: new DiskWatch(config.disk, clock),
    runner: countedRunner(world.modelRunner, workerCount(config, world.cores), clock),
    hung: new HungThreads(),
    models: [],
    lanes: new Map(),
    ledgers: new Map(),
    doorbell: new Doorbell(),
    delivery: new DeliveryCounters(),
    suspicion: new Suspicion(),
    filesAtOnce: new FilesAtOnce(),
    removals: new RemovalMemory(),
    files: new FileCounter(clock),
    tally: { sealedFiles: 0, backedUp: false },
  }
  return stage
}

/**
 * The open manifest, for a slot that starts after its own, is taken along when that one fails, and may be starting anew just then.
 *
 * @throws {ManifestClosedError} it is being let go: to be asked for again, at no cost, until the supervisor has heard of its end.
 * @throws {Error} it is gone, and its restart may wait for the very slot that asks: that one has to give way.
 */
export function manifestOf({ manifest, isLettingGo }: Stage): Manifest {
  if (manifest !== undefined) return manifest
  if (isLettingGo) throw new ManifestClosedError()
  throw new Error('The manifest is not open: its slot has not started, or has ended')
}
