import type { ActorRef } from 'xstate'
import type { ChildCounts } from './core-types.ts'
import type { CallReply, ChildSpec, ChildView, SupervisorEvent, SupervisorSnapshot } from './supervisor-types.ts'

export type SupervisorRef = Pick<ActorRef<SupervisorSnapshot, SupervisorEvent>, 'send' | 'getSnapshot'>

/** Adds a child and starts it; resolves once it is ready or could not start (it is then not added). */
export const startChild = (supervisor: SupervisorRef, spec: ChildSpec): Promise<CallReply> =>
  ask(supervisor, (reply) => ({ type: 'supervisor.start_child', spec, reply }))

/** Adds one more child made from a `simple_one_for_one` supervisor's template. */
export const startInstance = (supervisor: SupervisorRef, args?: unknown, id?: string): Promise<CallReply> =>
  ask(supervisor, (reply) => ({ type: 'supervisor.start_instance', args, reply, ...(id === undefined ? {} : { id }) }))

/** Stops a child; its specification stays, unless it is temporary or made from a template. */
export const terminateChild = (supervisor: SupervisorRef, id: string): Promise<CallReply> =>
  ask(supervisor, (reply) => ({ type: 'supervisor.terminate_child', id, reply }))

/** Starts a child again that has ended or was terminated. */
export const restartChild = (supervisor: SupervisorRef, id: string): Promise<CallReply> =>
  ask(supervisor, (reply) => ({ type: 'supervisor.restart_child', id, reply }))

/** Forgets the specification of a child that isn't running. */
export const deleteChild = (supervisor: SupervisorRef, id: string): Promise<CallReply> =>
  ask(supervisor, (reply) => ({ type: 'supervisor.delete_child', id, reply }))

/** Every child in start order, as it is now. */
export const whichChildren = (supervisor: SupervisorRef): readonly ChildView[] => supervisor.getSnapshot().children

/** `active`: those that are up; `specs`: a template counts as one. */
export const countChildren = (supervisor: SupervisorRef): ChildCounts => supervisor.getSnapshot().counts

function ask(
  supervisor: SupervisorRef,
  question: (reply: (answer: CallReply) => void) => SupervisorEvent,
): Promise<CallReply> {
  // An actor that has ended takes no more events: nobody would answer.
  if (supervisor.getSnapshot().status !== 'active') return Promise.resolve({ ok: false, error: 'shutting_down' })
  return new Promise((resolve) => supervisor.send(question(resolve)))
}
