import { once } from 'node:events'
import { createServer } from 'node:net'

/** Where the kernel takes the ports from that nobody has chosen: /proc/sys/net/ipv4/ip_local_port_range as Linux ships it. */
const chosenByKernel = 32_768
const firstPort = 10_000

/**
 * A free port of 127.0.0.1 that stays free while the server that has it is down: nothing that asks for any port is given it, be it
 * another test's server or the near end of a connection.
 */
export async function lastingPort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = firstPort + Math.floor(Math.random() * (chosenByKernel - firstPort))
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue
      throw error
    }
    server.close()
    await once(server, 'close')
    return port
  }
  throw new Error(`None of 100 ports from ${firstPort} to ${chosenByKernel - 1} is free`)
}
