import { createActor, type InspectionEvent } from 'xstate'
import type { Config } from './config/config.ts'
import { disposersOf } from './config/longest-stop.ts'
import { type Milliseconds, milliseconds, seconds } from './domain/units.ts'
import { createFeed } from './inspection-feed/feed.ts'
import type { DaemonPhase, DaemonState } from './inspection-feed/protocol.ts'
import type { FeedRecord } from './inspection-feed/record.ts'
import { recordingOf } from './inspection-feed/recording.ts'
import { Trends } from './inspection-feed/trends.ts'
import { watchActors } from './slots/actor-watch.ts'
import { askRoot } from './process/ask-root.ts'
import { endLanes, lastInspected } from './slots/camera-lanes.ts'
import { camerasSlot } from './slots/cameras-slot.ts'
import { csvWriterSlot } from './slots/csv-writer-slot.ts'
import { type CameraAccount, cameraAccounts, daemonState } from './slots/daemon-state.ts'
import { createFileBook } from './slots/file-book.ts'
import { Heartbeat } from './process/heartbeat.ts'
import { recordGauges } from './inspection-feed/record-gauges.ts'
import { inferenceSlot } from './slots/inference-slot.ts'
import { inspectorSlot } from './slots/inspector-slot.ts'
import { logSlot } from './slots/log-slot.ts'
import { manifestSlot } from './slots/manifest-slot.ts'
import { memoryBudget } from './process/memory-watch.ts'
import { awaitedSlot, readiness } from './inspection-feed/readiness.ts'
import { createReload, type Reload } from './slots/reload.ts'
import { createOperator } from './slots/operator.ts'
import { createStage } from './slots/stage.ts'
import type { Awaited } from './inspection-feed/readiness.ts'
import { watchStart } from './process/start-watch.ts'
import { type StopCause, StopRequest } from './process/stop-request.ts'
import { ThreadsEnd } from './process/threads-end.ts'
import { uploaderSlot } from './slots/uploader-slot.ts'
import type { World } from './slots/world.ts'
import { createSupervisor, type Report, type SupervisorOutput, type SupervisorRef } from './supervision/index.ts'

/** How a stop goes: the order of the data's way, not the start order reversed. */
export const stopOrder = ['cameras', 'inference', 'csv-writer', 'uploader', 'inspector', 'manifest', 'log'] as const

/** Parts may fail so often within so long; beyond that the root gives up. */
export const rootBudget = { intensity: 5, period: seconds(60) }

export interface Daemon {
  /** Starts the root; nothing runs before. */
  start(): void
  /** Drains everything in order. Called again: what remains has little time. Who asked first, asked for it. */
  stop(by?: Exclude<StopCause, 'wedge'>): void
  /** Has the configuration read again, and applies what differs in its cameras; the rest takes effect at the next start. */
  readonly reload: Reload
  /** Resolves when the root has ended, however it did. */
  readonly ended: Promise<DaemonEnd>
  state(): DaemonState
  /** What the start waits for. */
  awaited(): Awaited | undefined
}

export interface DaemonEnd {
  readonly root: SupervisorOutput
  /** Absent where it ended by itself. */
  readonly stoppedBy?: StopCause
  readonly state: DaemonState
  /** Of every camera that there has been. */
  readonly accounts: readonly CameraAccount[]
  /** An inference thread has not come to its end: a process that ends by itself now may abort. */
  readonly threadHangs: boolean
}

export interface DaemonOptions {
  readonly config: Config
  readonly world: World
  readonly version: string
  /** Hears every decision of every supervisor, after the log has. */
  readonly onReport?: (report: Report) => void
  /** Hears all that XState tells of every actor, after the inspector's tap has: for tests and debuggers. What it throws is reported as a fault. */
  readonly inspect?: (event: InspectionEvent) => void
  readonly onPhase?: (phase: DaemonPhase) => void
  /** Once a second, for as long as the event loop turns and the root answers. */
  readonly onBeat?: () => void
  /** Hears everything that happens in the actor system, as it does; must neither throw nor wait. */
  readonly onRecord?: (record: FeedRecord) => void
  /** How often counters and gauges become records; never where absent. */
  readonly gaugesEvery?: Milliseconds
}

