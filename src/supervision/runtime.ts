import type { ActorRef, AnyActorRef, EventObject } from 'xstate'
import { type AnyActorSystem, parentOf, pathOf, type RunningActors, watchSystem } from './actor-system.ts'
import { ChildActor, type ChildHost, type StartPlan } from './child-actor.ts'
import { Children } from './children.ts'
import { Core } from './core.ts'
import type { Call, CallResult, ChildEvent, CoreEvent, Effect, Happened } from './core-events.ts'
import type { Decision } from './core-reports.ts'
import type { SupervisorState } from './core-state.ts'
import { Decisions } from './decisions.ts'
import { guarded } from './guarded.ts'
import type {
  CallReply,
  SupervisorEvent,
  SupervisorOptions,
  SupervisorOutput,
  SupervisorSnapshot,
} from './supervisor-types.ts'
import type { Ms } from './spec.ts'
import { type Surroundings, surroundings } from './surroundings.ts'
import { Timers } from './timers.ts'

type Self = ActorRef<SupervisorSnapshot, SupervisorEvent>

const runtimes = new WeakMap<object, Runtime>()

/** The supervisor that runs as `self`. */
export function runtimeOf(self: object): Runtime {
  const runtime = runtimes.get(self)
  if (runtime === undefined) throw new Error('this actor is not a supervisor')
  return runtime
}

/** The hands of one supervisor: it feeds the core what happens, in order, and does what the core says. */
export class Runtime {
  readonly path: string
  readonly #core: Core
  readonly #world: Surroundings
  readonly #actors: RunningActors
  readonly #host: ChildHost
  readonly #children: Children
  readonly #timers: Timers
  readonly #decisions: Decisions
  readonly #replies = new Map<number, (result: CallResult) => void>()
  /** The next wave. */
  #events: CoreEvent[] | undefined
  /** What was said while no step was being made. */
  #mail: Happened<CoreEvent>[] = []
  #ticket = 0
  #woken = false
  #busy = false
  #over = false
  isReady = false
  output: SupervisorOutput | undefined

