import {
  CameraAuthenticationError,
  CameraPathError,
  CameraRefusedError,
  CameraUnreachableError,
  VideoToolError,
} from '../../domain/camera-errors.ts'
import type { OperatingError } from '../../domain/errors.ts'
import type { CameraId } from '../../domain/ids.ts'
import type { ProgramEnd } from './child-program.ts'
import type { FfmpegInput, RtspInput } from './ffmpeg-command.ts'

/** What ffmpeg ended with before its first picture, as an error of the camera. `words`: its complaints, oldest first, without secrets. */
export function ffmpegFailure(
  cameraId: CameraId,
  input: FfmpegInput,
  end: ProgramEnd,
  words: readonly string[],
): OperatingError {
  if (end.type === 'not-started') return new VideoToolError('setpriv', end.systemCode)
  const detail = endDetail(end, words)
  const said = (pattern: RegExp): string | undefined => words.find((word) => pattern.test(word))

  const tool = said(/^setpriv: /)
  if (tool !== undefined) return new VideoToolError(tool.includes('failed to execute') ? 'ffmpeg' : 'setpriv', tool)
  const unknownOption = said(/^(Unrecognized option|Option .* not found|Unknown input format|No such filter)/)
  if (unknownOption !== undefined)
    return new VideoToolError('ffmpeg', `${unknownOption} (version 5.1 or later is needed)`)

  if (said(/\b40[13] (Unauthorized|Forbidden)\b/) !== undefined) {
    const isAnonymous = input.type === 'rtsp' && input.credentials === undefined
    return new CameraAuthenticationError(cameraId, isAnonymous ? `none is configured; ${detail}` : detail)
  }
  if (said(/\b404 Not Found\b|matches no streams/) !== undefined) return new CameraPathError(cameraId, detail)
  if (
    input.type === 'file' &&
    said(/No such file or directory|Is a directory|Invalid data found when processing input$/) !== undefined
  ) {
    return new CameraPathError(cameraId, detail)
  }
  const isRefusal = said(/ (failed:|returned) [3-6]\d\d |Invalid data found when processing input$/) !== undefined
  if (input.type === 'rtsp' && isRefusal) return new CameraRefusedError(cameraId, detail, adviceOn(detail, input))
  return new CameraUnreachableError(cameraId, detail)
}

/** What an engineer would try next. */
function adviceOn(detail: string, { transport = 'tcp' }: RtspInput): string | undefined {
  if (/\b(453|503) /.test(detail)) return 'It may serve as many clients as it can'
  if (/\b461 /.test(detail)) return `It does not send over ${transport}: set the camera's transport to the other one`
  if (/^Invalid data /.test(detail)) return 'What answers there may be no RTSP server'
  return undefined
}

/** For people: `DESCRIBE was answered with 503 Service Unavailable (rtsp://…; ffmpeg exited with code 1)`. */
export function endDetail(end: ProgramEnd, words: readonly string[]): string {
  const how =
    end.type === 'exited'
      ? `ffmpeg exited with code ${end.code}`
      : end.type === 'killed'
        ? `ffmpeg was killed by ${end.signal}`
        : `setpriv did not start (${end.systemCode})`
  const { said, address } = inPlainWords(words)
  const where = address === undefined ? how : `${address}; ${how}`
  if (said.length > 0) return `${said.join('; ')} (${where})`
  // ffmpeg takes the end of a connection for the end of a film.
  return end.type === 'exited' && end.code === 0 ? `the source ended the stream (${where})` : where
}

/** An RTSP address reaches ffmpeg in a list, and what it says of the list is only worth telling where it says nothing else. */
function inPlainWords(words: readonly string[]): { said: string[]; address: string | undefined } {
  const ofList = /^pipe:0: |^Impossible to open '/
  const address = words
    .map((word) => /^Impossible to open '(.*)'$/.exec(word)?.[1])
    .find((found) => found !== undefined)
  const own = words.filter((word) => !ofList.test(word))
  const last = words.filter((word) => word.startsWith('pipe:0: ')).map((word) => word.slice('pipe:0: '.length))
  const said = (own.length > 0 ? own : last).map((word) =>
    word.replace(/^method (\w+) failed: /, '$1 was answered with ').replace(/(tcp:\/\/\S+)\?timeout=\d+/, '$1'),
  )
  return { said, address }
}
