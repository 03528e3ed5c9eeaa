import { actorGauges } from './actor-gauges.ts'
import { partFacts } from './part-facts.ts'
import { partGauges } from './part-gauges.ts'
import type { DaemonState } from './protocol.ts'
import type { Facts, FactsChange, GaugesRead, Plain } from './record.ts'
import type { Subject } from './recorder.ts'
import type { Gauges } from './trend-kinds.ts'

/** Makes a record of every part's gauges and facts and of every actor's mailbox and budget, where they have moved since the last look. */
export class GaugeTeller {
  /** By path, as text. */
  readonly #values = new Map<string, string>()
  readonly #facts = new Map<string, Facts>()

  constructor(private readonly tell: (about: Subject, body: GaugesRead) => void) {}

  /** Returns what was read of the parts. */
  look(state: DaemonState): ReadonlyMap<string, Gauges> {
    const gauges = partGauges(state)
    const facts = partFacts(state)
    const actors = new Map(state.actors.map((actor) => [actor.path, actor]))
    for (const path of new Set([...gauges.keys(), ...actors.keys()])) {
      const actor = actors.get(path)
      const values = finite({ ...gauges.get(path), ...(actor && actorGauges(actor)) })
      this.#compare({ path, epoch: actor?.epoch ?? null }, values, finite(facts.get(path) ?? none))
    }
    return gauges
  }

  /** What comes next is another process: its values are new, whatever they are, and the facts of the one before do not hold. */
  beginAnew(): void {
    this.#values.clear()
  }

  #compare(about: Subject, values: Gauges, facts: Facts): void {
    const text = JSON.stringify(values)
    const change = changeBetween(this.#facts.get(about.path) ?? none, facts)
    if ((this.#values.get(about.path) ?? '{}') === text && change === undefined) return
    this.#values.set(about.path, text)
    this.#facts.set(about.path, facts)
    this.tell(about, { type: 'gauges.read', values, ...(change && { facts: change }) })
  }
}

const none: Facts = {}

/** JSON has no infinity and no NaN, which would stand in a recording as `null`. */
const finite = <Value extends Plain>(all: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => typeof value !== 'number' || Number.isFinite(value)))

function changeBetween(before: Facts, after: Facts): FactsChange | undefined {
  const change: Record<string, FactsChange[string]> = {}
  for (const key in after) if (after[key] !== before[key]) change[key] = after[key] ?? null
  for (const key in before) if (!(key in after)) change[key] = null
  return Object.keys(change).length === 0 ? undefined : change
}
