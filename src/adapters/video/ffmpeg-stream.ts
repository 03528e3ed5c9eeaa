import { CameraCropError, CameraRefusedError, CameraUnreachableError } from '../../domain/camera-errors.ts'
import { type Box, liesWithin } from '../../domain/fitting.ts'
import { isSameSize, type PictureSize } from '../../domain/frame.ts'
import type { CameraId } from '../../domain/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { FrameSink } from '../../ports/frame-sink.ts'
import type { StreamEnd, VideoStream } from '../../ports/video-source.ts'
import { ChildProgram, type ProgramEnd } from './child-program.ts'
import type { FfmpegCommand, FfmpegInput } from './ffmpeg-command.ts'
import { endDetail, ffmpegFailure, readToItsEnd } from './ffmpeg-failure.ts'
import { ffmpegWord } from './ffmpeg-words.ts'
import { adviceOnRedirects, mostRedirects } from './http-redirect.ts'
import { notAsAsked } from './not-as-asked.ts'
import type { PicturePipe } from './picture-pipe.ts'

export interface FfmpegStreamOptions {
  readonly cameraId: CameraId
  readonly input: FfmpegInput
  /** What `command` cuts out of each picture. */
  readonly crop: Box | undefined
  readonly command: FfmpegCommand
  /** What `command` skips: all but one of so many pictures, and those beyond so many a second. */
  readonly every: number
  readonly fps: number | undefined
  /** The program. */
  readonly ffmpeg: string
  readonly redact: (text: string) => string
  readonly clock: Clock
  readonly sink: Pick<FrameSink, 'decodeFailed' | 'damaged' | 'lost' | 'resized'>
  /** Where its pictures go. */
  readonly pipe: PicturePipe
  /** Resolves with the first of them. */
  readonly firstPicture: Promise<void>
  readonly signal: AbortSignal
}

/** How many of its last complaints are kept to explain its end. */
const wordsKept = 4

/** Pictures a second of a stream that doesn't say, where it matters. */
const usualRate = 25

/** One ffmpeg process from its start to its end: its pictures go into the sink, its words become facts. */
export class FfmpegStream {
  /** Resolves with the first picture; rejects, as an error of the camera, when the process ends before it. */
  readonly began: Promise<VideoStream>
  /** Resolves when nothing is left of the process; never rejects. */
  readonly ended: Promise<StreamEnd>
  readonly #program: ChildProgram
  /** Aborts when no picture is wanted any more: by the caller, or because the picture's size has changed. */
  readonly #over = new AbortController()
  #words: string[] = []
  #rate: number | undefined
  #codec: string | undefined
  /** Of the pictures that were damaged, and of those that were lost, what has not been told of. */
  readonly #untold = { damaged: 0, lost: 0 }
  #redirects = 0
  /** Why it was stopped before its first picture, where that was the camera's doing. */
  #refusal: CameraRefusedError | undefined
  #size: PictureSize | undefined
  /** What became of that, where it ends the stream. */
  #change: string | undefined
  #why = 'stopped'
  /** It was stopped at where no more of a recording can be read. */
  #isReadAsFarAs = false

  constructor(private readonly options: FfmpegStreamOptions) {
    const { pipe, firstPicture, signal, clock, command, ffmpeg } = options
    const onComplaint = (line: string): void => this.#hear(line)
    const { args, stdin } = command
    this.#program = new ChildProgram({ command: ffmpeg, args, stdin, stdout: pipe.theirs, onComplaint, clock })
    const stop = (): void => this.#stop('stopped')
    signal.addEventListener('abort', stop, { once: true })

    const closed = this.#program.closed.then(async (end) => {
      // What comes of a size that nobody has told is thrown away.
      if (this.#size === undefined) pipe.stop()
      await pipe.ended
      // Not before: what it left in the pipe may wait for room for ever.
      signal.removeEventListener('abort', stop)
      return { end, insidePicture: pipe.stop() }
    })
    this.ended = closed.then(({ end, insidePicture }) => this.#account(end, insidePicture))
    this.began = Promise.race([firstPicture.then(() => undefined), closed.then(({ end }) => end)]).then((end) =>
      this.#begin(end),
    )
    // Who has aborted `open` does not wait for this.
    this.began.catch(() => undefined)
  }

  /** As ffmpeg calls it: `h264`; `undefined` before it has been told. */
  get codec(): string | undefined {
    return this.#codec
  }

