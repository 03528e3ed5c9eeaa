import type { FrameCounts } from '../domain/frame-account.ts'
import type { PictureSize } from '../domain/frame.ts'
import type { BootNumber, CameraId, Epoch } from '../domain/ids.ts'
import type { ModelKind } from '../domain/inspection.ts'
import type { RoomLevel } from '../domain/room.ts'
import type { RowCounts } from '../domain/row-account.ts'
import type { EpochMs } from '../domain/units.ts'
import type { FileState } from '../domain/file-state.ts'
import type { FeedRecord } from './record.ts'

/**
 * What the daemon says of itself: at `/api/state` as one `DaemonState`, on `/feed` as a snapshot and then what changed.
 *
 * Plain JSON. Nothing in it is secret: addresses stand without user names and passwords.
 */
export interface DaemonState {
  readonly version: string
  readonly boot: BootNumber
  /** As the wall clock had it then. It names this start, and never changes. */
  readonly startedAt: EpochMs
  /** The same moment as the wall clock stands now: it moves when that is set, so that `at - runningSince` is how long it has run. */
  readonly runningSince: EpochMs
  /** When this was put together. */
  readonly at: EpochMs
  readonly phase: DaemonPhase
  readonly configuration: ConfigurationView
  /** Depth first, each actor after its parent, siblings in start order. */
  readonly actors: readonly ActorView[]
  /** In the configuration's order. */
  readonly cameras: readonly CameraView[]
  readonly inference: InferenceView
  readonly writer: WriterView
  readonly uploader: UploaderView
  /** As it is now; `null` at a moment of the past. */
  readonly process: ProcessView | null
}

/** What the daemon runs by. */
export interface ConfigurationView {
  /** When it was applied: at the start, or by the latest reload that was not refused. */
  readonly appliedAt: EpochMs
  /** The latest reload, where it was refused, or failed for some camera: what runs is older than the file. */
  readonly refused: { readonly at: EpochMs; readonly why: string } | null
  /** The keys of the file, as it was last applied, that take effect at the next start. */
  readonly atNextStart: readonly string[]
}

export type DaemonPhase = 'starting' | 'running' | 'draining' | 'stopped'

/** One node of the supervision tree. */
export interface ActorView {
  /** Ids from the root down: `root/cameras/dock-1`. */
  readonly path: string
  /** `other`: a supervised actor that is neither; its state is what its supervisor says of it. */
  readonly kind: 'supervisor' | 'machine' | 'other'
  /** The innermost state: `streaming`; parallel regions side by side: `open | probing`. */
  readonly state: string
  /** The machine's own words for the state. */
  readonly description: string | null
  /** When it came into this state. */
  readonly since: EpochMs
  /** Why it is in this state, where that needs a reason. */
  readonly why: string | null
  /** When it tries again; `null` where it does not wait to. */
  readonly nextTryAt: EpochMs | null
  readonly epoch: Epoch | null
  /** How many more restarts its supervisor (for a supervisor: it itself) allows within the period. */
  readonly restartsLeft: number | null
  /** How often its supervisor restarted it after a failure, since the start; `null` at a moment of the past. */
  readonly restarts: number | null
  /** How often it tried again what had failed, since the start: a stream, a session; `null` at a moment of the past. */
  readonly reconnects: number | null
  /** Events that it has got and not yet handled, now and the most at once in this life; `null` where that is not known. */
  readonly mailbox: { readonly waiting: number; readonly most: number } | null
  /** What its supervisor last decided about it, and why. */
  readonly lastDecision: string | null
  /** The states before this one, the latest first; at most 8. */
  readonly before: readonly PastState[]
}

export interface PastState {
  readonly state: string
  readonly since: EpochMs
  readonly until: EpochMs
  readonly why: string | null
}

export interface CameraView {
  readonly id: CameraId
  /** Of its actor, whose view has state, since and why. */
  readonly path: string
  /** Where its pictures come from, for people: `rtsp://10.0.0.7/stream1`, `synthetic`. */
  readonly source: string
  /** The camera's own picture; `null` before the first. */
  readonly sourceSize: PictureSize | null
  /** Names of its models. */
  readonly models: readonly string[]
  /** It waits instead of dropping. */
  readonly lossless: boolean
  readonly frames: FrameCounts
  readonly rows: RowCounts
  /** Of inspected frames, results with as much in them as is kept of a frame: rows may be missing. */
  readonly resultsAtBound: number
  /** Frames have failed in the last minute, and none was inspected. */
  readonly failing: boolean
  /** Rows were refused or failed in the last 5 minutes. */
  readonly losingRows: boolean
  /** Pictures that arrived a second, over the last few seconds. */
  readonly fps: number
  /** Frames inspected a second, over the last few seconds. */
  readonly inspectedPerSecond: number
  /** From a frame's last byte until its rows were handed to the writer, over the latest frames; `null` where none was inspected in the last minute. */
  readonly latencyMs: { readonly p50: number; readonly p95: number } | null
  /** What its models said of the last inspected frame: `particle 3, best 0.97 · moving 0.99`. */
  readonly lastFinding: string | null
  /** When that frame was captured; `null` before the first. */
  readonly lastFindingAt: EpochMs | null
}

