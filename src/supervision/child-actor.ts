import { createActor, type AnyActor, type AnyActorRef, type AnyEventObject } from 'xstate'
import type { RunningActors } from './actor-system.ts'
import type { ChildEvent, Ended } from './core-events.ts'
import { type IncarnationHost, Life } from './incarnation.ts'
import type { SupervisorClock } from './supervisor-clock.ts'
import type { ExitReason, Ms } from './spec.ts'
import { isSupervisor } from './mark-supervisor.ts'
import type { ChildSpec, SupervisorOutput } from './supervisor-types.ts'

/** What a life needs of its supervisor. */
export interface ChildHost {
  readonly self: AnyActorRef
  readonly clock: SupervisorClock
  readonly actors: RunningActors
  /** Until when disposers are waited for, monotonic, whatever time they have of their own. */
  disposersEnd(): Ms
  /** `again`: XState's own word of the same follows, once the actor has come to rest; that is the time to act on it. */
  tell(event: ChildEvent, again: boolean): void
  /** Something beside the tree failed: a disposer. */
  fault(id: string, epoch: number, error: unknown): void
}

/** A supervisor somewhere below a child, itself or at the next such level: it has children, or disposers of them still run. */
export interface Below {
  abandon(): void
  /** No disposer is waited for beyond `by`, monotonic. */
  hurryDisposers(by: Ms): void
}

export interface StartPlan {
  readonly start: ChildSpec['start']
  readonly args: unknown
}

/** The time a supervisor keeps for itself of what it is given to stop in, so that its children's deadlines come before its own. */
const margin = (within: Ms): Ms => Math.min(500, within * 0.1)

/**
 * One life of a child, from `start` to the last disposer. It tells its supervisor what happens, and decides nothing.
 *
 * The end is always: abort, dispose, stop, reap, tell; so nothing of it is left when the supervisor hears of it.
 */
export class ChildActor implements IncarnationHost {
  #actor: AnyActor | undefined
  #state: 'starting' | 'started' | 'ending' = 'starting'
  #supervises = false
  #killed = false
  #parentIsTold = false
  #onGone: (() => void) | undefined
  /** Those that have something left. Most children have none. */
  #below: Set<Below> | undefined
  #onDeserted: (() => void) | undefined
  readonly #life: Life

  constructor(
    readonly id: string,
    readonly path: string,
    readonly epoch: number,
    private readonly waitsForReady: boolean,
    private readonly host: ChildHost,
  ) {
    this.#life = new Life(id, path, epoch, this)
  }

  get clock(): SupervisorClock {
    return this.host.clock
  }

  get disposersEnd(): Ms {
    return this.host.disposersEnd()
  }

  get ref(): AnyActorRef | undefined {
    return this.#actor
  }

  start({ start, args }: StartPlan): void {
    try {
      const runnable = start(this.#life, args)
      // It has just stopped what is above its own supervisor: it is abandoned, and nothing begins.
      if (this.#state === 'ending') return
      if (runnable === undefined) return this.#finish({ type: 'ignored', id: this.id, epoch: this.epoch })
      const { logic, input } = runnable
      this.#actor = createActor(logic, { id: this.id, parent: this.host.self, input })
      this.#supervises = isSupervisor(logic)
      this.#actor.subscribe(this)
      this.#actor.on('*', (event: AnyEventObject) => {
        if (event.type === 'ready') this.onReady()
        if (event.type === 'progress') this.onProgress()
      })
      this.#actor.start()
      if (!this.#waits) this.onReady()
    } catch (error) {
      this.#failed(error)
    }
  }

  drain(within: Ms): void {
    this.#send(within === Infinity ? { type: 'drain' } : { type: 'drain', within: this.#own(within) })
  }

  /** Only a supervisor has to do anything about more time or less; every other child hears of it, as of what it was given. */
  extend(within: Ms): void {
    this.#send({ type: 'stop.extend', within: this.#own(within) })
  }

  hurry(within: Ms): void {
    this.#send({ type: 'stop.hurry', within: this.#own(within), ...(this.#supervises && { above: 'is_hurried' }) })
  }

  /** Less is left for what it holds, and for what those below it hold. */
  hurryDisposers(by: Ms): void {
    this.#life.hurry()
    for (const below of this.#below ?? []) below.hurryDisposers(by)
  }

  get #waits(): boolean {
    return this.waitsForReady || this.#supervises
  }

  #own(within: Ms): Ms {
    return this.#supervises ? within - margin(within) : within
  }

