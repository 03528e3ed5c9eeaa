/**
 * Runs recorded supervisor programs through our decision core: JSON lines in, each with our answer as `expected` out.
 *
 *     npm run --silent otp-replay < programs.jsonl
 *     npm run --silent otp-replay -- --check < recorded.jsonl    those alone whose own `expected` is another; 1 if there are any
 *
 * The format is that of `test/fixtures/otp`. A line that is no program ends it with 1, and says what is wrong with it.
 */
import process from 'node:process'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { BadSpecError } from '../src/supervision/check-specs.ts'
import { initialState, step } from '../src/supervision/core.ts'
import type { Call, CallResult, CoreEvent, Effect, Happened } from '../src/supervision/core-events.ts'
import type { SupervisorState } from '../src/supervision/core-state.ts'
import type { AutoShutdown, ExitReason, Restart, Strategy } from '../src/supervision/spec.ts'
import { CommandLine } from './command-line.ts'

export interface Program {
  readonly strategy: Strategy
  readonly intensity: number
  readonly autoShutdown: AutoShutdown
  readonly specs: readonly { readonly id: string; readonly restart: Restart; readonly significant: boolean }[]
  readonly commands: readonly Command[]
}

type Command = Single | readonly ['batch', commands: readonly Single[]]

type Single =
  | readonly ['exit', id: string, reason: string]
  | readonly ['fail_next', id: string, times: number]
  | readonly ['terminate' | 'restart' | 'delete', id: string]

type Happening = readonly [string, string] | readonly [string, string, string]
type Children = readonly (readonly [id: string, 'up' | 'down' | 'restarting'])[]

export interface Answer {
  readonly start: 'ok' | 'error'
  readonly boot: readonly Happening[]
  readonly shutdown?: readonly Happening[]
  readonly steps?: readonly (Step | 'supervisor_gone')[]
}

interface Step {
  /** Of a batch, one for each of its commands. */
  readonly result: string | readonly string[]
  readonly events: readonly Happening[]
  readonly children: Children | 'supervisor_gone'
}

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
  const world = new World(state)
  const boot = world.during(() => world.happen({ type: 'boot' }))
  if (world.isGone) return { start: 'error', boot }
  const steps = program.commands.map((command): Step | 'supervisor_gone' => {
    if (world.isGone) return 'supervisor_gone'
    let result: Step['result'] = ''
    const events = world.during(() => (result = world.obey(command)))
    return { result, events, children: world.isGone ? 'supervisor_gone' : world.children() }
  })
  const shutdown = world.isGone ? [] : world.during(() => world.happen({ type: 'drain' }))
  return { start: 'ok', boot, shutdown, steps }
}

/** Children that start at once, unless told to fail, and stop at once; time stands still. */
class World {
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

  children(): Children {
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

const id = z.string({ error: 'an id' })

const manyTimes = { error: 'a whole number, 0 or more' }
const times = z.int(manyTimes).min(0, manyTimes)

const commandSchema = z.union([
  z.tuple([z.literal('exit'), id, z.string()]),
  z.tuple([z.literal('fail_next'), id, times]),
  z.tuple([z.enum(['terminate', 'restart', 'delete']), id]),
])

/** Its shape. Whether strategies, restarts and flags make sense, the supervisor says. */
const programSchema = z.looseObject(
  {
    strategy: z.string({ error: 'a strategy' }),
    intensity: z.number({ error: 'a number' }),
    autoShutdown: z.string({ error: 'never, any_significant or all_significant' }),
    specs: z.array(
      z.looseObject(
        { id, restart: z.string({ error: 'a restart type' }), significant: z.boolean({ error: 'true or false' }) },
        { error: 'a child’s specification' },
      ),
      { error: 'a list of children' },
    ),
    commands: z.array(
      z.union([...commandSchema.options, z.tuple([z.literal('batch'), z.array(commandSchema)])], {
        error:
          '["exit", id, reason], ["fail_next", id, times], ["terminate", "restart" or "delete", id], or ["batch", a list of these]',
      }),
      { error: 'a list of commands' },
    ),
  },
  { error: 'a program' },
)

/** @throws {SyntaxError} the line is no program; it says where, what was expected and what was found. */
function readProgram(line: string): Program {
  const given: unknown = JSON.parse(line)
  const read = programSchema.safeParse(given)
  if (read.success) return given as Program
  const [{ path, message }] = read.error.issues as [z.core.$ZodIssue]
  const found = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)[key], given)
  const where = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
  const what = found === undefined ? 'nothing' : JSON.stringify(found)
  throw new SyntaxError(`${where.slice(1) || 'the line'}: expected ${message}, found ${what.slice(0, 80)}`)
}

export interface Replay {
  readonly lines: AsyncIterable<string> | Iterable<string>
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Prints no program but those whose `expected` is not our answer. */
  readonly check?: boolean
}

/** Answers programs, a line each, up to the first line that is none. Resolves with the exit code. */
export async function replay({ lines, out, err, check = false }: Replay): Promise<number> {
  let number = 0
  let differing = 0
  let programs = 0
  for await (const line of lines) {
    number++
    if (line.trim() === '') continue
    try {
      const program = readProgram(line)
      programs++
      const answered = `${JSON.stringify({ ...program, expected: answerTo(program) })}\n`
      if (check && answered === `${JSON.stringify(program)}\n`) continue
      differing++
      out(answered)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      err(`otp-replay: line ${number} is no program: ${error.message}\n`)
      return 1
    }
  }
  if (check) err(`${programs} programs, ${differing} of them answered otherwise than they say\n`)
  return check && differing > 0 ? 1 : 0
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  // Whoever reads the answers has enough of them (`otp-replay | head`).
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  })
  process.exitCode = await replay({
    lines: createInterface({ input: process.stdin, crlfDelay: Infinity }),
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    check: new CommandLine('otp-replay').options({ check: { type: 'boolean', default: false } }).check,
  })
}