export interface InferenceView {
  readonly path: string
  readonly models: readonly ModelView[]
  readonly workers: {
    readonly wanted: number
    /** Threads that run and take frames. */
    readonly running: number
    /** Of the running ones, those with a frame in hand. */
    readonly busy: number
    /** Given up with a task that never ended. */
    readonly wedged: number
    /** Fewer have run than are wanted for 5 minutes. */
    readonly isShort: boolean
  }
  /** Frames waiting for a worker. */
  readonly waiting: number
  /** So many may wait, all cameras taken together; then live ones drop and lossless ones wait. */
  readonly waitingLimit: number
}

export interface ModelView {
  readonly name: string
  readonly kind: ModelKind
  readonly input: PictureSize
  readonly labels: readonly string[]
}

export interface WriterView {
  readonly path: string
  /** Whether a writer is there to take requests. */
  readonly running: boolean
  readonly stats: WriterStats
  /** So many requests may wait; one more is refused. */
  readonly queueLimit: number
  readonly openFiles: number
  /** Since this start. */
  readonly sealedFiles: number
  /** Cut off behind the last whole frames of files that a crash had left open; since this start. */
  readonly tornBytes: number
  /** Why it takes requests but cannot write them at the moment; `null` while it can. */
  readonly blocked: string | null
  readonly disk: DiskView
}

/** Room on the data folder's disk. */
export interface DiskView {
  /** `low`: somebody should look. `none`: rows wait. */
  readonly level: RoomLevel
  /** `null` before the first look. */
  readonly freeBytes: number | null
  /** Until rows have to wait, if it goes on as in the last ten minutes; `null` where that is not to be foreseen. */
  readonly fullInMs: number | null
}

/** Requests since this start. */
export interface WriterStats {
  readonly queued: number
  readonly written: number
  readonly failed: number
  /** Waiting now. */
  readonly queueSize: number
}

export interface UploaderView {
  readonly path: string
  readonly running: boolean
  /** Where it delivers to, without a password: `sftp://belay@customer.example:22/in`. */
  readonly server: string
  /** A session is open. */
  readonly connected: boolean
  readonly stats: UploaderStats
  /** So many files may be `sending` at a time; the others stay `pending`. */
  readonly sendingLimit: number
  /** Of the whole manifest. */
  readonly files: Readonly<Record<FileState, number>>
  /** Data rows in the files of each state. */
  readonly rows: Readonly<Record<FileState, number>>
  /** When the file was sealed that has waited longest for its delivery; `null` if none waits. */
  readonly oldestUndelivered: EpochMs | null
}

export interface UploaderStats {
  /** Uploaded or set aside since this start, and undelivered. One that is sent again counts again, and packed ones as their archive. */
  readonly queued: number
  readonly uploaded: number
  /** Failed tries. */
  readonly failed: number
  /** Undelivered files. */
  readonly queueSize: number
}

/** The process that it is. Counts are since the start. */
export interface ProcessView {
  /** The longest that the event loop has stood still in the last minute. */
  readonly eventLoopDelayMs: number
  /** Times that it stood still for more than a second, and for how long in all. */
  readonly stalls: number
  readonly stalledMs: number
  readonly residentBytes: number
  /** So many it is meant to use at most. */
  readonly memoryBudgetBytes: number
  /** Lines of the log that could not be written. */
  readonly logLinesDropped: number
}

/** Whether the daemon is ready for work, and if not, what it waits for. */
export interface Readiness {
  readonly ready: boolean
  readonly reasons: readonly string[]
}

/** What `/feed` sends; each message is one JSON text. The client sends nothing. */
export type FeedMessage = FeedSnapshot | FeedDelta

export interface FeedSnapshot {
  readonly type: 'snapshot'
  /** Counts the feed's messages from 1 within one start of the daemon. A delta follows on the message one before it. */
  readonly sequence: number
  readonly cause: SnapshotCause
  readonly state: DaemonState
  /** Sequence of the latest record of which the feed has told; those after it come with deltas, those before are at `/api/recording`. */
  readonly recordsUntil: number
}

/** `began`: a new client. `lost-place`: what it asked to resume from is no longer kept. `too-slow`: it fell behind, and messages were left out. */
export type SnapshotCause = 'began' | 'lost-place' | 'too-slow'

/** Only what changed, each changed part whole. At least one a second, so that silence means a dead connection. */
export interface FeedDelta {
  readonly type: 'delta'
  readonly sequence: number
  readonly at: EpochMs
  readonly boot?: BootNumber
  readonly runningSince?: EpochMs
  readonly phase?: DaemonPhase
  readonly configuration?: ConfigurationView
  readonly actors?: readonly ActorView[]
  /** All paths in order, where one has come, gone or moved. */
  readonly actorOrder?: readonly string[]
  readonly cameras?: readonly CameraView[]
  readonly cameraOrder?: readonly CameraId[]
  readonly inference?: InferenceView
  readonly writer?: WriterView
  readonly uploader?: UploaderView
  readonly process?: ProcessView
  /** What has happened since the last message that had records, in order. */
  readonly records?: readonly FeedRecord[]
}
