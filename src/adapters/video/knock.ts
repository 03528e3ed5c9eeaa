import { once } from 'node:events'
import { connect, isIP, type LookupFunction } from 'node:net'
import { getSystemErrorMap } from 'node:util'
import { seconds } from '../../domain/units.ts'
import type { Clock } from '../../ports/clock.ts'
import { settledOrAborted } from '../settled-or-aborted.ts'
import { systemLookup } from '../system-lookup.ts'

export interface Knock {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Default: the system's. */
  readonly lookup?: LookupFunction
}

const defaultPorts: Readonly<Record<string, number>> = { 'rtsp:': 554, 'rtsps:': 322 }

/** Shorter than a first picture may take, so that it is told that nobody answers. */
const patience = seconds(10)

/**
 * Connects to where an RTSP address leads, and hangs up: whether anybody answers is asked for a hundredth of what a process would cost.
 *
 * Returns what is wrong; `undefined` where somebody answers within 10 s. @throws {signal.reason}
 */
export async function knock(url: string, { clock, signal, lookup = systemLookup }: Knock): Promise<string | undefined> {
  const { protocol, hostname, port } = new URL(url)
  const where = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (defaultPorts[protocol] ?? 554) }
  let isNamed = isIP(where.host) !== 0
  const socket = connect({ ...where, lookup })
  socket.once('lookup', () => (isNamed = true))
  const timer = clock.setTimeout(() => {
    const silent = isNamed ? 'timed out' : 'no name server says where that is'
    socket.destroy(new Error(`${silent} (${patience / 1000} s)`))
  }, patience)
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
    clock.clearTimeout(timer)
    socket.destroy()
  }
}