  /** `end`: it ended first. */
  #begin(end: ProgramEnd | undefined): VideoStream {
    const { cameraId, input, crop } = this.options
    if (end === undefined && this.#size !== undefined) {
      const remark = notAsAsked(input, this.#size, this.#rate)
      return { rate: this.#rate, sourceSize: this.#size, remark, ended: this.ended }
    }
    if (this.#refusal !== undefined) throw this.#refusal
    if (this.#size !== undefined && crop !== undefined && !liesWithin(crop, this.#size)) {
      throw new CameraCropError(cameraId, crop, this.#size)
    }
    if (this.#change !== undefined) throw new CameraUnreachableError(cameraId, this.#change)
    const words = this.#words.length === 0 ? ['it ended before its first picture'] : this.#words
    throw ffmpegFailure(cameraId, input, end ?? { type: 'exited', code: 0 }, words)
  }

  #account(end: ProgramEnd, insidePicture: boolean): StreamEnd {
    if (this.#over.signal.aborted) return { kind: this.#isReadAsFarAs ? 'finished' : 'lost', detail: this.#why }
    const { input } = this.options
    const isWhole = input.type === 'file' && end.type === 'exited' && end.code === 0 && !insidePicture
    if (isWhole && input.loop !== true) return { kind: 'finished', detail: readToItsEnd(this.#words) }
    return { kind: 'lost', detail: endDetail(end, this.#words) }
  }

  #hear(line: string): void {
    const word = ffmpegWord(line)
    switch (word.type) {
      case 'declared':
        // What comes after the size is of the output.
        if (this.#size !== undefined) return
        this.#rate ??= word.rate
        this.#codec ??= word.codec
        return
      case 'size':
        return this.#hearSize(word.size)
      case 'decode-failed': {
        const cause = this.#words.at(-1)
        const detail = this.options.redact(word.text)
        if (!this.#over.signal.aborted)
          this.options.sink.decodeFailed(cause === undefined ? detail : `${detail} (${cause})`)
        return this.#hearDamage('lost')
      }
      case 'damaged':
        return this.#hearDamage('damaged')
      case 'redirected':
        return this.#hearRedirect(this.options.redact(word.to))
      case 'complaint': {
        const text = this.options.redact(word.text)
        this.#words = [...this.#words.filter((earlier) => earlier !== text), text].slice(-wordsKept)
        return
      }
      case 'other':
        return
    }
  }

  /** ffmpeg itself would follow for ever. */
  #hearRedirect(to: string): void {
    const { cameraId, input } = this.options
    if (++this.#redirects <= mostRedirects || input.type !== 'rtsp') return
    const detail = `${input.url} redirects more than ${mostRedirects} times, at last to ${to}`
    this.#refusal ??= new CameraRefusedError(cameraId, detail, adviceOnRedirects)
    this.#stop('it redirects too often')
  }

  /** All pictures are decoded, and some are skipped: as large a share of those that were damaged or lost is told of as of all is delivered. */
  #hearDamage(how: 'damaged' | 'lost'): void {
    const { every, fps = Infinity, sink } = this.options
    this.#untold[how] += Math.min(1 / every, fps / (this.#rate ?? usualRate))
    if (this.#untold[how] < 1) return
    this.#untold[how]--
    if (!this.#over.signal.aborted) sink[how]()
  }

  #hearSize(size: PictureSize): void {
    const before = this.#size
    this.#size ??= size
    const { crop, pipe } = this.options
    // What is found in a picture is told in the camera's pixels, so that another size is another stream.
    if (before !== undefined && !isSameSize(before, size)) return this.#hearChange(before, size)
    // ffmpeg itself would move it to where there is picture.
    if (crop !== undefined && !liesWithin(crop, size)) return this.#stop('its crop does not lie within its picture')
    // No picture is committed before its size at the source is known; that comes by another pipe, in no fixed order.
    pipe.begin()
  }

  #hearChange(before: PictureSize, size: PictureSize): void {
    const { input, sink } = this.options
    if (this.#over.signal.aborted) return
    this.#change = `the picture's size changed from ${before.width}x${before.height} to ${size.width}x${size.height}`
    if (input.type === 'file') {
      // Opened again, a recording would begin at its first picture, and come here for ever.
      this.#isReadAsFarAs = true
      this.#change += ', and what comes from there on is not read. Make a recording of its own of it'
    }
    this.#stop(this.#change)
    sink.resized()
  }

  #stop(why: string): void {
    if (this.#over.signal.aborted) return
    this.#why = why
    this.#over.abort()
    this.options.pipe.stop()
    this.#program.stop()
  }
}
