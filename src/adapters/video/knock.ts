import { once } from 'node:events'
import { connect } from 'node:net'
import { getSystemErrorMap } from 'node:util'
import { settledOrAborted } from '../settled-or-aborted.ts'

const defaultPorts: Readonly<Record<string, number>> = { 'rtsp:': 554, 'rtsps:': 322 }

/**
 * Connects to where an RTSP address leads, and hangs up: whether anybody answers is asked for a hundredth of what a process would cost.
 *
 * Returns what is wrong; `undefined` where somebody answers. @throws {signal.reason}
 */
export async function knock(url: string, signal: AbortSignal): Promise<string | undefined> {
  const { protocol, hostname, port } = new URL(url)
  const where = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (defaultPorts[protocol] ?? 554) }
  const socket = connect(where)
  try {
    await settledOrAborted(once(socket, 'connect'), signal)
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    const { code, message } = error as NodeJS.ErrnoException
    // By its name: where a host has several addresses, there is no number.
    const known = [...getSystemErrorMap().values()].find(([name]) => name === code)
    return `nobody answers at ${where.host}:${where.port}: ${known?.[1] ?? code ?? message}`
  } finally {
    socket.destroy()
  }
}
