import { type AnyActorLogic, type AnyActorRef, createActor, type SnapshotFrom } from 'xstate'
import { formatConfigMistakes } from '../../src/config/config-mistake.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { cameraId } from '../../src/domain/ids.ts'
import { milliseconds, seconds } from '../../src/domain/units.ts'
import type { InferenceJob } from '../../src/frame-path/inference-job.ts'
import type { cameraMachine } from '../../src/machines/camera-machine.ts'
import type { LogFields, LogSink } from '../../src/ports/log.ts'
import { camerasSlot } from '../../src/slots/cameras-slot.ts'
import { createOperator } from '../../src/slots/operator.ts'
import { createReload, type ReadConfig } from '../../src/slots/reload.ts'
import { createStage } from '../../src/slots/stage.ts'
import type { World } from '../../src/slots/world.ts'
import { createSupervisor, type SupervisorRef } from '../../src/supervision/index.ts'
import { configOf, secretsOf } from '../config/small-config.ts'
import { asUsual, FakeModelRunner } from '../fakes/fake-model-runner.ts'
import { FakeVideoSource } from '../fakes/fake-video-source.ts'
import { stillVitals } from '../fakes/still-vitals.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'

/** A configuration of cameras by id, each with keys of its own. */
export const configText = (cameras: Readonly<Record<string, string>>, more = ''): string => `cameras:
${Object.entries(cameras)
  .map(([id, keys]) => `  - { id: ${id}, source: { type: rtsp, url: 'rtsp://10.0.0.5/${id}' }, ${keys} }`)
  .join('\n')}
models:
  particles: { kind: detect, file: 'builtin:belt-particles' }
${more}sftp: { host: sftp.example.com, username: belay, passwordEnv: SFTP_PASSWORD, hostKey: accept-any }
`

/** What any camera of these tests says, unless it says something else. */
export const plain = 'picture: 32x16, detect: { model: particles }'

export interface Line {
  readonly level: string
  readonly path: string
  readonly fact: string
  readonly fields: LogFields
}