  /** Ends it, whatever it is doing. If it has ended by itself already, its disposers go on. */
  kill(): void {
    if (this.#state === 'ending') return
    this.#killed = true
    // A supervisor has to kill its own children, and to wait for their disposers.
    if (this.#supervises) return this.#send({ type: 'stop.hurry', within: 0, above: 'cuts_off' })
    this.#finish(this.#exited({ type: 'shutdown' }))
  }

  /** Ends it now and for good, because its supervisor is gone; `gone` is called once its disposers have run. */
  abandon(gone: () => void): void {
    this.#onGone = gone
    if (this.#state !== 'ending') this.#finish(undefined)
    this.#stop()
  }

  /** `next`, `error` and `complete`: what XState tells its observers of the actor. */
  next(snapshot: unknown): void {
    if (this.#waits && this.#state === 'starting' && hasTag(snapshot, 'ready')) this.onReady()
  }

  error(error: unknown): void {
    this.#amidEnd(true, () => this.#failed(error))
  }

  complete(): void {
    const actor = this.#actor as AnyActor
    this.#amidEnd(statusOf(actor) === 'done', () => this.#completed(actor))
  }

  onReady(): void {
    if (this.#state !== 'starting') return
    this.#state = 'started'
    this.#tell({ type: 'started', id: this.id, epoch: this.epoch })
  }

  /** XState calls its observers before it is done with an actor's end, and then tells the parent. */
  #amidEnd(parentIsTold: boolean, action: () => void): void {
    this.#parentIsTold = parentIsTold
    action()
    this.#parentIsTold = false
  }

  onProgress(): void {
    if (this.#state !== 'ending') this.#tell({ type: 'progress', id: this.id, epoch: this.epoch })
  }

  onFault(error: unknown): void {
    this.host.fault(this.id, this.epoch, error)
  }

  #failed(error: unknown): void {
    if (this.#state === 'ending') return
    const { id, epoch } = this
    this.#finish(
      this.#state === 'starting' ? { type: 'failed', id, epoch, error } : this.#exited({ type: 'error', error }),
    )
  }

  #completed(actor: AnyActor): void {
    if (this.#state === 'ending') return
    const status = statusOf(actor)
    // Stopped by someone who isn't its supervisor: it is gone all the same, and has not drained.
    if (status !== 'done') this.#killed = true
    const output: unknown = status === 'done' ? (actor.getSnapshot() as { readonly output: unknown }).output : undefined
    if (this.#supervises && status === 'done') {
      const { ended, error } = output as SupervisorOutput
      if (ended === 'start_failed' && !this.#killed) return this.#failed(error)
    }
    // An actor that does its work and is done while it starts has started.
    if (!this.#waits) this.onReady()
    const reason = exitReason(this.#supervises, status, output)
    this.#finish(this.#exited(reason, output))
  }

  /** Lets go of all that this life held, and then says `last`. */
  #finish(last: ChildEvent | undefined): void {
    this.#state = 'ending'
    this.#life.end(() => {
      // A supervisor that has crashed has left its children.
      if (this.#below !== undefined) for (const below of [...this.#below]) below.abandon()
      this.#stop()
      // What is gone by now may have left disposers, and they take their time.
      if (this.#below === undefined || this.#below.size === 0) this.#gone(last)
      else this.#onDeserted = () => this.#gone(last)
    })
  }

  #gone(last: ChildEvent | undefined): void {
    if (last !== undefined) this.#tell(last)
    this.#onGone?.()
  }

  /** A supervisor below has begun its first child. */
  shelter(below: Below): void {
    this.#below ??= new Set()
    this.#below.add(below)
  }

  /** Nothing of it is left. */
  release(below: Below): void {
    this.#below?.delete(below)
    if (this.#below?.size === 0) this.#onDeserted?.()
  }

  #stop(): void {
    if (this.#actor !== undefined) this.host.actors.stop(this.#actor)
  }

  /** What has ended hears nothing: XState would complain of it. */
  #send(event: AnyEventObject): void {
    if (this.#state !== 'ending') this.#actor?.send(event)
  }

  #exited(reason: ExitReason, output?: unknown): ChildEvent {
    const { id, epoch } = this
    return { type: 'exited', id, epoch, reason, killed: this.#killed, output }
  }

  #tell(event: ChildEvent): void {
    this.host.tell(event, this.#parentIsTold)
  }
}

const statusOf = (actor: AnyActor): string => (actor.getSnapshot() as { readonly status: string }).status

function exitReason(supervises: boolean, status: string, output: unknown): ExitReason {
  if (status !== 'done') return { type: 'shutdown' }
  if (!supervises) return { type: 'normal' }
  const detail: Ended = (output as SupervisorOutput).ended
  return { type: 'shutdown', detail }
}

function hasTag(snapshot: unknown, tag: string): boolean {
  const { hasTag: has } = snapshot as { readonly hasTag?: (tag: string) => boolean }
  return typeof has === 'function' && has.call(snapshot, tag)
}
