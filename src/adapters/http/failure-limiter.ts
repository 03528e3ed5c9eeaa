import { isIPv6 } from 'node:net'

/** Wrong tokens in a row that cost an address nothing but the delay of each answer. */
const freeFailures = 4
const firstWaitMs = 1_000
const longestWaitMs = 60_000
/** An address without a failure for this long begins anew. */
const forgetAfterMs = 600_000
/** Addresses that are remembered; the one longest without a failure goes first. */
const mostAddresses = 1_000

interface Failures {
  readonly count: number
  readonly at: number
}

/** Who shows wrong tokens waits: from the fifth in a row on 1 s, doubling to a minute. */
export class FailureLimiter {
  readonly #failures = new Map<string, Failures>()

  /** `now`: monotonic milliseconds. */
  constructor(private readonly now: () => number) {}

  /** How long this address has to wait before a token of its is looked at, in milliseconds; 0: not at all. */
  wait(address: string | undefined): number {
    const failures = this.#failures.get(networkOf(address))
    if (failures === undefined || failures.count <= freeFailures) return 0
    const wait = Math.min(firstWaitMs * 2 ** (failures.count - freeFailures - 1), longestWaitMs)
    return Math.max(0, failures.at + wait - this.now())
  }

  failed(address: string | undefined): void {
    const network = networkOf(address)
    const before = this.#failures.get(network)
    const isOver = before === undefined || this.now() - before.at > forgetAfterMs
    this.#failures.delete(network)
    this.#failures.set(network, { count: isOver ? 1 : before.count + 1, at: this.now() })
    if (this.#failures.size > mostAddresses) for (const oldest of this.#failures.keys()) return this.#forget(oldest)
  }

  succeeded(address: string | undefined): void {
    this.#forget(networkOf(address))
  }

  #forget(network: string): void {
    this.#failures.delete(network)
  }
}

/** One machine has as many IPv6 addresses as it likes, all with the same beginning. */
function networkOf(address = ''): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? []
  const groups = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length)
  return [...groups, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4).join(':')
}
