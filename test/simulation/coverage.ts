/** What has been met in which state: (actor, state, event or fault), and how often; 0: a fault that might have been. */
export class Coverage {
  readonly #met = new Map<string, number>()

  add(actor: string, state: string, what: string, times = 1): void {
    const key = keyOf(actor, state, what)
    this.#met.set(key, (this.#met.get(key) ?? 0) + times)
  }

  has(actor: string, state: string, what: string): boolean {
    return (this.#met.get(keyOf(actor, state, what)) ?? 0) > 0
  }

  /** How many different ones were met. */
  get size(): number {
    return this.entries.filter(([, times]) => times > 0).length
  }

  get entries(): readonly (readonly [string, number])[] {
    return [...this.#met]
  }

  merge(entries: Coverage['entries']): void {
    for (const [key, times] of entries) this.#met.set(key, (this.#met.get(key) ?? 0) + times)
  }

  /** One line for each actor and state: how many different events and faults it has met. */
  summary(): string[] {
    const rows = new Map<string, { events: Set<string>; faults: Set<string>; times: number }>()
    for (const [key, times] of this.#met) {
      if (times === 0) continue
      const [actor = '', state = '', what = ''] = key.split('\t')
      const name = `${actor}\t${state}`
      const row = rows.get(name) ?? { events: new Set(), faults: new Set(), times: 0 }
      rows.set(name, row)
      if (what.includes(' ')) row.faults.add(what)
      else row.events.add(what)
      row.times += times
    }
    return [...rows]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, { events, faults, times }]) => {
        const [actor = '', state = ''] = name.split('\t')
        return `${actor.padEnd(22)} ${state.padEnd(12)} ${String(events.size).padStart(4)} ${String(faults.size).padStart(4)} ${String(times).padStart(9)}`
      })
  }

  /** One line for each actor and state: the faults of calls that were answered there, and never with them. */
  spared(): string[] {
    const rows = new Map<string, string[]>()
    for (const [key, times] of this.#met) {
      if (times > 0) continue
      const [actor = '', state = '', fault = ''] = key.split('\t')
      const name = `${actor} ${state}`
      rows.set(name, [...(rows.get(name) ?? []), fault])
    }
    return [...rows].map(([name, faults]) => `${name}: ${faults.sort().join('; ')}`).sort()
  }
}

/** Ids of cameras and of XState's sessions don't matter. */
const keyOf = (actor: string, state: string, what: string): string => `${family(actor)}\t${state}\t${plain(what)}`

const family = (actor: string): string => actor.replace(/^(root\/cameras\/)[^/]+$/, '$1*')

/** Without the numbers by which XState tells unnamed children apart. */
const plain = (what: string): string => what.replace(/\d+\./, '')
