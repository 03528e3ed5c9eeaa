import { z } from 'zod'
import type { AutoShutdown, Restart, Strategy } from '../../src/supervision/spec.ts'

export interface Program {
  readonly strategy: Strategy
  readonly intensity: number
  readonly autoShutdown: AutoShutdown
  readonly specs: readonly { readonly id: string; readonly restart: Restart; readonly significant: boolean }[]
  readonly commands: readonly Command[]
}

export type Command = Single | readonly ['batch', commands: readonly Single[]]

export type Single =
  | readonly ['exit', id: string, reason: string]
  | readonly ['fail_next', id: string, times: number]
  | readonly ['terminate' | 'restart' | 'delete', id: string]

export type Happening = readonly [string, string] | readonly [string, string, string]
export type Children = readonly (readonly [id: string, 'up' | 'down' | 'restarting'])[]

export interface Answer {
  readonly start: 'ok' | 'error'
  readonly boot: readonly Happening[]
  readonly shutdown?: readonly Happening[]
  readonly steps?: readonly (Step | 'supervisor_gone')[]
}

export interface Step {
  /** Of a batch, one for each of its commands. */
  readonly result: string | readonly string[]
  readonly events: readonly Happening[]
  readonly children: Children | 'supervisor_gone'
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
export function readProgram(line: string): Program {
  const given: unknown = JSON.parse(line)
  const read = programSchema.safeParse(given)
  if (read.success) return given as Program
  const [{ path, message }] = read.error.issues as [z.core.$ZodIssue]
  const found = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)[key], given)
  const where = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
  const what = found === undefined ? 'nothing' : JSON.stringify(found)
  throw new SyntaxError(`${where.slice(1) || 'the line'}: expected ${message}, found ${what.slice(0, 80)}`)
}
