import type ssh2 from 'ssh2'

/** What ssh2 sends a channel's bytes by; its types hide it. */
interface ChannelSender {
  channelData(channel: number, bytes: Buffer): void
  channelClose(channel: number): void
}

/** RFC 4253, 6.1: what every server takes as one packet. A server may say that it takes less, or more. */
const mostBytes = 32_768

/**
 * Makes an SFTP channel send the requests that are made in one turn of the event loop in as few packets as they fit into.
 *
 * ssh2 makes a packet of each, and each packet has padding, a cipher and a tag of its own, here and at the server. The channel is a
 * stream of bytes (RFC 4254, 5.2), in which packets have no meaning.
 */
export function gatherRequests(sftp: ssh2.SFTPWrapper): void {
  const hidden = sftp as unknown as { _protocol: ChannelSender; readonly outgoing: { readonly packetSize: number } }
  const sender = hidden._protocol
  const most = Math.min(hidden.outgoing.packetSize, mostBytes)
  let gathered: Buffer[] = []
  let bytes = 0
  const send = (channel: number): void => {
    if (bytes === 0) return
    const packet = gathered.length === 1 ? (gathered[0] as Buffer) : Buffer.concat(gathered, bytes)
    gathered = []
    bytes = 0
    sender.channelData(channel, packet)
  }
  hidden._protocol = {
    channelData(channel, more) {
      if (bytes + more.length > most) send(channel)
      if (bytes === 0) setImmediate(send, channel)
      gathered.push(more)
      bytes += more.length
    },
    channelClose(channel) {
      send(channel)
      sender.channelClose(channel)
    },
  }
}