  constructor(
    private readonly self: Self,
    system: AnyActorSystem,
    initial: SupervisorState,
    options: SupervisorOptions,
    private readonly emit: (event: EventObject) => void,
  ) {
    this.path = pathOf(self)
    this.#core = new Core(initial)
    const above = Runtime.#above(self)
    this.#world = surroundings(self, options, above && above.runtime.#world)
    this.#decisions = new Decisions(this.path, this.#core, this.#world)
    this.#children = new Children(this, above && { above: above.runtime.#children, id: above.id })
    this.#timers = new Timers(this.#world.clock, (id, token) => this.#tell({ type: 'expired', id, token }))
    this.#actors = watchSystem(system)
    this.#actors.onInspectorError ??= (error) => this.#decisions.fault(undefined, 0, error)
    this.#host = {
      self,
      clock: this.#world.clock,
      actors: this.#actors,
      disposersEnd: () => this.#children.disposersEnd,
      tell: (event, again) => this.#childSaid(event, again),
      fault: (id, epoch, error) => this.#decisions.fault(id, epoch, error),
    }
    runtimes.set(self, this)
  }

  get state(): SupervisorState {
    return this.#core.state
  }

  /** Monotonic. */
  get now(): number {
    return this.#world.clock.monotonic()
  }

  lastDecision(id: string): Decision | undefined {
    return this.#decisions.latest(id)
  }

  childRef(id: string): AnyActorRef | undefined {
    return this.#children.get(id)?.ref
  }

  call(call: Call, answer: ((reply: CallReply) => void) | undefined): void {
    const ticket = ++this.#ticket
    if (answer !== undefined) {
      this.#replies.set(ticket, (result) => {
        if (!result.ok) return answer(result)
        const { id = '', counts } = result
        answer({ ok: true, id, ref: this.childRef(id), ...(counts && { counts }) })
      })
    }
    this.happen({ type: 'call', ticket, call })
  }

  /** Answers a call that can't be made: what it asks for is no child. */
  refuse(problem: string, answer: ((reply: CallReply) => void) | undefined): void {
    if (answer !== undefined) guarded(answer, { ok: false, error: 'bad_spec', problem })
  }

  /** Tells the core, and does what it says; what comes of that is told in turn. */
  happen(event: Happened<CoreEvent>): void {
    this.#note(event)
    this.#work()
  }

  /** Works off what has happened while nobody held the floor. */
  wake(): void {
    this.#woken = false
    const waiting = this.#mail
    this.#mail = []
    for (const event of waiting) this.#note(event)
    this.#work()
  }

  #note(event: Happened<CoreEvent>): void {
    const dated: CoreEvent = Object.assign(event, { at: this.now, random: this.#world.random() })
    if (this.#events === undefined) this.#events = [dated]
    else this.#events.push(dated)
  }

  #work(): void {
    if (this.#busy) return
    this.#busy = true
    try {
      // What comes of the effects is the next wave.
      for (let wave = this.#events; wave !== undefined; wave = this.#events) {
        this.#events = undefined
        // One by one: what is done for one event is forgotten before the next, however many there are.
        for (const event of wave) for (const effect of this.#core.take(event)) this.#carryOut(effect)
      }
      this.#timers.setAll()
    } finally {
      this.#busy = false
    }
  }

  /** Ends everything now: no child, timer or question is left, and only disposers may still run. */
  abandon(): void {
    if (this.#over) return
    this.#over = true
    this.#children.desert()
    this.#timers.clear()
    for (const reply of this.#replies.values()) guarded(reply, { ok: false, error: 'shutting_down' })
    this.#decisions.leaveAll()
  }

  hurryDisposers(by: Ms): void {
    this.#children.hurryDisposers(by)
  }

  /** A child, a timer: they speak when they like, also in the middle of a step. */
  #tell(event: Happened<CoreEvent>, again = false): void {
    if (this.#over) return
    if (this.#busy) return this.happen(event)
    this.#mail.push(event)
    // One wake is enough for all that happens until it comes.
    if (again || this.#woken) return
    this.#woken = true
    this.self.send({ type: 'supervisor.wake' })
  }

  #carryOut(effect: Effect): void {
    // A child's start may have stopped what is above, and so this supervisor, in the middle of a step.
    if (this.#over) return
    switch (effect.type) {
      case 'start':
        return this.#start(effect.id, effect.epoch)
      case 'drain':
        return this.#children.get(effect.id)?.drain(effect.within)
      case 'hurry':
        return this.#children.get(effect.id)?.hurry(effect.within)
      case 'extend':
        return this.#children.get(effect.id)?.extend(effect.within)
      case 'hurry_disposers':
        return this.hurryDisposers(this.now + effect.within)
      case 'kill':
        return this.#children.get(effect.id)?.kill()
      case 'arm':
        return this.#timers.arm(effect)
      case 'disarm':
        return this.#timers.disarm(effect.id)
      case 'reply': {
        const reply = this.#replies.get(effect.ticket)
        this.#replies.delete(effect.ticket)
        return reply && guarded(reply, effect.result)
      }
      case 'report':
        return this.#decisions.made(effect.report)
      case 'forget':
        return this.#decisions.forget(effect.id)
      case 'ready':
        this.isReady = true
        return
      case 'progress':
        return this.emit({ type: 'progress' })
      case 'end':
        return this.#end(effect)
    }
  }

  #start(id: string, epoch: number): void {
    const rules = this.#core.child(id)?.rules
    if (rules === undefined) return
    const child = new ChildActor(id, `${this.path}/${id}`, epoch, rules.startTimeout !== undefined, this.#host)
    this.#children.add(child)
    child.start(rules.payload as StartPlan)
  }

  #childSaid(event: ChildEvent, again: boolean): void {
    const gone = event.type === 'exited' || event.type === 'failed' || event.type === 'ignored'
    // The next life begins only after this one has said so.
    if (gone) this.#children.remove(event.id)
    this.#tell(event, again)
  }

  #end({ why, error, outcomes }: Extract<Effect, { type: 'end' }>): void {
    // Assigned, not spread, which takes three times the memory.
    const children = outcomes.map((outcome) => Object.assign({}, outcome, { path: `${this.path}/${outcome.id}` }))
    const drained = outcomes.every(({ result, output }) => result === 'drained' && !leftUndrained(output))
    this.output = { ended: why, error, drained, children }
    this.#children.ended()
  }

  /** The next supervisor above, and which of its children `self` is, or is somewhere below. */
  static #above(self: AnyActorRef): { readonly runtime: Runtime; readonly id: string } | undefined {
    let { id } = self
    for (let above = parentOf(self); above !== undefined; above = parentOf(above)) {
      const runtime = runtimes.get(above)
      if (runtime !== undefined) return { runtime, id }
      ;({ id } = above)
    }
    return undefined
  }
}

const leftUndrained = (output: unknown): boolean =>
  typeof output === 'object' && output !== null && 'drained' in output && output.drained === false
