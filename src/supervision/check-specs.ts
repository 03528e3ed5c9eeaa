import type { Flags, Rules } from './core-state.ts'
import {
  type AutoShutdown,
  type ChildRules,
  longestTimer,
  type Ms,
  type Restart,
  type RestartBackoff,
  type Strategy,
  type SupervisorFlags,
} from './spec.ts'

const strategies: readonly Strategy[] = ['one_for_one', 'one_for_all', 'rest_for_one', 'simple_one_for_one']
const autoShutdowns: readonly AutoShutdown[] = ['never', 'any_significant', 'all_significant']
const restarts: readonly Restart[] = ['permanent', 'transient', 'temporary']
const types: readonly Rules['type'][] = ['worker', 'supervisor']

/** A supervisor was given flags or children that contradict themselves. It names the first problem. */
export class BadSpecError extends Error {
  readonly code = 'supervision.bad_spec'

  override get name(): string {
    return 'BadSpecError'
  }
}

export function checkFlags(given: SupervisorFlags): Flags {
  const flags: Flags = {
    strategy: given.strategy ?? 'one_for_one',
    intensity: given.intensity ?? 1,
    period: given.period ?? 5_000,
    autoShutdown: given.autoShutdown ?? 'never',
    concurrent: given.concurrent ?? false,
    restartsApart: given.restartsApart ?? false,
    maxChildren: given.maxChildren ?? Infinity,
    stopOrder: given.stopOrder,
    stopBudget: given.stopBudget,
    backoff: given.backoff,
    epochFloor: given.epochFloor ?? 0,
  }
  const { strategy, autoShutdown } = flags
  checkOneOf(strategies, strategy, () => 'strategy')
  checkOneOf(autoShutdowns, autoShutdown, () => 'autoShutdown')
  check(isCount(flags.intensity), () => `intensity is ${flags.intensity}; expected a whole number, 0 or more`)
  check(
    flags.period > 0 && flags.period < Infinity,
    () => `period is ${flags.period} ms; expected more than 0 and an end`,
  )
  check(
    !(strategy === 'simple_one_for_one' && autoShutdown !== 'never'),
    () => `simple_one_for_one has no significant children: autoShutdown can't be ${autoShutdown}`,
  )
  check(isCount(flags.epochFloor), () => `epochFloor is ${flags.epochFloor}; expected a whole number, 0 or more`)
  check(flags.maxChildren >= 0, () => `maxChildren is ${flags.maxChildren}; expected 0 or more`)
  const multiple = strategy === 'one_for_all' || strategy === 'rest_for_one'
  check(
    !(flags.concurrent && multiple),
    () => `children that run side by side can't be ${strategy}: they have no order`,
  )
  check(
    !(flags.restartsApart && strategy !== 'one_for_one'),
    () => `children of ${strategy} can't be restarted apart: only those of one_for_one have restarts of their own`,
  )
  const { stopBudget, backoff } = flags
  if (backoff !== undefined) check(isSchedule(backoff), () => wrongSchedule)
  if (stopBudget !== undefined) {
    const { total, hardCap = total, afterSecondStop } = stopBudget
    check(isTime(total) && isTime(hardCap) && isTime(afterSecondStop), () => 'a stop budget is made of milliseconds')
    check(hardCap >= total, () => `stopBudget.hardCap is ${hardCap} ms, below its total of ${total} ms`)
  }
  return flags
}

