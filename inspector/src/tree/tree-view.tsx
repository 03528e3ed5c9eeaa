import { useState } from 'preact/hooks'
import { inOrder, type Order, orders } from './actor-order.ts'
import { ActorTree } from './actor-tree.tsx'
import { statesBefore } from '../history/machine-history.ts'
import type { Scene } from '../history/scene.ts'

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
        actors={inOrder(state.actors, order)}
        now={now}
        isPast={isPast}
        isTree={order === 'tree'}
        hasMachine={(path) => pictures.get(path)?.machine != null}
        statesBefore={({ path, before }) => (isPast ? statesBefore(scene, path) : before)}
      />
    </section>
  )
}
