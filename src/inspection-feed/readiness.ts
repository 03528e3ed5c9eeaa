import type { ActorView, DaemonPhase, Readiness } from './protocol.ts'
import type { ChildView } from '../supervision/index.ts'

/** What the start waits for: a slot that is not ready yet, what it is doing, and why. */
export interface Awaited {
  readonly waitingFor: string
  readonly state: string
  readonly why: string | null
}

/** A child of the root, as the root sees it. */
type Slot = Pick<ChildView, 'path' | 'state'>

/** Ready once every slot is; those that are not say why. */
export function readiness(phase: DaemonPhase, slots: readonly Slot[], actors: readonly ActorView[]): Readiness {
  if (phase === 'running' && slots.every(({ state }) => state === 'running')) return { ready: true, reasons: [] }
  const why = new Map(actors.map((actor) => [actor.path, actor.why]))
  const words = (path: string) => (why.get(path) == null ? '' : ` (${why.get(path)})`)
  const missing = slots.filter(({ state }) => state !== 'running')
  return {
    ready: false,
    reasons: [`the daemon is ${phase}`, ...missing.map(({ path, state }) => `${path} is ${state}${words(path)}`)],
  }
}

/** The slot that the start waits for. */
export function awaitedSlot(slots: readonly Slot[], actors: readonly ActorView[]): Awaited | undefined {
  const slot = slots.find(({ state }) => state === 'starting')
  if (slot === undefined) return undefined
  const actor = actors.find(({ path }) => path === slot.path)
  return { waitingFor: slot.path, state: actor?.state ?? slot.state, why: actor?.why ?? null }
}
