import type { VideoCodec } from './video-codec.ts'

const nalType = (nal: Buffer): number => ((nal[0] ?? 0) >> 1) & 0x3f

/** RFC 7798, each NAL unit whole: over TCP a packet may have 64 kB. */
export const h265: VideoCodec = {
  name: 'H265',
  headerBytes: 2,
  isSlice: (nal) => nalType(nal) < 32,
  payloads: (nal) => [nal],
  format: (nals) =>
    Object.entries({ vps: 32, sps: 33, pps: 34 })
      .map(([set, type]) => `sprop-${set}=${nals.find((nal) => nalType(nal) === type)?.toString('base64') ?? ''}`)
      .join(';'),
}
