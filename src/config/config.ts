import type { CommandType } from '../domain/command-type.ts'
import type { ExecutionProvider } from '../domain/execution-provider.ts'
import type { Box } from '../domain/fitting.ts'
import type { Fit, PictureSize } from '../domain/frame.ts'
import type { CameraId } from '../domain/ids.ts'
import type { ModelSpec } from '../domain/model.ts'
import type { Milliseconds } from '../domain/units.ts'
import type { Secret } from './secret.ts'

/** A configuration that was checked whole: every reference resolves, every path is absolute, every secret was read. */
export interface Config {
  /** Absolute path; the CSV files, the manifest and caches live below it. */
  readonly dataFolder: string
  /** One or more; each id once. */
  readonly cameras: readonly CameraConfig[]
  /** Each name once. */
  readonly models: readonly ModelSpec[]
  readonly inference: InferenceConfig
  readonly csv: CsvConfig
  readonly disk: DiskConfig
  /** Copies of manifest and open files, one a start; so many are kept, 0: none is made. */
  readonly backups: { readonly keep: number }
  readonly sftp: SftpConfig
  readonly http: HttpConfig
  readonly log: LogConfig
  readonly process: ProcessConfig
  readonly stop: StopConfig
}

/** What holds from a start of the daemon to the next: everything but the cameras. */
export type Settings = Omit<Config, 'cameras'>

/** One camera. At least one of `detect`, `classify` and `read` is there. */
export interface CameraConfig {
  readonly id: CameraId
  readonly source: SourceConfig
  /** The size that every picture is scaled to; `auto`: the largest input of the camera's models. */
  readonly picture: PictureSize | 'auto'
  readonly fit: Fit
  /** Cut out of the camera's picture before it is scaled, in its pixels; `undefined`: nothing is. */
  readonly crop: Box | undefined
  /** Frames a second at most; the others are skipped before they are captured. */
  readonly fps: number | 'all'
  /** Of so many frames one; the others are skipped before they are captured. */
  readonly every: number
  /** A stream that is silent this long is lost; `auto`: 2 s or 6 intervals, whichever is longer. */
  readonly stallAfter: Milliseconds | 'auto'
  /** A stream whose pictures are all the same this long is shown as frozen. */
  readonly frozenAfter: Milliseconds | 'off'
  /** Levels of 255; frames that differ from the last inspected one by no more are not inspected. */
  readonly motionGate: number | 'off'
  /** 0 to 9; one more is twice the share of inference at overload, and files of a higher one are delivered first. */
  readonly priority: number
  readonly detect: DetectConfig | undefined
  readonly classify: ClassifyConfig | undefined
  readonly read: ReadConfig | undefined
}

export type SourceConfig =
  FileSourceConfig | RtspSourceConfig | HttpSourceConfig | DeviceSourceConfig | SyntheticSourceConfig

/** A video file here; paced at its own rate unless `lossless`, which waits instead of dropping. */
export interface FileSourceConfig {
  readonly type: 'file'
  /** Absolute. */
  readonly path: string
  readonly loop: boolean
  readonly lossless: boolean
}

export interface RtspSourceConfig {
  readonly type: 'rtsp'
  /** Without credentials. */
  readonly url: string
  readonly credentials: Credentials | undefined
  readonly transport: 'tcp' | 'udp'
}

/** A video file on a web server: downloaded, then read like a file. */
export interface HttpSourceConfig {
  readonly type: 'http'
  /** Without credentials. */
  readonly url: string
  readonly credentials: Credentials | undefined
  readonly loop: boolean
  readonly lossless: boolean
}

/** A Video4Linux device; where `size`, `rate` or `format` is absent the device decides. */
export interface DeviceSourceConfig {
  readonly type: 'device'
  /** Absolute. */
  readonly path: string
  readonly size: PictureSize | undefined
  /** Frames a second. */
  readonly rate: number | undefined
  /** As ffmpeg calls it. */
  readonly format: string | undefined
}

/** The drawn belt. */
export interface SyntheticSourceConfig {
  readonly type: 'synthetic'
  readonly seed: number
  /** Frames a second. */
  readonly rate: number
  readonly lossless: boolean
}

export interface Credentials {
  readonly username: string
  readonly password: Secret
}

export interface DetectConfig {
  /** A name in `models`, of kind `detect`. */
  readonly model: string
  /** Detections below it are left out; 0..1. */
  readonly scoreThreshold: number
  /** Of two boxes of one label that overlap more than this, the lesser goes; 0..1. */
  readonly iouThreshold: number
}

