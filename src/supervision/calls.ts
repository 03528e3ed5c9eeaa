import { BadSpecError, checkInstance, checkRules } from './check-specs.ts'
import type { Call, CallError, ChildCounts, WhichChild } from './core-events.ts'
import type { Child, Job, Rules, Step, SupervisorState } from './core-state.ts'
import { laneFor, laneOf, subjectOf } from './lane-of.ts'
import { deliver, runJob } from './lanes.ts'
import type { ChildRules } from './spec.ts'
import { settleEnded } from './stop-child.ts'
import { isRestarting, isUp, type Turn } from './turn.ts'

/** Answers a call now, or once the lane it concerns is free. */
export function answer(turn: Turn, ticket: number, call: Call): void {
  // Looking changes nothing, so it waits for nobody.
  if (call.type === 'which_children') return turn.reply(ticket, { ok: true, children: whichChildren(turn) })
  if (call.type === 'count_children') return turn.reply(ticket, { ok: true, counts: countChildren(turn) })
  if (turn.phase === 'stopping') return refuse(turn, ticket, 'shutting_down')
  // From outside TypeScript it may be anything.
  if ('id' in call && typeof call.id !== 'string') return refuse(turn, ticket, 'not_found')
  const message = { type: 'call', ticket, call } as const
  deliver(turn, laneFor(turn, subjectOf(message)), message)
}

export function handleCall(turn: Turn, ticket: number, call: Call): void {
  switch (call.type) {
    case 'start_child':
      return startChildCall(turn, ticket, call.rules)
    case 'terminate_child':
      return terminateChild(turn, ticket, call.id)
    case 'restart_child':
      return restartChild(turn, ticket, call.id)
    case 'delete_child':
      return deleteChild(turn, ticket, call.id)
    case 'which_children':
    case 'count_children':
      return answer(turn, ticket, call)
  }
}

function startChildCall(turn: Turn, ticket: number, given: ChildRules): void {
  const rules = rulesFor(turn, given)
  if (rules instanceof BadSpecError) return turn.reply(ticket, { ok: false, error: 'bad_spec', problem: rules.message })
  const present = turn.child(rules.id)
  if (present !== undefined) return refuse(turn, ticket, isUp(present) ? 'already_started' : 'already_present')
  if (turn.children.size >= turn.flags.maxChildren) return refuse(turn, ticket, 'max_children')
  turn.add(rules)
  begin(turn, ticket, 'start_child', { type: 'start', id: rules.id })
}

/** A template's child takes everything from the template but its name, which it may leave to us, and its payload. */
function rulesFor(turn: Turn, given: ChildRules): Rules | BadSpecError {
  const { template } = turn
  try {
    if (template === undefined) return checkRules(given, turn.flags)
    return { ...checkInstance(given.id || freeName(turn, template), template), payload: given.payload }
  } catch (error) {
    if (error instanceof BadSpecError) return error
    throw error
  }
}

/** One that is not taken: others may have been given names that look like these. */
function freeName(turn: Turn, { id }: Rules): string {
  for (;;) {
    const name = `${id}.${turn.next()}`
    if (turn.child(name) === undefined) return name
  }
}

function terminateChild(turn: Turn, ticket: number, id: string): void {
  if (id === turn.template?.id) return refuse(turn, ticket, 'simple_one_for_one')
  const child = turn.child(id)
  if (child === undefined) return refuse(turn, ticket, 'not_found')
  if (isUp(child)) return begin(turn, ticket, 'terminate_child', { type: 'stop', id })
  settleEnded(turn, child, { type: 'terminate_child', cause: { type: 'call' } })
  turn.reply(ticket, { ok: true, id })
}

function restartChild(turn: Turn, ticket: number, id: string): void {
  const refusal = isAtRest(turn, id)
  if (refusal !== undefined) return refuse(turn, ticket, refusal)
  begin(turn, ticket, 'restart_child', { type: 'start', id })
}

function deleteChild(turn: Turn, ticket: number, id: string): void {
  const refusal = isAtRest(turn, id)
  if (refusal !== undefined) return refuse(turn, ticket, refusal)
  const child = turn.child(id) as Child
  turn.report(child, 'forget', { type: 'call' }, `${id} is deleted`)
  turn.drop(child)
  turn.reply(ticket, { ok: true, id })
}

/** Undefined if the child is there and has no process, nor is about to have one. */
function isAtRest(turn: Turn, id: string): CallError | undefined {
  if (turn.template !== undefined) return 'simple_one_for_one'
  const child = turn.child(id)
  if (child === undefined) return 'not_found'
  if (isUp(child)) return 'running'
  return isRestarting(child) ? 'restarting' : undefined
}

function begin(turn: Turn, ticket: number, type: Job['type'], step: Step): void {
  const job: Job = { type, steps: [step], ticket, culprit: undefined, cause: { type: 'call' } }
  runJob(turn, laneOf(turn, step.id), job)
}

function refuse(turn: Turn, ticket: number, error: CallError): void {
  turn.reply(ticket, { ok: false, error })
}

function whichChildren(turn: Turn): WhichChild[] {
  return turn.ordered().map((child) => ({
    id: child.rules.id,
    child: isUp(child) ? 'up' : isRestarting(child) ? 'restarting' : 'undefined',
    type: child.rules.type,
  }))
}

/** As OTP's `count_children`: a template counts as one specification. */
export function countChildren({
  children: all,
  template,
}: Pick<Turn | SupervisorState, 'children' | 'template'>): ChildCounts {
  const children = all.values()
  const supervisors = children.filter((child) => child.rules.type === 'supervisor').length
  return {
    specs: template === undefined ? children.length : 1,
    active: children.filter((child) => isUp(child) && child.exit === undefined).length,
    supervisors,
    workers: children.length - supervisors,
  }
}
