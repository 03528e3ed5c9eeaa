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
  readonly #lives = new Map<string, number>()

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
    const { path, epoch } = about
    const text = JSON.stringify(values)
    // With a child that is taken out, all that was known of it is forgotten: of the next life of that name everything is told.
    const isNewLife = epoch !== null && epoch !== this.#lives.get(path)
    if (isNewLife) this.#lives.set(path, epoch)
    const change = changeBetween(this.#facts.get(path) ?? none, facts, isNewLife)
    const isSame = (this.#values.get(path) ?? '{}') === text && (!isNewLife || text === '{}')
    if (isSame && change === undefined) return
    this.#values.set(path, text)
    this.#facts.set(path, facts)
    this.tell(about, { type: 'gauges.read', values, ...(change && { facts: change }) })
  }
}

const none: Facts = {}

/** JSON has no infinity and no NaN, which would stand in a recording as `null`. */
const finite = <Value extends Plain>(all: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => typeof value !== 'number' || Number.isFinite(value)))

function changeBetween(before: Facts, after: Facts, tellsAll: boolean): FactsChange | undefined {
  const change: Record<string, FactsChange[string]> = {}
  for (const key in after) if (tellsAll || after[key] !== before[key]) change[key] = after[key] ?? null
  for (const key in before) if (!(key in after)) change[key] = null
  return Object.keys(change).length === 0 ? undefined : change
}
