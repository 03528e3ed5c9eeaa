import { BadSpecError } from '../../src/supervision/check-specs.ts'
import { initialState, step } from '../../src/supervision/core.ts'
import type { Call, CallResult, CoreEvent, Effect, Happened } from '../../src/supervision/core-events.ts'
import type { SupervisorState } from '../../src/supervision/core-state.ts'
import type { ExitReason } from '../../src/supervision/spec.ts'
import type { Answer, Children, Command, Happening, Program, Single, Step } from './program.ts'

/** The period of the recorded programs: no restart ever expires in one. */
const period = 3_600_000

export function answerTo(program: Program): Answer {
  const { strategy, intensity, autoShutdown } = program
  let state: SupervisorState
  try {
    state = initialState({ strategy, intensity, autoShutdown, period }, program.specs)
  } catch (error) {
    if (error instanceof BadSpecError) return { start: 'error', boot: [] }
    throw error
  }
  const children = new ReplayedChildren(state)
  const boot = children.during(() => children.happen({ type: 'boot' }))
  if (children.isGone) return { start: 'error', boot }
  const steps = program.commands.map((command): Step | 'supervisor_gone' => {
    if (children.isGone) return 'supervisor_gone'
    let result: Step['result'] = ''
    const events = children.during(() => (result = children.obey(command)))
    return { result, events, children: children.isGone ? 'supervisor_gone' : children.shown() }
  })
  const shutdown = children.isGone ? [] : children.during(() => children.happen({ type: 'drain' }))
  return { start: 'ok', boot, shutdown, steps }
}

/** Children that start at once, unless told to fail, and stop at once; time stands still. */
class ReplayedChildren {
  #log: Happening[] = []
  readonly #failures = new Map<string, number>()
  readonly #timers: { readonly id: string; readonly token: number }[] = []
  readonly #events: Happened<CoreEvent>[] = []
  readonly #answers: (CallResult | undefined)[] = []
  /** The last life of each child that has ended by itself. */
  readonly #ended = new Map<string, number>()

  constructor(private state: SupervisorState) {}

  get isGone(): boolean {
    return this.state.phase === 'ended'
  }

  during(action: () => void): Happening[] {
    this.#log = []
    action()
    return this.#log
  }

  happen(event: Happened<CoreEvent>): void {
    this.#events.push(event)
    this.#run()
  }

  #run(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const { state, effects } = step(this.state, { at: 0, random: 0, ...next })
      this.state = state
      for (const effect of effects) this.#carryOut(effect)
    }
  }

  obey(command: Command): Step['result'] {
    if (command[0] === 'batch') return this.#obeyAll(command[1])
    const [result = ''] = this.#obeyAll([command])
    return result
  }

  /** All of them wait in order before the first is looked at. */
  #obeyAll(commands: readonly Single[]): string[] {
    const results = commands.map((command) => this.#send(command))
    this.#run()
    return results.map((result) => (typeof result === 'number' ? this.#resultOf(result) : result))
  }

  /** Its result, or the ticket of a call. */
  #send(command: Single): string | number {
    const [verb, id] = command
    switch (verb) {
      case 'fail_next':
        this.#failures.set(id, command[2])
        return 'ok'
      case 'exit':
        return this.#exit(id, command[2])
      case 'terminate':
        return this.#ask({ type: 'terminate_child', id })
      case 'restart':
        return this.#ask({ type: 'restart_child', id })
      case 'delete':
        return this.#ask({ type: 'delete_child', id })
    }
  }

  shown(): Children {
    const names = { up: 'up', restarting: 'restarting', undefined: 'down' } as const
    const ticket = this.#ask({ type: 'which_children' })
    this.#run()
    const answer = this.#answers[ticket]
    const children = answer?.ok === true ? (answer.children ?? []) : []
    return children.map(({ id, child }) => [id, names[child]])
  }

  #exit(id: string, reason: string): string {
    const child = this.state.children.get(id)
    if (child?.state !== 'running' || this.#ended.get(id) === child.epoch) return 'no_pid'
    this.#ended.set(id, child.epoch)
    const exit = exitReason(reason)
    this.#log.push(['died', id, exit.type === 'error' ? reason : exit.type])
    this.#events.push({ type: 'exited', id, epoch: child.epoch, reason: exit, killed: false })
    return 'ok'
  }

  #ask(call: Call): number {
    const ticket = this.#answers.push(undefined) - 1
    this.#events.push({ type: 'call', ticket, call })
    return ticket
  }

  #resultOf(ticket: number): string {
    const answer = this.#answers[ticket]
    if (answer === undefined) return 'no_answer'
    if (answer.ok) return 'ok'
    return answer.error === 'start_failed' ? 'error:injected' : `error:${answer.error}`
  }

  /** What a call or a child says comes before the next try of a failed restart. */
  #next(): Happened<CoreEvent> | undefined {
    const event = this.#events.shift()
    if (event !== undefined) return event
    const timer = this.#timers.shift()
    return timer && { type: 'expired', id: timer.id, token: timer.token }
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case 'start':
        return this.#start(effect.id, effect.epoch)
      case 'drain':
      case 'kill': {
        const { id, epoch } = effect
        // Then its end is among the events already.
        if (this.#ended.get(id) === epoch) return
        const killed = effect.type === 'kill'
        this.#log.push(['stopped', id, killed ? 'killed' : 'shutdown'])
        this.#events.push({ type: 'exited', id, epoch, reason: { type: 'shutdown' }, killed })
        return
      }
      case 'arm':
        // A longer timer is a deadline, and here everybody is in time.
        if (effect.delay === 0) this.#timers.push(effect)
        return
      case 'reply':
        this.#answers[effect.ticket] = effect.result
        return
      case 'disarm':
      case 'hurry':
      case 'hurry_disposers':
      case 'extend':
      case 'progress':
      case 'report':
      case 'forget':
      case 'ready':
      case 'end':
        return
    }
  }

  #start(id: string, epoch: number): void {
    const failures = this.#failures.get(id) ?? 0
    if (failures > 0) {
      this.#failures.set(id, failures - 1)
      this.#log.push(['start_failed', id])
      this.#events.push({ type: 'failed', id, epoch, error: 'injected' })
      return
    }
    this.#log.push(['started', id])
    this.#events.push({ type: 'started', id, epoch })
  }
}

function exitReason(reason: string): ExitReason {
  if (reason === 'normal') return { type: 'normal' }
  if (reason === 'shutdown' || reason.startsWith('{shutdown,')) return { type: 'shutdown' }
  return { type: 'error', error: reason }
}
