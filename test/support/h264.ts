import type { VideoCodec } from './video-codec.ts'

const nalType = (nal: Buffer): number => (nal[0] ?? 0) & 0x1f

/** RFC 6184, packetization-mode 1. */
export const h264: VideoCodec = {
  name: 'H264',
  headerBytes: 1,
  isSlice: (nal) => nalType(nal) >= 1 && nalType(nal) <= 5,
  payloads: fragments,
  format: (nals) => {
    const sets = [7, 8].map((type) => nals.find((nal) => nalType(nal) === type)?.toString('base64') ?? '')
    return `packetization-mode=1;sprop-parameter-sets=${sets.join(',')}`
  },
}

const maxPayload = 1400

function fragments(nal: Buffer): Buffer[] {
  if (nal.length <= maxPayload) return [nal]
  const header = nal[0] ?? 0
  const parts: Buffer[] = []
  for (let at = 1; at < nal.length; at += maxPayload - 2) {
    const part = nal.subarray(at, at + maxPayload - 2)
    const start = at === 1 ? 0x80 : 0
    const end = at + part.length === nal.length ? 0x40 : 0
    parts.push(Buffer.concat([Buffer.from([(header & 0xe0) | 28, start | end | (header & 0x1f)]), part]))
  }
  return parts
}
