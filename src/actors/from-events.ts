import type { EventObject } from 'xstate'
import type { EventsLogic, EventsSnapshot, Finish } from '../machines/stand-ins.ts'
import type { Loose } from './loose.ts'
import { tellParent } from './tell-parent.ts'

export interface EventsScope<Input> {
  readonly input: Input
  /** Aborts when the actor is stopped, or its incarnation ends: let go of everything, at once. */
  readonly signal: AbortSignal
  /** Aborts when the actor is told to finish: complete what has begun, then return. */
  readonly finish: AbortSignal
}

interface Running {
  readonly stop: AbortController
  readonly finish: AbortController
}

/** What an events actor hears: `finish` from its parent, the rest from XState and from itself. */
type Heard<Output> =
  | Finish
  | { readonly type: 'xstate.stop' }
  | { readonly type: 'events.done'; readonly output: Output }
  | { readonly type: 'events.error'; readonly error: unknown }

/** The actor was stopped by its parent; what its generator throws after that is of no interest to anybody. */
class ActorStopped extends Error {
  override readonly name = 'ActorStopped'
}

/**
 * Actor logic over an async generator: each yielded event goes to the parent, its return value is the output, what it
 * throws is the actor's error. The generator is left to run its `finally` after a stop, and `loose` knows when it has.
 */
export function fromEvents<Told extends EventObject, Input, Output>(
  loose: Loose,
  run: (scope: EventsScope<Input>) => AsyncGenerator<Told, Output>,
): EventsLogic<Told, Input, Output> {
  const running = new WeakMap<object, Running>()
  type State = EventsSnapshot<Output> & { readonly input?: Input }
  return {
    getInitialSnapshot: (_scope, input): State => ({ status: 'active', output: undefined, error: undefined, input }),

    start(snapshot, { self }) {
      if (snapshot.status !== 'active') return
      const controls = { stop: new AbortController(), finish: new AbortController() }
      running.set(self, controls)
      const events = run({
        input: (snapshot as State).input as Input,
        signal: controls.stop.signal,
        finish: controls.finish.signal,
      })
      // The actor itself is stopped only once its incarnation's disposers have run, and they wait for this.
      const letGo = (): void => controls.stop.abort(new ActorStopped())
      loose.over?.addEventListener('abort', letGo)
      if (loose.over?.aborted) letGo()
      const pump = async (): Promise<Heard<Output>> => {
        try {
          for (;;) {
            const next = await events.next()
            if (next.done === true) return { type: 'events.done', output: next.value }
            if (controls.stop.signal.aborted) await events.return(undefined as Output)
            else tellParent(self, next.value)
          }
        } catch (error) {
          return { type: 'events.error', error }
        }
      }
      loose.add(
        pump().then((ended) => {
          loose.over?.removeEventListener('abort', letGo)
          if (!controls.stop.signal.aborted) self.send(ended as Finish)
        }),
      )
    },

    transition(snapshot, event, { self }) {
      if (snapshot.status !== 'active') return snapshot
      const heard = event as Heard<Output>
      switch (heard.type) {
        case 'finish':
          running.get(self)?.finish.abort()
          return snapshot
        case 'xstate.stop':
          running.get(self)?.stop.abort(new ActorStopped())
          return { status: 'stopped', output: undefined, error: undefined }
        case 'events.done':
          return { status: 'done', output: heard.output, error: undefined }
        case 'events.error':
          return { status: 'error', output: undefined, error: heard.error }
        default:
          return snapshot
      }
    },

    getPersistedSnapshot: (snapshot) => snapshot,
  }
}
