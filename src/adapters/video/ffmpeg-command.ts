import { type Box, letterboxGrey } from '../../domain/fitting.ts'
import type { Fit, PictureSize } from '../../domain/frame.ts'
import type { Milliseconds } from '../../domain/units.ts'
import { percentEncoded } from './redact.ts'

/** A recording on a disk of this machine. */
export interface FileInput {
  readonly type: 'file'
  readonly path: string
  /** Starts again at its end, for ever. */
  readonly loop?: boolean
}

export interface RtspInput {
  readonly type: 'rtsp'
  /** Without user name and password; `{username}` and `{password}` stand for them where the camera wants them in it. */
  readonly url: string
  readonly credentials?: Credentials
  /** `tcp` unless the camera can't. */
  readonly transport?: 'tcp' | 'udp'
}

/** A camera of this machine, by Video4Linux. */
export interface DeviceInput {
  readonly type: 'device'
  /** `/dev/video0`. */
  readonly path: string
  /** What to ask of the device; without it, whatever it is set to. */
  readonly size?: PictureSize
  readonly rate?: number
  /** As ffmpeg calls it: `mjpeg`, `yuyv422`; without it, the first that the device has, which is a raw one. */
  readonly format?: string
}

export interface Credentials {
  readonly username: string
  readonly password: string
}

export type FfmpegInput = FileInput | RtspInput | DeviceInput

export interface FfmpegRun {
  readonly input: FfmpegInput
  /** Of the pictures that come out. */
  readonly size: PictureSize
  readonly fit: Fit
  /** What is cut out of the camera's picture before it is scaled; without it, nothing. */
  readonly crop?: Box
  /** Of so many pictures one; without it, all. */
  readonly every?: number
  /** Pictures a second at most; without it, all. */
  readonly fps?: number
  /** Begins with the first picture that is whole by itself: those before it are made up of what the decoder never had. */
  readonly fromKeyPicture: boolean
  /** As fast as they are taken, rather than at the recording's own rate. */
  readonly unpaced: boolean
  /** How long ffmpeg waits for a silent peer before it ends by itself. */
  readonly socketTimeout: Milliseconds
}

export interface FfmpegCommand {
  readonly args: readonly string[]
  /** What it reads on its standard input; `undefined`: nothing. */
  readonly stdin: string | undefined
}

/**
 * ffmpeg's arguments for pictures of exactly `size` on its standard output, planes of red, green and blue, in the order in which they are decoded.
 *
 * Needs ffmpeg 5.1 or later. At level `verbose` it says the picture's size whenever that changes, and little else.
 */
export function ffmpegCommand(run: FfmpegRun): FfmpegCommand {
  const { before, stdin } = source(run)
  const args = [
    ...['-hide_banner', '-nostats', '-loglevel', 'repeat+level+verbose'],
    ...before,
    // One thread each: decoders and encoders with more of them hold back a picture for each thread, and that of raw pictures is one too.
    ...['-map', '0:v:0', '-filter_threads', '1', '-vf', filters(run), '-threads', '1'],
    // Passthrough, and a number for a time: no picture is doubled or dropped to even out the rate.
    ...['-fps_mode', 'passthrough', '-enc_time_base', '1:1000', '-f', 'rawvideo', '-pix_fmt', 'gbrp', 'pipe:1'],
  ]
  return { args, stdin }
}

function source(run: FfmpegRun): { before: string[]; stdin: string | undefined } {
  const { input } = run
  const decoder = ['-threads', '1']
  switch (input.type) {
    case 'file': {
      const pace = run.unpaced ? [] : ['-re']
      const loop = input.loop === true ? ['-stream_loop', '-1'] : []
      // Only files: a recording may be a playlist, and must not make us open connections.
      const open = ['-protocol_whitelist', 'file', '-i', `file:${input.path}`]
      // However much of it cannot be decoded, it has been read to its end.
      const tolerance = ['-max_error_rate', '1']
      return { before: ['-nostdin', ...tolerance, ...pace, ...loop, ...decoder, ...open], stdin: undefined }
    }
    case 'device': {
      const size = input.size === undefined ? [] : ['-video_size', `${input.size.width}x${input.size.height}`]
      const rate = input.rate === undefined ? [] : ['-framerate', `${input.rate}`]
      const format = input.format === undefined ? [] : ['-input_format', input.format]
      const open = ['-f', 'v4l2', ...format, ...size, ...rate, '-i', input.path]
      return { before: ['-nostdin', ...decoder, ...open], stdin: undefined }
    }
    case 'rtsp': {
      const probe = Object.entries(shortProbe).flatMap(([name, value]) => [`-${name}`, value])
      const protocols = ['-safe', '0', '-protocol_whitelist', 'pipe,rtsp,rtsps,rtp,tcp,udp,tls,crypto']
      return {
        before: [...decoder, '-flags', 'low_delay', ...probe, '-f', 'concat', ...protocols, '-i', 'pipe:0'],
        stdin: rtspList(input, run.socketTimeout),
      }
    }
  }
}

