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
import { adviceOn } from './ffmpeg-advice.ts'
import type { FfmpegInput } from './ffmpeg-command.ts'

const unusableFile =
  /No such file or directory|Is a directory|Permission denied|Invalid data found when processing input$/

const tooOld =
  'It is too old: Belay needs 5.1 or later, which Debian 12, Ubuntu 24.04 and later have; elsewhere, put a newer build of it into /usr/local/bin'

/** What ffmpeg ended with before its first picture, as an error of the camera. `words`: its complaints, oldest first, without secrets. */
export function ffmpegFailure(
  cameraId: CameraId,
  input: FfmpegInput,
  end: ProgramEnd,
  words: readonly string[],
): OperatingError {
  if (end.type === 'not-started') {
    return /^(ENOENT|EACCES)$/.test(end.systemCode)
      ? new VideoToolError('setpriv', end.systemCode)
      : new CameraUnreachableError(cameraId, `no process for it could be made: ${end.systemCode}`)
  }
  const detail = endDetail(end, words)
  const said = (pattern: RegExp): string | undefined => words.find((word) => pattern.test(word))

  const tool = said(/^setpriv: /)
  if (tool !== undefined) return new VideoToolError(tool.includes('failed to execute') ? 'ffmpeg' : 'setpriv', tool)
  const unknownOption = said(/^(Unrecognized option|Option .* not found|Unknown input format|No such filter)/)
  if (unknownOption !== undefined) return new VideoToolError('ffmpeg', unknownOption.replace(/\.$/, ''), tooOld)

  if (said(/\b40[13] (Unauthorized|Forbidden)\b/) !== undefined) {
    const isAnonymous = input.type === 'rtsp' && input.credentials === undefined
    return new CameraAuthenticationError(cameraId, isAnonymous ? `none is configured; ${detail}` : detail)
  }
  const advice = adviceOn(detail, input)
  const advised = advice === undefined ? detail : `${detail}. ${advice}`
  if (said(/\b404 Not Found\b|matches no streams/) !== undefined) return new CameraPathError(cameraId, advised)
  if (input.type === 'file' && said(unusableFile) !== undefined) return new CameraPathError(cameraId, advised)
  const isRefusal = said(/ (failed:|returned) [3-6]\d\d |Invalid data found when processing input$/) !== undefined
  if (input.type === 'rtsp' && isRefusal) return new CameraRefusedError(cameraId, detail, advice)
  return new CameraUnreachableError(cameraId, advised)
}

/** For people. ffmpeg ends with 0 where a file ends too early as well; only its complaints tell. */
export function readToItsEnd(words: readonly string[]): string {
  const whole = 'the file was read to its end'
  if (words.length === 0) return whole
  const isCut = words.some((word) => /\bpartial file$|\btruncat|^File ended prematurely/i.test(word))
  const advice = isCut ? '. It may have been copied only in part: copy it again' : ''
  return `${whole}; ffmpeg complained: ${words.join('; ')}${advice}`
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
  // Of our own arguments, which are none of the engineer's business.
  const ofArguments = /^To ignore this, add a trailing/
  const own = words.filter((word) => !ofList.test(word) && !ofArguments.test(word))
  const last = words.filter((word) => word.startsWith('pipe:0: ')).map((word) => word.slice('pipe:0: '.length))
  const said = (own.length > 0 ? own : last).map((word) =>
    word
      .replace(/^Stream map '.*' matches no streams\.?$/, 'it has no video')
      .replace(/^method (\w+) failed: /, '$1 was answered with ')
      .replace(/(tcp:\/\/\S+)\?timeout=\d+/, '$1'),
  )
  return { said, address }
}