export interface ClassifyConfig {
  /** A name in `models`, of kind `classify`. */
  readonly model: string
}

export interface ReadConfig {
  /** A name in `models`, of kind `read`. */
  readonly model: string
  /** Lines below it are left out; 0..1. */
  readonly scoreThreshold: number
}

export interface InferenceConfig {
  /** Threads; `auto`: one for each core that the process may use. */
  readonly workers: number | 'auto'
  /** Where models are to run, the first choice first; the processor is always the last. */
  readonly providers: readonly ExecutionProvider[]
  /** For one frame, all its models; a frame that takes longer is failed. */
  readonly deadline: Milliseconds
  /** So many threads that hang at once end the process; `auto`: as many as there are, and two at least. */
  readonly wedgedLimit: number | 'auto'
}

export interface CsvConfig {
  readonly rotation: RotationConfig
  /** Rows are made durable together this often; 0: each batch at once. */
  readonly commitEvery: Milliseconds
  readonly pack: PackConfig
  /** Requests that may wait for the writer. */
  readonly queue: number
}

/** What sealed files are packed into before they are sent. */
export interface PackConfig {
  readonly as: 'none' | 'gzip' | 'tar'
  /** In one archive. */
  readonly files: number
  readonly interval: Milliseconds
}

/** Bytes on the data folder's disk. */
export interface DiskConfig {
  /** With less free, log and page warn. */
  readonly warnBelow: number
  /** With less free, no rows are written. */
  readonly pauseBelow: number
  /** Set aside, for sealing and stopping on a full disk. */
  readonly reserve: number
}

/** What seals a file: whichever comes first. */
export interface RotationConfig {
  readonly everyRequest: boolean
  readonly rows: number
  readonly bytes: number
  readonly interval: Milliseconds
}

/** The one server. At least one of `password`, `privateKey` and `agent` is there. */
export interface SftpConfig {
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: Secret | undefined
  /** The key's text as its file holds it. */
  readonly privateKey: Secret | undefined
  readonly passphrase: Secret | undefined
  /** Absolute path of an agent's socket. */
  readonly agent: string | undefined
  readonly hostKey: HostKeyConfig
  /** On the server, absolute or relative to the login folder. */
  readonly folder: string
  /** Where a file grows before it is renamed: in a folder `.belay`, or beside its final name. */
  readonly temporary: 'folder' | 'suffix'
  /** What is confirmed before the rename. */
  readonly verify: 'size' | 'readback'
  /** After delivery; then the local copy is deleted. */
  readonly keepFor: Milliseconds | 'forever'
  /** Failures by a file's own fault. */
  readonly deadLetterAfter: number
  readonly probeEvery: Milliseconds
  /** 1 to 4, over one connection. */
  readonly channels: number
  readonly filesInFlight: number
  readonly connectTimeout: Milliseconds
  readonly operationTimeout: Milliseconds
}

/** How the server proves that it is the one. */
export type HostKeyConfig =
  /** One or more, as OpenSSH prints them: `SHA256:…`. */
  | { readonly fingerprints: readonly string[] }
  /** The content of a known_hosts file. */
  | { readonly knownHosts: string }
  | 'accept-any'

export interface HttpConfig {
  /** Off loopback only with a token's hash. */
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** scrypt hashes, as `belay token` makes them; whoever has the token may look, or look and operate. */
  readonly viewTokenHash: string | undefined
  readonly operateTokenHash: string | undefined
  /** What receivers at `/inspect` may have done, with the operating token. */
  readonly inspectCommands: readonly CommandType[]
}

export interface LogConfig {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** `auto`: human on a terminal, JSON otherwise. */
  readonly format: 'auto' | 'human' | 'json'
}

export interface ProcessConfig {
  /** Bytes that the process is meant to use at most; `auto`: three quarters of what the system allows. */
  readonly memory: number | 'auto'
}

/** Deadlines of a stop. */
export interface StopConfig {
  /** For everything together. */
  readonly budget: Milliseconds
  /** Files that are still sealed, packed or delivered extend it to this at most; never less than `budget`. */
  readonly hardCap: Milliseconds
  readonly cameras: Milliseconds
  readonly inference: Milliseconds
  readonly csvWriter: Milliseconds
  readonly uploader: Milliseconds
  /** For each of inspector, manifest and log. */
  readonly others: Milliseconds
  /** For everything that remains when a second signal comes; threads that still compute have 1 s all the same. */
  readonly afterSecondSignal: Milliseconds
}