/** Fills in the defaults of `given`. Throws a `BadSpecError` where it contradicts itself or the supervisor. */
export function checkRules(given: ChildRules, flags: Flags): Rules {
  const { id, restart = 'permanent', type = 'worker', significant = false } = given
  const shutdown = given.shutdown ?? (type === 'supervisor' ? 'infinity' : 5_000)
  // Assigned, not spread, which takes several times as long; there may be 10,000 children.
  const rules: Rules = Object.assign({}, given, { restart, type, significant, shutdown })
  checkOneOf(restarts, restart, () => `${id}: restart`)
  checkOneOf(types, type, () => `${id}: type`)
  check(typeof significant === 'boolean', () => `${id}: significant is ${String(significant)}; expected true or false`)
  check(!(significant && flags.autoShutdown === 'never'), () => `${id} is significant, but autoShutdown is never`)
  check(!(significant && restart === 'permanent'), () => `${id} is significant, but permanent: it never ends`)
  const { startTimeout = 'infinity', budget, backoff } = rules
  const named = shutdown === 'infinity' || shutdown === 'brutal_kill'
  check(named || isTime(shutdown), () => `${id}: shutdown is ${shutdown}; expected ms, infinity or brutal_kill`)
  check(
    startTimeout === 'infinity' || isTime(startTimeout),
    () => `${id}: startTimeout is ${startTimeout}; expected ms or infinity`,
  )
  check(
    !(flags.concurrent && rules.takesAlong?.length),
    () => `${id}: children that run side by side can't take others along`,
  )
  if (budget !== undefined) {
    check(
      isCount(budget.intensity),
      () => `${id}: budget.intensity is ${budget.intensity}; expected a whole number, 0 or more`,
    )
    check(
      isTime(budget.period) && isTime(budget.retryAfter) && budget.period > 0 && budget.retryAfter > 0,
      () => `${id}: a budget's period and retryAfter are milliseconds, more than 0`,
    )
  }
  if (backoff !== undefined) check(isSchedule(backoff), () => `${id}: ${wrongSchedule}`)
  return rules
}

export function checkChildren(given: readonly ChildRules[], flags: Flags): readonly Rules[] {
  const ids = new Set<string>()
  const children = given.map((child) => {
    const rules = checkRules(child, flags)
    check(!ids.has(rules.id), () => `two children are called ${rules.id}`)
    ids.add(rules.id)
    return rules
  })
  if (flags.strategy === 'simple_one_for_one') {
    check(children.length === 1, () => `simple_one_for_one has exactly one template; ${children.length} were given`)
  } else {
    check(
      children.length <= flags.maxChildren,
      () => `${children.length} children were given, and maxChildren is ${flags.maxChildren}`,
    )
  }
  for (const child of children) {
    for (const id of child.takesAlong ?? [])
      check(ids.has(id), () => `${child.id} takes along ${id}, which is not a child`)
  }
  for (const id of flags.stopOrder ?? []) check(ids.has(id), () => `stopOrder names ${id}, which is not a child`)
  return children
}

/** The rules of the template's child `id`: the template's own but for its name. */
export function checkInstance(id: string, template: Rules): Rules {
  checkId(id)
  check(id !== template.id, () => `${id} is the template's name; no child made from it can have it`)
  return { ...template, id }
}

/** That `given`, which may come from outside TypeScript, is a specification at all, and says how to start the child. */
export function checkSpec(given: unknown): void {
  check(
    typeof given === 'object' && given !== null,
    () => `a child's specification is ${String(given)}; expected an object`,
  )
  const { id, start } = given as { readonly id?: unknown; readonly start?: unknown }
  checkId(id)
  check(typeof start === 'function', () => `${id}: start is ${String(start)}; expected a function`)
}

/** A name in a path. The core itself takes any id, as OTP does. */
function checkId(id: unknown): asserts id is string {
  check(typeof id === 'string', () => `a child's id is ${String(id)}; expected a string`)
  check(
    id !== '' && !id.includes('/'),
    () => `child id "${id}" is empty or holds a slash, which separates the parts of a path`,
  )
}

function checkOneOf(allowed: readonly string[], value: string, name: () => string): void {
  check(allowed.includes(value), () => `${name()} is ${value}; expected ${allowed.join(', ')}`)
}

/** The problem is put into words only where there is one: most children have none. */
function check(holds: boolean, problem: () => string): asserts holds {
  if (!holds) throw new BadSpecError(problem())
}

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0
const isSchedule = ({ initial, max, factor, resetAfter }: RestartBackoff): boolean =>
  isTime(initial) && isTime(max) && isTime(resetAfter) && factor >= 1
const wrongSchedule = 'a back-off needs milliseconds and a factor of 1 or more'
const isTime = (value: Ms): boolean => typeof value === 'number' && value >= 0 && value <= longestTimer
