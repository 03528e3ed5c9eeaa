import type { AnyActorRef } from 'xstate'

export type AnyActorSystem = AnyActorRef['system']

/** The parts of XState 5.33.3's actors and systems that are not in its types; `xstate-facts.test.ts` pins them. */
interface Internals {
  _register: (sessionId: string, actor: AnyActorRef) => string
  _unregister: (actor: AnyActorRef) => void
  _sendInspectionEvent: (event: unknown) => void
}
interface Stoppable {
  _stop(): void
}

interface Family {
  running: boolean
  /** Most actors have none. */
  children: Set<AnyActorRef> | undefined
}

/**
 * Every running actor of one system, by its parent.
 *
 * XState forgets the children of an actor whose own action throws, and they run on. This knows them.
 */
export class RunningActors {
  readonly #families = new Map<AnyActorRef, Family>()
  /** Where an inspector's error goes. The latest supervisor's wish holds. */
  onInspectorError: (error: unknown) => void = () => {}

  get count(): number {
    return [...this.#families.values()].filter((family) => family.running).length
  }

  /** Stops `actor`, if it still runs, and everything that then still runs below it. */
  stop(actor: AnyActorRef): void {
    ;(actor as AnyActorRef & Stoppable)._stop()
    for (const child of [...(this.#families.get(actor)?.children ?? [])]) this.stop(child)
  }

  began(actor: AnyActorRef): void {
    this.#familyOf(actor).running = true
  }

  ended(actor: AnyActorRef): void {
    const family = this.#families.get(actor)
    if (family === undefined) return
    family.running = false
    this.#forget(actor, family)
  }

  #familyOf(actor: AnyActorRef): Family {
    const known = this.#families.get(actor)
    if (known !== undefined) return known
    const family: Family = { running: false, children: undefined }
    this.#families.set(actor, family)
    const parent = parentOf(actor)
    if (parent !== undefined) (this.#familyOf(parent).children ??= new Set()).add(actor)
    return family
  }

  /** An actor that has ended stays known while anything runs below it. */
  #forget(actor: AnyActorRef, family: Family): void {
    if (family.running || (family.children?.size ?? 0) > 0) return
    this.#families.delete(actor)
    const parent = parentOf(actor)
    const siblings = parent && this.#families.get(parent)
    if (parent === undefined || siblings === undefined) return
    siblings.children?.delete(actor)
    this.#forget(parent, siblings)
  }
}

const known = new WeakMap<AnyActorSystem, RunningActors>()

/**
 * Follows which actors of `system` run, and keeps an inspector that throws from breaking them: XState loses the event, and
 * leaves the mailbox stuck for ever.
 */
export function watchSystem(system: AnyActorSystem): RunningActors {
  const watched = known.get(system)
  if (watched !== undefined) return watched
  const actors = new RunningActors()
  known.set(system, actors)
  const internals = system as AnyActorSystem & Internals
  const { _register: register, _unregister: unregister, _sendInspectionEvent: inspect } = internals
  internals._register = (sessionId, actor) => {
    actors.began(actor)
    return register(sessionId, actor)
  }
  internals._unregister = (actor) => {
    actors.ended(actor)
    unregister(actor)
  }
  internals._sendInspectionEvent = (event) => {
    try {
      inspect(event)
    } catch (error) {
      actors.onInspectorError(error)
    }
  }
  return actors
}

export const parentOf = (actor: AnyActorRef): AnyActorRef | undefined => actor._parent

/** The ids from the root down, separated by slashes: `root/cameras/camera.dock-1`. */
export function pathOf(actor: AnyActorRef): string {
  const parent = parentOf(actor)
  return parent === undefined ? actor.id : `${pathOf(parent)}/${actor.id}`
}
