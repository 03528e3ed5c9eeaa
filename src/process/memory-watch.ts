import type { Config } from '../config/config.ts'
import type { Log } from '../ports/log.ts'
import type { Memory, Vitals } from '../ports/vitals.ts'

export interface MemoryWatchOptions {
  readonly vitals: Vitals
  readonly log: Log
  /** Bytes. */
  readonly memoryBudget: number
}

/** Said again when it has grown by so much since it was said last. */
const growth = 1.1
/** Well again below this share of the budget, so that a figure at its edge isn't said each second. */
const wellBelow = 0.95

/** Says when the process uses more memory than it is meant to, and what of it has grown most. */
export class MemoryWatch {
  /** Bytes, at the latest look. */
  resident: number
  readonly #first: Memory
  #said: number | undefined

  constructor(private readonly options: MemoryWatchOptions) {
    this.#first = options.vitals.memory()
    this.resident = this.#first.resident
  }

  look(): void {
    const { vitals, log, memoryBudget: budget } = this.options
    const now = vitals.memory()
    const { resident } = now
    this.resident = resident
    if (this.#said !== undefined && resident < budget * wellBelow) {
      this.#said = undefined
      log.info('memory is within its budget again', { residentBytes: resident, budgetBytes: budget })
    }
    if (resident <= budget || (this.#said !== undefined && resident < this.#said * growth)) return
    this.#said = resident
    const { heap, buffers } = now
    const fields = { residentBytes: resident, budgetBytes: budget, heapBytes: heap, buffersBytes: buffers }
    log.warn('memory is over its budget', { ...fields, cause: grownMost(this.#first, now) })
  }
}

/** As configured, or three quarters of what the system allows. */
export const memoryBudget = ({ process }: Config, { memoryLimit }: Vitals): number =>
  process.memory === 'auto' ? Math.round(memoryLimit * 0.75) : process.memory

function grownMost(first: Memory, now: Memory): string {
  const rest = ({ resident, heap, buffers }: Memory) => resident - heap - buffers
  const grown = [
    { what: 'the objects of JavaScript: a leak, or very many cameras', by: now.heap - first.heap },
    { what: 'buffers: pictures that wait, and files that are sent', by: now.buffers - first.buffers },
    { what: 'what libraries use: models, one set for each inference thread', by: rest(now) - rest(first) },
  ]
  const most = grown.reduce((a, b) => (b.by > a.by ? b : a))
  return `grown most since the start, by ${Math.round(most.by / 1e6)} MB: ${most.what}`
}
