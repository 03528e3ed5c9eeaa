import {
  CameraAuthenticationError,
  CameraPathError,
  CameraUnreachableError,
  VideoToolError,
} from '../../domain/camera-errors.ts'
import type { OperatingError } from '../../domain/errors.ts'
import type { CameraId } from '../../domain/ids.ts'
import type { ProgramEnd } from './child-program.ts'
import type { FfmpegInput } from './ffmpeg-command.ts'

/** What ffmpeg ended with before its first picture, as an error of the camera. `words`: its complaints, oldest first, without secrets. */
export function ffmpegFailure(
  cameraId: CameraId,
  type: FfmpegInput['type'],
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

  if (said(/\b40[13] (Unauthorized|Forbidden)\b/) !== undefined) return new CameraAuthenticationError(cameraId, detail)
  if (said(/\b404 Not Found\b|matches no streams/) !== undefined) return new CameraPathError(cameraId, detail)
  if (
    type === 'file' &&
    said(/No such file or directory|Is a directory|Invalid data found when processing input$/) !== undefined
  ) {
    return new CameraPathError(cameraId, detail)
  }
  return new CameraUnreachableError(cameraId, detail)
}

/** For people: `ffmpeg exited with code 1: rtsp://…: Connection refused`. */
export function endDetail(end: ProgramEnd, words: readonly string[]): string {
  const how =
    end.type === 'exited'
      ? `ffmpeg exited with code ${end.code}`
      : end.type === 'killed'
        ? `ffmpeg was killed by ${end.signal}`
        : `setpriv did not start (${end.systemCode})`
  if (words.length > 0) return `${how}: ${words.join('; ')}`
  // ffmpeg takes the end of a connection for the end of a film.
  return end.type === 'exited' && end.code === 0 ? `the source ended the stream (${how})` : how
}