/** The least of probing: what is read is kept and decoded, so that the first picture is the stream's first key picture. */
const shortProbe = { probesize: '32000', analyzeduration: '1', fpsprobesize: '0' }

/** Of a longer one ffmpeg takes the lower 32 bits, which may be an instant: the caller's own watch has to do. In microseconds. */
const longestTimeout = 2 ** 31 - 1

/**
 * The address as a list of one, for ffmpeg's `concat` demuxer: on standard input, where `ps` doesn't show the password.
 * RTSP has no option for it beside the address.
 */
function rtspList(input: RtspInput, socketTimeout: Milliseconds): string {
  const microseconds = socketTimeout * 1000
  const options = {
    rtsp_transport: input.transport ?? 'tcp',
    allowed_media_types: 'video',
    ...(microseconds <= longestTimeout && { timeout: `${microseconds}` }),
    ...shortProbe,
  }
  const lines = Object.entries(options).map(([name, value]) => `option ${name} ${value}`)
  return ['ffconcat version 1.0', `file '${rtspAddress(input)}'`, ...lines, ''].join('\n')
}

function rtspAddress({ url, credentials }: RtspInput): string {
  const address = new URL(filledIn(url, credentials))
  const login = credentials && `${percentEncoded(credentials.username)}:${percentEncoded(credentials.password)}@`
  return `${address.protocol}//${login ?? ''}${address.host}${address.pathname}${address.search}`.replaceAll("'", '%27')
}

const filledIn = (text: string, { username, password }: Credentials = { username: '', password: '' }): string =>
  text.replaceAll('{username}', () => percentEncoded(username)).replaceAll('{password}', () => percentEncoded(password))

/** What must not be shown of what ffmpeg says: the password, and each word of the address of which it is a part. */
export function secretsOf({ url, credentials }: RtspInput): string[] {
  if (credentials === undefined) return []
  const words = url.split(/[^\p{L}\p{N}{}]/u).filter((word) => word.includes('{password}'))
  return [credentials.password, ...words.map((word) => filledIn(word, credentials))]
}

/** ffmpeg keeps planes as green, blue, red. It changes the names of the planes and copies nothing. */
const redFirst = 'shuffleplanes=2:0:1'

/** The gate opens with a picture that needs no other, and stays open. */
const fromKeyPicture = "select='st(0,gt(ld(0)+key+eq(pict_type,I),0))'"

/**
 * Pixels become square, and the picture as wide as it is meant to be seen; ffmpeg has turned it upright before. A shape that no camera has is
 * not believed. Says the size by which crop and boxes go, as `ffmpegWord` knows it. A picture whose pixels are square passes as it is.
 */
const squarePixels = "scale@square='if(between(sar,0.25,4),iw*sar,iw)':ih:flags=bilinear"

const grey = `0x${letterboxGrey.toString(16).repeat(3)}`

/** RGB before bars and cuts: in YUV they would begin at even pixels only, and bars not be of that grey. */
const fitted: Readonly<Record<Fit, (size: PictureSize) => readonly string[]>> = {
  letterbox: ({ width, height }) => [
    `scale=${width}:${height}:force_original_aspect_ratio=decrease:flags=bilinear`,
    'format=gbrp',
    `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2:color=${grey}`,
  ],
  stretch: ({ width, height }) => [`scale=${width}:${height}:flags=bilinear`, 'format=gbrp'],
  cover: ({ width, height }) => [
    `scale=${width}:${height}:force_original_aspect_ratio=increase:flags=bilinear`,
    'format=gbrp',
    // Left to itself it rounds a half to even.
    `crop=${width}:${height}:floor((iw-ow)/2):floor((ih-oh)/2):exact=1`,
  ],
}

function filters({ size, fit, crop, fps, every = 1, ...run }: FfmpegRun): string {
  const oneOf = every === 1 ? [] : [`select='not(mod(n,${every}))'`]
  const selected = [
    ...(run.fromKeyPicture ? [fromKeyPicture] : []),
    ...oneOf,
    ...(fps === undefined ? [] : [atMost(fps)]),
  ]
  // Exact: not rounded to where the colours of a subsampled picture have their pixels.
  const cut = crop === undefined ? [] : [`crop=${crop.width}:${crop.height}:${crop.x}:${crop.y}:exact=1`]
  return [...selected, squarePixels, ...cut, ...fitted[fit](size), redFirst, 'settb=1/1000', 'setpts=N'].join(',')
}

/**
 * Selects pictures by their time: credit grows by `fps` a second and each picture costs one, so that the average is right whatever
 * the source's rate. Of two neighbours the one nearer to its moment is taken: a source of just that rate loses nothing to jitter.
 */
function atMost(fps: number): string {
  const gap = `max(0,t-prev_t)*${fps}`
  // At most half a picture is saved up: a pause is not followed by a burst.
  const grow = `st(0,min(1.5,ld(0)+${gap}))`
  const spend = `if(gte(ld(0)+${gap}/2,1),st(0,ld(0)-1)*0+1,0)`
  return `select='if(isnan(t)+isnan(prev_t),st(0,0)*0+1,${grow}*0+${spend})'`
}
