import type { CameraConfig, SourceConfig } from './config.ts'
import { type Milliseconds, milliseconds, seconds } from '../domain/units.ts'

/** A live camera's first picture may take so long; longer where its pictures may be further apart than that, as `stallAfter` says. */
export const firstPictureWithin = ({ stallAfter }: CameraConfig): Milliseconds =>
  milliseconds(Math.max(seconds(15), stallAfter === 'auto' ? 0 : stallAfter))

/** What an engineer would try where no picture has come in time. */
export function noPictureAdvice(source: SourceConfig): string {
  switch (source.type) {
    case 'rtsp':
      return 'If its key pictures are further apart, raise its stallAfter'
    case 'http':
      return 'A video is downloaded whole before its first picture: name a smaller one, or serve it faster'
    case 'file':
      return 'Its disk may not answer, or ffmpeg may take long to read it: ffprobe tells more'
    case 'device':
      return `It may have no signal, or not send what it is asked for: ffmpeg -f v4l2 -list_formats all -i ${source.path}`
    case 'synthetic':
      return 'This machine may be too busy to draw it'
  }
}
