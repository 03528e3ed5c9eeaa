import { perState } from '../../src/domain/file-state.ts'
import { cameraId } from '../../src/domain/ids.ts'
import { epochMs } from '../../src/domain/units.ts'
import type { ActorView, CameraView, DaemonState } from '../../src/inspection-feed/protocol.ts'

export const startedAt = epochMs(Date.UTC(2026, 0, 1))

export const actorView = (path: string, changes: Partial<ActorView> = {}): ActorView => ({
  path,
  kind: 'machine',
  state: 'streaming',
  description: 'Pictures arrive and are inspected.',
  since: startedAt,
  why: 'pictures arrive',
  nextTryAt: null,
  epoch: 1,
  restartsLeft: 5,
  restarts: 0,
  reconnects: 0,
  mailbox: { waiting: 0, most: 1 },
  lastDecision: null,
  before: [],
  ...changes,
})

export const cameraView = (id: string, changes: Partial<CameraView> = {}): CameraView => ({
  id: cameraId(id),
  path: `root/cameras/${id}`,
  source: 'synthetic',
  sourceSize: { width: 640, height: 480 },
  models: ['belt-particles'],
  lossless: false,
  frames: {
    captured: 10,
    inspected: 7,
    dropped: { superseded: 2, 'no-slot': 0, 'no-predecessor': 0, unchanged: 0, stopped: 0 },
    failed: { timeout: 0, 'inference-error': 0, 'worker-died': 0, 'cut-off': 0 },
    inFlight: 1,
  },
  rows: { produced: 7, accepted: 7, refused: { 'queue-full': 0, 'writer-down': 0 }, failed: 0, queued: 0 },
  resultsAtBound: 0,
  failing: false,
  losingRows: false,
  fps: 25,
  inspectedPerSecond: 20,
  latencyMs: { p50: 20, p95: 31 },
  lastFinding: 'particle 3, best 0.97',
  lastFindingAt: epochMs(startedAt + 900),
  ...changes,
})

const files = { ...perState(() => 0), pending: 1, delivered: 3 }

export const daemonState = (changes: Partial<DaemonState> = {}): DaemonState => ({
  version: '0.1.0',
  boot: 7,
  startedAt,
  runningSince: startedAt,
  at: epochMs(startedAt + 1_000),
  phase: 'running',
  configuration: { appliedAt: startedAt, refused: null, atNextStart: [] },
  actors: [
    actorView('root', { kind: 'supervisor', state: 'running' }),
    actorView('root/cameras', { kind: 'supervisor', state: 'running' }),
    actorView('root/cameras/dock-1'),
    actorView('root/cameras/dock-2'),
  ],
  cameras: [cameraView('dock-1'), cameraView('dock-2')],
  inference: {
    path: 'root/inference',
    models: [{ name: 'belt-particles', kind: 'detect', input: { width: 320, height: 240 }, labels: ['particle'] }],
    workers: { wanted: 2, running: 2, busy: 1, wedged: 0, isShort: false },
    waiting: 0,
    waitingLimit: 2,
  },
  writer: {
    path: 'root/csv-writer',
    running: true,
    stats: { queued: 14, written: 12, failed: 1, queueSize: 1 },
    queueLimit: 200,
    openFiles: 2,
    sealedFiles: 4,
    tornBytes: 130,
    blocked: null,
    disk: { level: 'enough', freeBytes: 12_000_000_000, fullInMs: null },
  },
  uploader: {
    path: 'root/uploader',
    running: true,
    server: 'sftp://belay@127.0.0.1:2022/in',
    connected: true,
    stats: { queued: 4, uploaded: 3, failed: 2, queueSize: 1 },
    sendingLimit: 100,
    files,
    rows: { ...files, delivered: 30, pending: 4 },
    oldestUndelivered: epochMs(startedAt - 60_000),
  },
  process: {
    eventLoopDelayMs: 12,
    stalls: 0,
    stalledMs: 0,
    residentBytes: 267e6,
    memoryBudgetBytes: 2e9,
    logLinesDropped: 0,
  },
  ...changes,
})
