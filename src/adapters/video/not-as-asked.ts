import { isSameSize, type PictureSize } from '../../domain/frame.ts'
import type { FfmpegInput } from './ffmpeg-command.ts'

/** Rates are rounded on their way: 30 is 29.97 to some. */
const rateTolerance = 0.01

/** For people: what a device was asked for and what it gives, where these differ. A driver takes what is nearest, and says nothing that one would read. */
export function notAsAsked(input: FfmpegInput, came: PictureSize, rate: number | undefined): string | undefined {
  if (input.type !== 'device') return undefined
  const asked = [
    ...(input.size === undefined || isSameSize(input.size, came)
      ? []
      : [`pictures of ${sizeText(input.size)} and sends ${sizeText(came)}`]),
    ...(input.rate === undefined || rate === undefined || Math.abs(rate - input.rate) <= rateTolerance * input.rate
      ? []
      : [`${input.rate} pictures a second and sends ${rate}`]),
  ]
  if (asked.length === 0) return undefined
  return `It was asked for ${asked.join(', for ')}. What it can send, format by format, is listed by: ${formatsOf(input.path)}`
}

const sizeText = ({ width, height }: PictureSize): string => `${width}x${height}`

/** The command that lists what a device can send. */
export const formatsOf = (path: string): string => `ffmpeg -f v4l2 -list_formats all -i ${path}`
