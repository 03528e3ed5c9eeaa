import { useState } from 'preact/hooks'
import type { ActorView } from '../../src/inspection-feed/protocol.ts'
import { ActorTree } from './actor-tree.tsx'
import { statesBefore } from './machine-history.ts'
import type { Scene } from './scene.ts'

type Order = 'tree' | 'mailbox' | 'restarts' | 'time'

const orders: Readonly<Record<Order, string>> = {
  tree: 'as they start',
  mailbox: 'fullest mailbox',
  restarts: 'fewest restarts left',
  time: 'longest in their state',
}

/** The supervision tree at one moment. */
export function TreeView({ scene }: { readonly scene: Scene }) {
  const { state, now, pictures, isPast } = scene
  const [order, setOrder] = useState<Order>('tree')
  return (
    <section aria-labelledby="tree">
      <div class="toolbar">
        <h2 id="tree">Supervision tree</h2>
        <label>
          in order{' '}
          <select value={order} onChange={({ currentTarget }) => setOrder(currentTarget.value as Order)}>
            {Object.entries(orders).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
      </div>
      <ActorTree
        actors={sorted(state.actors, order)}
        now={now}
        isTree={order === 'tree'}
        hasMachine={(path) => pictures.get(path)?.machine != null}
        statesBefore={({ path, before }) => (isPast ? statesBefore(scene, path) : before)}
      />
    </section>
  )
}

function sorted(actors: readonly ActorView[], order: Order): readonly ActorView[] {
  switch (order) {
    case 'tree':
      return actors
    case 'mailbox':
      return actors.toSorted((a, b) => waiting(b) - waiting(a) || most(b) - most(a))
    case 'restarts':
      return actors.toSorted((a, b) => (a.restartsLeft ?? Infinity) - (b.restartsLeft ?? Infinity))
    case 'time':
      return actors.toSorted((a, b) => a.since - b.since)
  }
}

const waiting = ({ mailbox }: ActorView): number => mailbox?.waiting ?? -1
const most = ({ mailbox }: ActorView): number => mailbox?.most ?? -1
