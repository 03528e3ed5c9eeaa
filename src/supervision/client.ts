import type { ActorRef } from 'xstate'
import { isStopped } from './actor-system.ts'
import type { ChildCounts } from './core-events.ts'
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

type Answer = (answer: CallReply) => void
const shuttingDown: CallReply = { ok: false, error: 'shutting_down' }

/** Those who wait for an answer, by whom they have asked. */
const waiting = new WeakMap<object, Set<Answer>>()

/** Answers those whose question `supervisor` had in its mailbox when it ended: XState throws that away. */
export function refuseUnheard(supervisor: object): void {
  for (const answer of waiting.get(supervisor) ?? []) answer(shuttingDown)
  waiting.delete(supervisor)
}

function ask(supervisor: SupervisorRef, question: (reply: Answer) => SupervisorEvent): Promise<CallReply> {
  // An actor that has ended takes no more events: nobody would answer.
  if (supervisor.getSnapshot().status !== 'active' || isStopped(supervisor)) return Promise.resolve(shuttingDown)
  const answers = waiting.get(supervisor) ?? new Set()
  waiting.set(supervisor, answers)
  return new Promise((resolve) => {
    answers.add(resolve)
    supervisor.send(
      question((answer) => {
        answers.delete(resolve)
        resolve(answer)
      }),
    )
  })
}
