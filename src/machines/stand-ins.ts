import type { ActorLogic, EventObject, NonReducibleUnknown, Snapshot } from 'xstate'
import { fromPromise, type PromiseActorLogic } from 'xstate'

/** What an events actor is while it runs and once it has ended. */
export type EventsSnapshot<Output> = Snapshot<Output> & { readonly output: Output | undefined }

/**
 * An actor that tells its parent facts while it runs (`Told`), ends by itself with an `Output`, and fails with an error.
 * It hears one thing: `finish`, after which it completes what it has begun and ends.
 */
export type EventsLogic<Told extends EventObject, Input, Output> = ActorLogic<EventsSnapshot<Output>, Finish, Input> & {
  readonly tells?: Told
}

export interface Finish {
  readonly type: 'finish'
}

/** A place for an events actor that the composition root provides; starting it unprovided is a bug that says which. */
export function eventsActor<Told extends EventObject, Input, Output>(name: string): EventsLogic<Told, Input, Output> {
  const unprovided = (): never => {
    throw new Error(`The actor "${name}" was not provided`)
  }
  return {
    getInitialSnapshot: unprovided,
    transition: unprovided,
    getPersistedSnapshot: unprovided,
  }
}

/** A place for a promise actor that the composition root provides. */
export const promiseActor = <Output, Input = NonReducibleUnknown>(name: string): PromiseActorLogic<Output, Input> =>
  fromPromise<Output, Input>(() => Promise.reject(new Error(`The actor "${name}" was not provided`)))

/** A place for a delay that needs chance and is therefore provided. */
export const delay = (name: string) => (): number => {
  throw new Error(`The delay "${name}" was not provided`)
}