/** Puts the daemon together: the slots on one stage, under one root. */
export function createDaemon(options: DaemonOptions): Daemon {
  const { config, world, version, onReport, onPhase, onBeat, inspect, onRecord, gaugesEvery } = options
  const { clock, log } = world
  const stage = createStage(config, world)
  const stopRequest = new StopRequest(clock)
  const { tap, tally, ring, bridge, record, ...watch } = watchActors({
    clock,
    log,
    onRecord,
    // Only the end of the process frees threads that hang: everything else is drained, and the service manager starts afresh.
    onWedged() {
      stopRequest.wedged()
      root.send({ type: 'drain' })
    },
  })
  const trends = new Trends(clock, stage.startedAt)
  let phase: DaemonPhase = 'starting'
  let endStartWatch = (): void => undefined
  const enter = (next: DaemonPhase) => {
    if (next === phase) return
    phase = next
    endStartWatch()
    onPhase?.(next)
  }
  const heart = new Heartbeat({
    clock,
    vitals: world.vitals,
    log: log.at('root'),
    memoryBudget: memoryBudget(config, world.vitals),
    // A root that has failed, or handles nothing any more, lets nobody hear of the beat, and whoever watches us sees it.
    onBeat: () => void (onBeat && askRoot(root, onBeat)),
  })
  let endGauges = (): void => undefined
  const gaugesFailed = (error: unknown) => log.error('the gauges cannot be read', { error })
  const state = () => daemonState(stage, { version, phase, actors: tap.actors(), heart })

  const logic = createSupervisor({
    strategy: 'one_for_one',
    // A writer that waits for its disk, or a manifest that doesn't open, keeps nobody else down.
    restartsApart: true,
    ...rootBudget,
    stopOrder,
    stopBudget: {
      total: config.stop.budget,
      hardCap: Math.max(config.stop.hardCap, config.stop.budget),
      afterSecondStop: config.stop.afterSecondSignal,
    },
    clock,
    random: world.random,
    onReport(report) {
      watch.hearSupervisor(report)
      onReport?.(report)
    },
    children: [
      logSlot(stage),
      manifestSlot(stage),
      csvWriterSlot(stage),
      uploaderSlot(stage),
      inspectorSlot(stage, {
        state,
        readiness: () => readiness(phase, root.getSnapshot().children, tap.actors()),
        tally,
        logLinesDropped: () => log.linesDropped,
        heart,
        operate: createOperator({
          cameras: () => root.getSnapshot().children.find(({ id }) => id === 'cameras')?.ref,
          configured: (cameraId) => stage.cameras.find(({ id }) => id === cameraId),
          // Asked again, it goes on draining: only a second signal cuts that short.
          stop: () => void (stopRequest.isAsked || stop('operator')),
          clock,
          log,
          manifest: () => stage.manifest,
          onResent() {
            stage.doorbell.ring()
            stage.files.changed()
          },
          onAsked(path, asked) {
            const epoch = tap.actors().find((actor) => actor.path === path)?.epoch ?? null
            record({ path, epoch }, asked)
          },
          restartWithin: milliseconds(config.stop.cameras + disposersOf(config.stop).cameras + seconds(1)),
        }),
        files: createFileBook(() => stage.manifest, clock),
        trends: (query) => trends.ask(query),
        feed: createFeed({ state, clock, ring }),
        inspect: bridge,
        recording: () => recordingOf(ring, `belay ${version}`),
        lastInspected: (cameraId) => lastInspected(stage, cameraId),
      }),
      inferenceSlot(stage),
      camerasSlot(stage),
    ],
  })
  const threads = new ThreadsEnd({ threads: world.modelRunner, hung: stage.hung, stop: config.stop, clock })
  const root = createActor(logic, {
    id: 'root',
    clock,
    inspect(event) {
      watch.hearXState(event)
      inspect?.(event)
    },
  })
  let resolve: (end: DaemonEnd) => void = () => undefined
  const ended = new Promise<DaemonEnd>((resolveEnded) => (resolve = resolveEnded))
  root.subscribe((snapshot) => {
    if (snapshot.value === 'running' && snapshot.hasTag('ready')) enter('running')
    if (snapshot.value === 'stopping') enter('draining')
    if (snapshot.status !== 'done') return
    enter('stopped')
    endGauges()
    endLanes(stage)
    void threads.wait(stopRequest.taken).then((ended) => {
      heart.stop()
      const { by: stoppedBy } = stopRequest
      resolve({
        ...{ root: snapshot.output, state: state(), accounts: cameraAccounts(stage), threadHangs: !ended },
        ...(stoppedBy && { stoppedBy }),
      })
    })
  })
  function stop(by: Exclude<StopCause, 'wedge'> = 'signal'): void {
    if (stopRequest.ask(by)) return root.send({ type: 'drain' })
    root.send({ type: 'stop.hurry' })
    threads.hurry()
  }
  const awaited = () => awaitedSlot(root.getSnapshot().children, tap.actors())
  return {
    start() {
      heart.start()
      endStartWatch = watchStart({
        clock,
        log: log.at('root'),
        awaited,
      })
      if (gaugesEvery !== undefined)
        endGauges = recordGauges({
          ...{ state, clock, record, onFault: gaugesFailed, every: gaugesEvery },
          onRead: (readings) => trends.take(readings),
        })
      // Last: it may end at once, and with it all that has begun here.
      root.start()
    },
    stop,
    reload: createReload({
      stage,
      group: () => root.getSnapshot().children.find(({ id }) => id === 'cameras')?.ref as SupervisorRef | undefined,
      isStopping: () => stopRequest.isAsked || phase === 'draining' || phase === 'stopped',
    }),
    ended,
    state,
    awaited,
  }
}
