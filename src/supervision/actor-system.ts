import type { AnyActorRef } from 'xstate'

export type AnyActorSystem = AnyActorRef['system']

/** The parts of XState 5.33.3's actors and systems that are not in its types; `xstate-facts.test.ts` pins them. */
interface Internals {
  _register: (sessionId: string, actor: AnyActorRef) => string
  _unregister: (actor: AnyActorRef) => void
  _sendInspectionEvent: (event: unknown) => void
}
interface ActorInternals {
  /** 0 before it starts, 1 while it runs, 2 once it has ended or was stopped. */
  readonly _processingStatus: number
  _stop(): unknown
}

/**
 * Every running actor of one system, by its parent.
 *
 * XState forgets the children of an actor whose own action throws, and they run on. This knows them.
 */
export class RunningActors {
  /** Each parent's children, by their sessions. */
  readonly #below = new Map<AnyActorRef | undefined, Map<string, AnyActorRef>>()
  /** Those that have ended, or began before anybody watched: they are known while anything runs below them. */
  readonly #idle = new Set<AnyActorRef>()
  /** Where an inspector's error goes: to the first supervisor of the system, which is above the others. */
  onInspectorError: ((error: unknown) => void) | undefined

  get count(): number {
    return [...this.#below.values()].reduce((sum, { size }) => sum + size, 0) - this.#idle.size
  }

  /** Stops `actor`, if it still runs, and everything that then still runs below it. */
  stop(actor: AnyActorRef): void {
    ;(actor as AnyActorRef & ActorInternals)._stop()
    const below = this.#below.get(actor)
    if (below !== undefined) for (const child of [...below.values()]) this.stop(child)
  }

  began(actor: AnyActorRef): void {
    this.#add(actor)
    this.#idle.delete(actor)
  }

  ended(actor: AnyActorRef): void {
    if (!this.#has(actor)) return
    if (this.#below.has(actor)) this.#idle.add(actor)
    else this.#forget(actor)
  }

  #has(actor: AnyActorRef): boolean {
    return this.#below.get(parentOf(actor))?.has(actor.sessionId) === true
  }

  #add(actor: AnyActorRef): void {
    const parent = parentOf(actor)
    const siblings = this.#below.get(parent)
    if (siblings !== undefined) {
      siblings.set(actor.sessionId, actor)
      return
    }
    this.#below.set(parent, new Map([[actor.sessionId, actor]]))
    if (parent === undefined || this.#has(parent)) return
    this.#idle.add(parent)
    this.#add(parent)
  }

  #forget(actor: AnyActorRef): void {
    const parent = parentOf(actor)
    const siblings = this.#below.get(parent)
    siblings?.delete(actor.sessionId)
    if (siblings?.size !== 0) return
    this.#below.delete(parent)
    if (parent !== undefined && this.#idle.delete(parent)) this.#forget(parent)
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
      actors.onInspectorError?.(error)
    }
  }
  return actors
}

/** Whether `actor` takes no more events; its snapshot doesn't say so of one that was stopped before it was started. */
export const isStopped = (actor: object): boolean => (actor as ActorInternals)._processingStatus === 2

/** Calls `told` when `actor` is stopped before it was started: its logic hears nothing of that, nor does an observer. */
export function onStopUnstarted(actor: object, told: () => void): void {
  const internals = actor as ActorInternals
  const stop = internals._stop.bind(actor)
  internals._stop = () => {
    const unstarted = internals._processingStatus === 0
    stop()
    if (unstarted) told()
    return actor
  }
}

export const parentOf = (actor: AnyActorRef): AnyActorRef | undefined => actor._parent

/** The ids from the root down, separated by slashes: `root/group/child`. */
export function pathOf(actor: AnyActorRef): string {
  const parent = parentOf(actor)
  return parent === undefined ? actor.id : `${pathOf(parent)}/${actor.id}`
}
