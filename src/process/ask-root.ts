import type { SupervisorEvent, SupervisorSnapshot } from '../supervision/index.ts'

export interface Root {
  getSnapshot(): Pick<SupervisorSnapshot, 'status'>
  send(event: SupervisorEvent): void
}

/**
 * Asks the root for a sign of life, and calls `then` with its answer: one that has failed, or takes events and handles none,
 * gives none. One that has ended as it was told to is not asked: what remains are threads, which are waited for.
 */
export function askRoot(root: Root, then: () => void): void {
  const { status } = root.getSnapshot()
  if (status === 'done') then()
  else if (status === 'active') root.send({ type: 'supervisor.count_children', reply: then })
}