/** The cameras' slot under a root, over fake cameras; nobody inspects a frame but the test, and nobody writes its rows. */
export async function runCameras(text: string, random = () => 0) {
  const clock = new VirtualClock()
  const config = await configOf(text)
  const lines: Line[] = []
  /** The sources that were made, by camera; the latest last. */
  const sources = new Map<string, FakeVideoSource[]>()
  const broken = new Set<string>()
  const world: World = {
    clock,
    random,
    log: logInto(lines),
    videoSource({ id }, size) {
      if (broken.has(id)) throw new Error(`no source for ${id}`)
      const source = new FakeVideoSource(clock, size)
      sources.set(id, [...(sources.get(id) ?? []), source])
      return source
    },
    modelRunner: Object.assign(new FakeModelRunner(), { ended: not('The end of threads') }),
    cores: 1,
    ...absent,
  }
  const stage = createStage(config, world)
  stage.models = [
    {
      ...asUsual,
      name: 'particles',
      kind: 'detect',
      input: { width: 32, height: 16 },
      frames: 1,
      labels: ['a'],
      layout: 'v8',
    },
  ]
  stage.boot = 3
  stage.queue.open()
  const root = createActor(
    createSupervisor({ intensity: 5, period: 60_000, clock, random, children: [camerasSlot(stage)] }),
    { id: 'root', clock },
  )
  let stopping = false
  const group = () => root.getSnapshot().children[0]?.ref as SupervisorRef | undefined
  const reload = createReload({ stage, group, isStopping: () => stopping })
  return {
    clock,
    stage,
    lines,
    sources,
    /** Cameras for which no source can be made. */
    broken,
    async start() {
      root.start()
      await settle()
    },
    stop() {
      stopping = true
      root.send({ type: 'drain' })
    },
    reload,
    /** A reload of this text, to its end. */
    async reloadTo(next: string) {
      const done = reload(() => readConfigOf(next))
      await clock.advanceAsync(0)
      await done
    },
    /** The cameras' supervisor. */
    get group(): SupervisorRef {
      const ref = group()
      if (ref === undefined) throw new Error('The cameras do not run')
      return ref
    },
    operate: createOperator({
      cameras: () => group() as AnyActorRef | undefined,
      configured: (cameraId) => stage.cameras.find(({ id }) => id === cameraId),
      restartWithin: seconds(10),
      ...{ stop: not('A stop'), manifest: not('The manifest'), onResent: not('A file') },
      ...{ onAsked: () => undefined, clock, log: world.log.at('operator') },
    }),
    /** A bug of the camera: the next that it does throws. */
    async crash(id: string) {
      const ref = group()
        ?.getSnapshot()
        .children.find((child) => child.id === id)?.ref as (AnyActorRef & { logic: AnyActorLogic }) | undefined
      if (ref === undefined) throw new Error(`${id} does not run`)
      const transition = (): never => {
        throw new Error(`a bug of ${id}`)
      }
      ref.logic = { ...ref.logic, transition }
      ref.send({ type: 'crash' })
      await settle()
    },
    /** As a bug of the supervisor would. */
    async crashGroup() {
      const crash = { type: 'supervisor.start_child', get spec(): never { throw new Error('a bug') } } as const // prettier-ignore
      group()?.send(crash)
      await settle()
    },
    /** Each camera of the group with the epoch of its life. */
    get running(): Record<string, number> {
      return Object.fromEntries((group()?.getSnapshot().children ?? []).map(({ id, epoch }) => [id, epoch]))
    },
    /** What its supervisor says of a camera. */
    stateOf: (id: string) =>
      group()
        ?.getSnapshot()
        .children.find((child) => child.id === id)?.state,
    /** The state of a camera, and why it is in it. */
    saying(id: string) {
      const camera = group()
        ?.getSnapshot()
        .children.find((child) => child.id === id)
      const { value, context } = camera?.ref?.getSnapshot() as SnapshotFrom<typeof cameraMachine>
      return { state: value, why: context.why }
    },
    source(id: string): FakeVideoSource {
      const source = sources.get(id)?.at(-1)
      if (source === undefined) throw new Error(`${id} has never been started`)
      return source
    },
    frames: (id: string) => stage.ledgers.get(cameraId(id))?.account.counts,
    take(): InferenceJob {
      const job = stage.scheduler.takeNow()
      if (job === undefined) throw new Error('No frame waits')
      return job
    },
  }
}

export async function readConfigOf(text: string): Promise<ReadConfig> {
  const loaded = await loadConfig(text, '/etc/belay/belay.yaml', secretsOf())
  return loaded.ok ? loaded : { ok: false, mistakes: formatConfigMistakes(loaded.mistakes).split('\n') }
}

export const answer = (job: InferenceJob): Promise<void> =>
  job.answered({ findings: [{ kind: 'detect', model: 'particles', detections: [] }], elapsed: milliseconds(1) })

export function logInto(lines: Line[], path = ''): LogSink {
  const say =
    (level: string) =>
    (fact: string, fields: LogFields = {}) =>
      void lines.push({ level, path, fact, fields })
  return {
    debug: say('debug'),
    always: say('always'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    at: (at) => logInto(lines, at),
    flush: async () => undefined,
    linesDropped: 0,
  }
}

export const not = (what: string) => (): never => {
  throw new Error(`${what} is not part of this stage`)
}

/** What cameras never touch. */
export const absent: Omit<World, 'clock' | 'random' | 'log' | 'videoSource' | 'modelRunner' | 'cores'> = {
  disk: new Proxy({} as World['disk'], { get: not('The disk') }),
  gzip: not('Compression'),
  openManifest: not('The manifest'),
  sftpConnector: new Proxy({} as World['sftpConnector'], { get: not('The server') }),
  httpServer: not('The page'),
  vitals: stillVitals,
}
