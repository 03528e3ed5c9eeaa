/** The coded pictures of an Annex-B H.264 file, each as its NAL units; parameter sets stay with the picture that they precede. */
export function accessUnits(file: Buffer): Buffer[][] {
  const units: Buffer[][] = []
  let current: Buffer[] = []
  let hasSlice = false
  for (const nal of nalUnits(file)) {
    // A slice whose first_mb_in_slice is 0 (its first bit is 1), or anything that isn't a slice, begins the next picture.
    const begins = !isSlice(nal) || ((nal[1] ?? 0) & 0x80) !== 0
    if (hasSlice && begins) {
      units.push(current)
      current = []
      hasSlice = false
    }
    current.push(nal)
    hasSlice ||= isSlice(nal)
  }
  return hasSlice ? [...units, current] : units
}

export const nalType = (nal: Buffer): number => (nal[0] ?? 0) & 0x1f
export const isSlice = (nal: Buffer): boolean => nalType(nal) >= 1 && nalType(nal) <= 5

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

/** `unit` as RTP packets (RFC 6184, packetization-mode 1) behind the four bytes of RTSP interleaving. */
export function rtpPackets(unit: readonly Buffer[], firstSequence: number, timestamp: number, ssrc: number): Buffer[] {
  const payloads = unit.flatMap(fragments)
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
