import type { Socket } from 'node:net'

/**
 * Makes a connecting socket send together what is written in one turn of the event loop.
 *
 * ssh2 writes each packet in three parts, each of which would be a system call here, a segment on the line and a wake-up
 * there. Requests that are made back to back leave as one.
 */
export function gatherWrites(socket: Socket): Socket {
  const write = socket.write.bind(socket)
  let isGathering = false
  // On the object, not in a class of its own: `connect` puts the plain `write` in the place of any other.
  socket.write = (...args: [Uint8Array | string, ...never[]]) => {
    if (!isGathering) {
      isGathering = true
      socket.cork()
      setImmediate(() => {
        isGathering = false
        socket.uncork()
      })
    }
    return write(...args)
  }
  return socket
}
