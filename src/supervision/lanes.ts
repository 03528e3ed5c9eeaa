import { handleCall } from './calls.ts'
import type { Job, Lane, Message } from './core-state.ts'
import { areApart, laneFor, subjectOf } from './lane-of.ts'
import { handleAgain, handleExit } from './restart.ts'
import { startChild } from './start.ts'
import { settleEnded, stopChild } from './stop-child.ts'
import { isUp, type Turn } from './turn.ts'

const noMessages: readonly Message[] = []

/** Handles `message` now, or once its lane has finished what it is doing. */
export function deliver(turn: Turn, name: string, message: Message): void {
  const lane = turn.lanes.get(name)
  if (lane === undefined) return handle(turn, message)
  turn.lanes.set(name, { ...lane, inbox: [...lane.inbox, message] })
}

/** Does `job` in a lane that is free, as far as it goes without waiting. */
export function runJob(turn: Turn, name: string, job: Job): void {
  turn.lanes.set(name, { name, job, next: 0, inbox: noMessages })
  resume(turn, name)
}

/** Goes on with the lane's job from the step it is at. */
export function resume(turn: Turn, name: string): void {
  for (let lane = turn.lanes.get(name); lane !== undefined; lane = turn.lanes.get(name)) {
    const step = lane.job.steps[lane.next]
    if (step === undefined) return finish(turn, name, lane)
    const child = turn.child(step.id)
    // Undefined: a temporary one, which has gone with its stop.
    if (child !== undefined) {
      if (step.type === 'start') return startChild(turn, child, lane.job.cause)
      if (isUp(child) && child.exit === undefined) return stopChild(turn, child, lane.job)
      settleEnded(turn, child, lane.job)
    }
    advance(turn, name)
  }
}

/** The step that the lane waited for is done. */
export function advance(turn: Turn, name: string): void {
  const lane = turn.lanes.get(name)
  if (lane === undefined) return
  turn.lanes.set(name, { name, job: lane.job, next: lane.next + 1, inbox: lane.inbox })
}

/** The lane's job ends here, done or not; then its inbox is looked at. */
export function finish(turn: Turn, name: string, lane: Lane): void {
  turn.lanes.delete(name)
  completed(turn, lane.job)
  for (let index = 0; index < lane.inbox.length; index++) {
    const message = lane.inbox[index] as Message
    const busy = turn.lanes.get(name)
    if (areApart(turn)) deliver(turn, laneFor(turn, subjectOf(message)), message)
    else if (busy === undefined) handle(turn, message)
    else {
      // It has only just become busy: nothing waits for it but what is left here, which is copied once.
      turn.lanes.set(name, { ...busy, inbox: lane.inbox.slice(index) })
      return
    }
  }
}

function completed(turn: Turn, job: Job): void {
  const id = job.steps.at(-1)?.id
  if (job.type === 'boot') {
    turn.phase = 'running'
    turn.effects.push({ type: 'ready' })
  }
  if (job.ticket !== undefined) turn.reply(job.ticket, id === undefined ? { ok: true } : { ok: true, id })
}

function handle(turn: Turn, message: Message): void {
  // What was handled before it may have ended everything: with nothing left to stop, at once.
  if (turn.phase === 'stopping' || turn.phase === 'ended') {
    if (message.type === 'call') turn.reply(message.ticket, { ok: false, error: 'shutting_down' })
    return
  }
  switch (message.type) {
    case 'exit':
      return handleExit(turn, message)
    case 'again':
      return handleAgain(turn, message)
    case 'call':
      return handleCall(turn, message.ticket, message.call)
  }
}
