/** How one way of coding puts pictures into NAL units, and these into RTP. */
export interface VideoCodec {
  /** In a stream's description: `H264`. */
  readonly name: string
  readonly headerBytes: number
  isSlice(nal: Buffer): boolean
  /** The parts that each become the payload of one packet. */
  payloads(nal: Buffer): Buffer[]
  /** What a decoder has to know beforehand, as the description says it. */
  format(nals: readonly Buffer[]): string
}

/** The coded pictures of an Annex-B file, each as its NAL units; parameter sets stay with the picture that they precede. */
export function accessUnits(file: Buffer, codec: VideoCodec): Buffer[][] {
  const units: Buffer[][] = []
  let current: Buffer[] = []
  let hasSlice = false
  for (const nal of nalUnits(file)) {
    // A slice that is its picture's first (its first bit is 1, in both codes), or anything that isn't a slice, begins the next picture.
    const begins = !codec.isSlice(nal) || ((nal[codec.headerBytes] ?? 0) & 0x80) !== 0
    if (hasSlice && begins) {
      units.push(current)
      current = []
      hasSlice = false
    }
    current.push(nal)
    hasSlice ||= codec.isSlice(nal)
  }
  return hasSlice ? [...units, current] : units
}

function nalUnits(file: Buffer): Buffer[] {
  const startCode = Buffer.from([0, 0, 1])
  const units: Buffer[] = []
  for (let at = file.indexOf(startCode); at >= 0;) {
    const next = file.indexOf(startCode, at + 3)
    let end = next < 0 ? file.length : next
    // A start code may have four bytes, and a unit may be followed by zeros; neither belongs to it.
    while (end > at + 3 && file[end - 1] === 0) end--
    if (end > at + 3) units.push(file.subarray(at + 3, end))
    at = next
  }
  return units
}

/** RTP packets behind the four bytes of RTSP interleaving; the last of a picture is marked. */
export function rtpPackets(
  payloads: readonly Buffer[],
  firstSequence: number,
  timestamp: number,
  ssrc: number,
): Buffer[] {
  return payloads.map((payload, index) => {
    const packet = Buffer.alloc(16 + payload.length)
    packet.writeUInt8(0x24, 0)
    packet.writeUInt16BE(12 + payload.length, 2)
    packet.writeUInt8(0x80, 4)
    packet.writeUInt8(96 | (index === payloads.length - 1 ? 0x80 : 0), 5)
    packet.writeUInt16BE((firstSequence + index) & 0xffff, 6)
    packet.writeUInt32BE(timestamp >>> 0, 8)
    packet.writeUInt32BE(ssrc, 12)
    payload.copy(packet, 16)
    return packet
  })
}
