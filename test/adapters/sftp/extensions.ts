import type ssh2 from 'ssh2'

const versionPacket = 2
const extendedReply = 201
const attributesReply = 105
/** Of what follows it, only the size. */
const sizeGiven = 1

/** What ssh2's server keeps to itself. */
interface Insides {
  _protocol: { channelData(channel: number, data: Buffer): unknown }
  readonly outgoing: { readonly id: number }
}

/**
 * Offers extensions, by their names and versions, and hears of requests for them as `EXTENDED`. ssh2's server offers none, so
 * that its first packet, which says which there are, is replaced.
 */
export function offerExtensions(sftp: ssh2.SFTPWrapper, extensions: Readonly<Record<string, string>>): void {
  const insides = sftp as unknown as Insides
  const offer = packet(versionPacket, uint32(3), ...Object.entries(extensions).flat().map(text))
  insides._protocol = new Proxy(insides._protocol, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      if (name !== 'channelData') return member.bind(target) as unknown
      return (channel: number, data: Buffer) => target.channelData(channel, data[4] === versionPacket ? offer : data)
    },
  })
}

/** The answer to a statvfs request. */
export function tellRoom(sftp: ssh2.SFTPWrapper, request: number, bytes: number): void {
  // Block sizes, blocks, free ones and those free for us; then the same for names; then id, flags, longest name.
  tellFigures(sftp, request, [1, 1, bytes, bytes, bytes, 1_000_000, 1_000_000, 1_000_000, 0, 0, 255])
}

/** The same as any figures; those below nothing go over the line as the largest that there are. A right answer has eleven. */
export function tellFigures(sftp: ssh2.SFTPWrapper, request: number, figures: readonly number[]): void {
  const { _protocol: protocol, outgoing } = sftp as unknown as Insides
  protocol.channelData(outgoing.id, packet(extendedReply, uint32(request), ...figures.map(uint64)))
}

/** Attributes with a size of -1, which is 2^64 - 1 to whoever reads it as SFTP has it; ssh2's server would send 255. */
export function tellSizeBelowNothing(sftp: ssh2.SFTPWrapper, request: number): void {
  const { _protocol: protocol, outgoing } = sftp as unknown as Insides
  protocol.channelData(outgoing.id, packet(attributesReply, uint32(request), uint32(sizeGiven), Buffer.alloc(8, 0xff)))
}

const packet = (type: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat([Buffer.from([type]), ...parts])
  return Buffer.concat([uint32(body.length), body])
}
const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const uint64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(value)))
  return bytes
}
const text = (value: string): Buffer => Buffer.concat([uint32(Buffer.byteLength(value)), Buffer.from(value)])
