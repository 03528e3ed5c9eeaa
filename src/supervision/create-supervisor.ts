import { onStopUnstarted } from './actor-system.ts'
import { BadSpecError, checkSpec } from './check-specs.ts'
import { refuseUnheard } from './client.ts'
import { initialState } from './core.ts'
import { Runtime, runtimeOf } from './runtime.ts'
import type { StartPlan } from './child-actor.ts'
import type { ChildRules } from './spec.ts'
import { markSupervisor } from './mark-supervisor.ts'
import { snapshotOf } from './supervisor-snapshot.ts'
import type { CallReply, ChildSpec, SupervisorEvent, SupervisorLogic, SupervisorOptions } from './supervisor-types.ts'

/**
 * A supervisor as XState actor logic: run it with `createActor`, or as a child of another supervisor.
 *
 * It ends `done` whatever becomes of its children: told to stop, out of restarts, or rolled back; its output says which.
 * Their errors never reach its parent. Only a bug of ours, or a clock that is missing, makes it fail.
 *
 * @throws {BadSpecError} the flags or the children contradict themselves.
 */
export function createSupervisor(options: SupervisorOptions): SupervisorLogic {
  const initial = initialState(options, (options.children ?? []).map(rulesOf))
  return markSupervisor<SupervisorLogic>({
    getInitialSnapshot: ({ self, system, emit }) => {
      onStopUnstarted(self, () => refuseUnheard(self))
      return snapshotOf(new Runtime(self, system, initial, options, emit))
    },
    start: (_, { self }) => self.send({ type: 'supervisor.boot' }),
    transition: (snapshot, event, { self }) => {
      const runtime = runtimeOf(self)
      const type: string = event.type
      if (type === 'xstate.stop') {
        abandon(self)
        return { ...snapshot, status: 'stopped', output: undefined, error: undefined }
      }
      const before = runtime.state
      try {
        // XState's own word that a child has ended. We know already; now it has come to rest, too.
        if (type.startsWith('xstate.')) runtime.wake()
        else obey(runtime, event)
      } catch (error) {
        // A bug of ours: nothing may outlive it.
        abandon(self)
        throw error
      }
      if (runtime.output !== undefined) refuseUnheard(self)
      return runtime.state === before ? snapshot : snapshotOf(runtime)
    },
    getPersistedSnapshot: (snapshot) => ({
      ...snapshot,
      children: snapshot.children.map(({ ref: _, ...view }) => view),
    }),
  })
}

function abandon(self: object): void {
  try {
    runtimeOf(self).abandon()
  } finally {
    refuseUnheard(self)
  }
}

function obey(runtime: Runtime, event: SupervisorEvent): void {
  switch (event.type) {
    case 'supervisor.boot':
      return runtime.happen({ type: 'boot' })
    case 'supervisor.wake':
      return runtime.wake()
    case 'drain':
      return runtime.happen({ type: 'drain', within: event.within })
    case 'stop.extend':
      return runtime.happen({ type: 'extend', within: event.within })
    case 'stop.hurry':
      return runtime.happen({ type: 'hurry', within: event.within, above: event.above })
    case 'supervisor.start_child':
      return startChild(runtime, event, () => addedRules(runtime, event.spec))
    case 'supervisor.start_instance':
      return startChild(runtime, event, () => instanceRules(runtime, event))
    case 'supervisor.terminate_child':
      return runtime.call({ type: 'terminate_child', id: event.id }, event.reply)
    case 'supervisor.restart_child':
      return runtime.call({ type: 'restart_child', id: event.id }, event.reply)
    case 'supervisor.count_children':
      return runtime.call({ type: 'count_children' }, event.reply)
    case 'supervisor.delete_child':
      return runtime.call({ type: 'delete_child', id: event.id }, event.reply)
  }
}

function startChild(
  runtime: Runtime,
  { reply }: { readonly reply?: (reply: CallReply) => void },
  given: () => ChildRules,
): void {
  let rules: ChildRules
  try {
    rules = given()
  } catch (error) {
    if (!(error instanceof BadSpecError)) throw error
    return runtime.refuse(error.message, reply)
  }
  runtime.call({ type: 'start_child', rules }, reply)
}

function rulesOf(spec: ChildSpec): ChildRules {
  checkSpec(spec)
  const { start, ...rules } = spec
  const payload: StartPlan = { start, args: undefined }
  // Assigned, not spread, as in `checkRules`.
  return Object.assign({}, rules, { payload })
}

function addedRules({ state }: Runtime, spec: ChildSpec): ChildRules {
  if (state.template === undefined) return rulesOf(spec)
  throw new BadSpecError(`the children of this supervisor are made from its template ${state.template.id}`)
}

function instanceRules(
  { state }: Runtime,
  { id = '', args }: { readonly id?: string; readonly args?: unknown },
): ChildRules {
  const plan = state.template?.payload as StartPlan | undefined
  if (plan === undefined) throw new BadSpecError('this supervisor has no template to make a child from')
  const payload: StartPlan = { start: plan.start, args }
  return { id, payload }
}
