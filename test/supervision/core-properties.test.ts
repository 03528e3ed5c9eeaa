import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Core, initialState, step } from '../../src/supervision/core.ts'
import type { CoreEvent, Effect, Happened } from '../../src/supervision/core-events.ts'
import type { Decision } from '../../src/supervision/core-reports.ts'
import type { ChildState, SupervisorState } from '../../src/supervision/core-state.ts'
import type { ChildRules, SupervisorFlags } from '../../src/supervision/spec.ts'

/** Children that may do anything at any time, and a tape that says what happens next. */
class World {
  readonly events: CoreEvent[] = []
  readonly alive = new Map<string, { readonly epoch: number; told: 'nothing' | 'drain' | 'kill'; ready: boolean }>()
  readonly timers = new Map<string, { readonly token: number; readonly due: number }>()
  /** They were replaced or called off, and run out all the same. */
  oldTimers: { readonly id: string; readonly token: number }[] = []
  readonly asked = new Set<number>()
  readonly epochs = new Map<string, number>()
  ended: Extract<Effect, { type: 'end' }> | undefined
  isReady = false
  #at = 0

  constructor(
    public state: SupervisorState,
    private readonly ids: readonly string[],
  ) {}

  happen(event: Happened<CoreEvent>, random = 0): void {
    const happened = { at: this.#at, random, ...event } as CoreEvent
    this.events.push(happened)
    const before = this.state
    const { state, effects } = step(before, happened)
    this.state = state
    const missing = untold(before, state, effects)
    if (missing.length > 0) expect(missing, 'what is decided without a report of it').toEqual([])
    for (const effect of effects) this.#carryOut(effect)
    const lanes = state.lanes.values()
    const done = lanes.flatMap(({ job }) => [...new Set(job.steps.map(({ id }) => id))])
    expect(new Set(done).size, 'nobody is at work on a child that another lane has in hand').toBe(done.length)
    const waiting = lanes.flatMap(({ inbox }) =>
      inbox.flatMap((message) => (message.type === 'exit' ? message.id : [])),
    )
    const ended = state.children.values().filter(({ exit }) => exit !== undefined && state.phase !== 'ended')
    if (state.phase !== 'stopping')
      for (const { rules } of ended) expect(waiting, `the end of ${rules.id} waits for its turn`).toContain(rules.id)
    const busy = lanes.flatMap(({ job }) => [job.culprit, ...job.steps.map(({ id }) => id)])
    const due = lanes.flatMap(({ inbox }) => inbox.flatMap((message) => (message.type === 'again' ? message.id : [])))
    const tried = new Set([...busy, ...due, ...this.timers.keys()])
    for (const { rules, state: doing } of state.children.values())
      if (['restarting', 'backing_off', 'crashed'].includes(doing))
        expect(tried, `${rules.id}, which is ${doing}, will be tried again`).toContain(rules.id)
  }

  /** Lets `choice` decide what happens next, among all that can. */
  turn(choice: number): void {
    const lives: (() => void)[] = []
    const later: (() => void)[] = []
    const calls: (() => void)[] = []
    for (const [id, life] of this.alive) {
      const { epoch, told, ready } = life
      const exit =
        (reason: 'normal' | 'error', killed = false) =>
        () => {
          this.alive.delete(id)
          const why = reason === 'error' ? ({ type: 'error', error: 'boom' } as const) : ({ type: 'normal' } as const)
          this.happen({ type: 'exited', id, epoch, reason: why, killed }, (choice % 97) / 97)
        }
      const ignored = () => {
        this.alive.delete(id)
        this.happen({ type: 'ignored', id, epoch })
      }
      // Its start may say that it is ready, and choose to start nothing all the same.
      lives.push(ignored)
      if (told === 'kill') {
        lives.push(exit('normal', true), () => {
          this.happen({ type: 'started', id, epoch })
          const after = this.state.children.get(id)?.state
          expect(after === 'running' && !ready, `${id} becomes ready after it is killed`).toBe(false)
        })
        continue
      }
      lives.push(exit('normal'), exit('error'), () => this.happen({ type: 'progress', id, epoch }))
      if (ready) continue
      lives.push(
        () => {
          life.ready = true
          this.happen({ type: 'started', id, epoch })
        },
        () => {
          this.alive.delete(id)
          this.happen({ type: 'failed', id, epoch, error: 'no' })
        },
      )
    }
    later.push(() => this.happen({ type: 'extend', within: choice }))
    for (const id of this.timers.keys()) later.push(() => this.expire(id))
    for (const { id, token } of this.oldTimers) {
      later.push(() => {
        const before = this.state.children.get(id)
        this.happen({ type: 'expired', id, token })
        expect(this.state.children.get(id), `an old timer of ${id} changes nothing`).toBe(before)
      })
    }
    for (const id of this.ids) {
      for (const type of ['terminate_child', 'restart_child', 'delete_child'] as const)
        calls.push(() => this.ask({ type, id }))
      calls.push(() => this.ask({ type: 'start_child', rules: { id } }))
      // What an older life says late.
      const epoch = this.epochs.get(id) ?? 0
      later.push(() => this.happen({ type: 'started', id, epoch: epoch - 1 }))
    }
    // Half of what happens, children do.
    const kind = [lives, lives, later, calls][choice % 4] ?? []
    kind[Math.floor(choice / 4) % kind.length]?.()
  }

  ask(call: Extract<CoreEvent, { type: 'call' }>['call']): void {
    const ticket = this.events.length
    this.asked.add(ticket)
    this.happen({ type: 'call', ticket, call })
  }

  expire(id: string): void {
    const timer = this.timers.get(id)
    if (timer === undefined) return
    this.timers.delete(id)
    this.#at = Math.max(this.#at, timer.due)
    this.happen({ type: 'expired', id, token: timer.token })
  }

  #retire(id: string): void {
    const timer = this.timers.get(id)
    if (timer !== undefined) this.oldTimers = [...this.oldTimers, { id, token: timer.token }].slice(-3)
    this.timers.delete(id)
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case 'start': {
        expect(this.alive.has(effect.id), `two lives of ${effect.id} at once`).toBe(false)
        expect(effect.epoch, `the epoch of ${effect.id}`).toBeGreaterThan(this.epochs.get(effect.id) ?? 0)
        this.epochs.set(effect.id, effect.epoch)
        this.alive.set(effect.id, { epoch: effect.epoch, told: 'nothing', ready: false })
        return
      }
      case 'drain':
      case 'kill': {
        const life = this.alive.get(effect.id)
        expect(life?.epoch, `${effect.type} meets a life of ${effect.id}`).toBe(effect.epoch)
        expect(life?.told, `${effect.id} is told once`).not.toBe(effect.type)
        if (life !== undefined) life.told = effect.type
        return
      }
      case 'arm':
        this.#retire(effect.id)
        this.timers.set(effect.id, { token: effect.token, due: this.#at + effect.delay })
        return
      case 'disarm':
        this.#retire(effect.id)
        return
      case 'reply':
        expect(this.asked.delete(effect.ticket), 'one answer for each question').toBe(true)
        return
      case 'end':
        this.ended = effect
        return
      case 'extend':
        expect(this.alive.get(effect.id)?.told, `more time meets a stopping life of ${effect.id}`).toBe('drain')
        return
      case 'hurry':
      case 'hurry_disposers':
      case 'progress':
      case 'report':
      case 'forget':
        return
      case 'ready':
        expect(this.isReady, 'it becomes ready once').toBe(false)
        this.isReady = true
        return
    }
  }
}

/** What a child has come to, or what is done to it, and the decisions of which one must have been reported. */
const decided = {
  start: ['start'],
  drain: ['stop'],
  kill: ['stop', 'cut_off'],
  forget: ['leave', 'forget'],
  running: ['carry_on'],
  stopping: ['stop'],
  backing_off: ['back_off'],
  crashed: ['crash'],
  restarting: ['restart'],
  terminated: ['leave', 'roll_back'],
} satisfies Partial<Record<Effect['type'] | ChildState, readonly Decision[]>>

/** What was done or has changed without a report of it, in the same step and of the same life. */
function untold(before: SupervisorState, after: SupervisorState, effects: readonly Effect[]): string[] {
  const told = new Set<string>()
  const missing: string[] = []
  const look = (what: string, id: string, epoch: number | undefined) => {
    const decisions: readonly Decision[] = decided[what as keyof typeof decided] ?? []
    const isTold = decisions.some((decision) => told.has(`${id} ${epoch} ${decision}`))
    if (decisions.length > 0 && !isTold) missing.push(`${id}: ${what}`)
  }
  for (const effect of effects) {
    if (effect.type === 'report') {
      const { id, epoch, decision, reason } = effect.report
      if (reason === '') missing.push(`${id}: the reason of ${decision}`)
      told.add(`${id} ${epoch} ${decision}`)
    } else if (effect.type === 'end') {
      if (!told.has('undefined 0 end')) missing.push('the end')
    } else if ('id' in effect) {
      look(effect.type, effect.id, 'epoch' in effect ? effect.epoch : before.children.get(effect.id)?.epoch)
    }
  }
  for (const { rules, state, epoch } of after.children.values())
    if (!told.has('undefined 0 give_up') && hasCome(state, before.children.get(rules.id)?.state))
      look(state, rules.id, epoch)
  if (after.phase === 'stopping' && before.phase !== 'stopping' && !told.has('undefined 0 shut_down'))
    missing.push('the stop of everything')
  return missing
}

/** The end of a wait is no decision; and what has not been started is left unsaid. */
const hasCome = (to: ChildState, from: ChildState | undefined) =>
  to !== from && !(to === 'restarting' && from === 'backing_off') && !(to === 'terminated' && from === 'waiting')

const ids = ['a', 'b', 'c', 'd']
const rules = fc.record(
  {
    restart: fc.constantFrom('permanent', 'transient', 'temporary'),
    shutdown: fc.constantFrom(0, 1_000, 'infinity', 'brutal_kill'),
    startTimeout: fc.constantFrom(500, 'infinity'),
    budget: fc.constant({ intensity: 1, period: 1_000, retryAfter: 5_000 }),
    significant: fc.boolean(),
  },
  { requiredKeys: ['restart'] },
)
const setups = fc
  .record({
    flags: fc.record(
      {
        strategy: fc.constantFrom('one_for_one', 'one_for_all', 'rest_for_one'),
        intensity: fc.nat(4),
        autoShutdown: fc.constantFrom('any_significant', 'all_significant'),
        concurrent: fc.boolean(),
        restartsApart: fc.boolean(),
        stopOrder: fc.constant(['b', 'a']),
        stopBudget: fc.constant({ total: 2_000, hardCap: 3_000, afterSecondStop: 500 }),
        backoff: fc.constant({ initial: 100, factor: 2, max: 1_000, resetAfter: 10_000 }),
      },
      { requiredKeys: ['intensity'] },
    ),
    children: fc.tuple(rules, rules, rules),
    takesAlong: fc.boolean(),
    // By itself fast-check keeps to about ten steps.
    tape: fc.array(fc.nat(10_000), { maxLength: 60, size: 'max' }),
    stop: fc.constantFrom('drain', 'hurry'),
    beforeBoot: fc.array(fc.nat(10_000), { maxLength: 3 }),
  })
  .map(({ flags, children, takesAlong, tape, stop, beforeBoot }) => {
    const side = flags.concurrent === true
    const supervisor: SupervisorFlags = {
      ...flags,
      period: 1_000,
      strategy: side || flags.restartsApart === true ? 'one_for_one' : (flags.strategy ?? 'one_for_one'),
    } as SupervisorFlags
    const specs = children.map((child, index): ChildRules => {
      const id = ids[index] ?? ''
      const significant =
        child.significant === true && child.restart !== 'permanent' && flags.autoShutdown !== undefined
      return {
        id,
        ...child,
        significant,
        ...(takesAlong && !side && index === 0 ? { takesAlong: ['c'] } : {}),
      } as ChildRules
    })
    return { supervisor, specs, tape, stop, beforeBoot } as const
  })

const run = ({
  supervisor,
  specs,
  tape,
  stop,
  beforeBoot,
}: typeof setups extends fc.Arbitrary<infer T> ? T : never) => {
  const initial = initialState(supervisor, specs)
  const world = new World(initial, ids)
  for (const choice of beforeBoot) world.turn(choice)
  world.happen({ type: 'boot' })
  for (const choice of tape) world.turn(choice)
  world.happen({ type: stop })
  // From here on everybody does what is asked, and time passes.
  for (let round = 0; round < 1_000 && world.ended === undefined; round++) {
    const [dying] = [...world.alive].filter(([, { told }]) => told !== 'nothing')
    if (dying !== undefined) {
      const [id, { epoch, told, ready }] = dying
      world.alive.delete(id)
      // Every other one of those that have not started yet chooses not to.
      if (!ready && epoch % 2 === 0) world.happen({ type: 'ignored', id, epoch })
      else world.happen({ type: 'exited', id, epoch, reason: { type: 'shutdown' }, killed: told === 'kill' })
    } else {
      const [id] = world.timers.keys()
      if (id !== undefined) world.expire(id)
    }
  }
  return { initial, world }
}

describe('whatever happens, in whatever order', () => {
  it('never runs two lives of a child, answers every question once, and ends when told to with nothing left', () => {
    fc.assert(
      fc.property(setups, (setup) => {
        const { world } = run(setup)
        expect(world.ended).toBeDefined()
        expect(world.state.phase).toBe('ended')
        expect([...world.alive.keys()]).toEqual([])
        expect([...world.timers.keys()]).toEqual([])
        expect([...world.asked]).toEqual([])
        expect(world.state.lanes.size).toBe(0)
      }),
      { numRuns: 1_500, seed: 20_261_122 },
    )
  })

  it('does nothing more after its end, and refuses what is asked', () => {
    fc.assert(
      fc.property(setups, (setup) => {
        const { state } = run(setup).world
        for (const type of ['boot', 'drain', 'hurry'] as const)
          expect(step(state, { type, at: 1_000_000, random: 0 }).effects).toEqual([])
        const call = { type: 'restart_child', id: 'a' } as const
        expect(step(state, { type: 'call', ticket: 7, call, at: 1_000_000, random: 0 }).effects).toEqual([
          { type: 'reply', ticket: 7, result: { ok: false, error: 'shutting_down' } },
        ])
      }),
      { numRuns: 50, seed: 20_261_122 },
    )
  })

  it('gives the same answer for the same state and event, and leaves the old state as it was', () => {
    fc.assert(
      fc.property(setups, (setup) => {
        const { initial, world } = run(setup)
        const replayed: SupervisorState[] = [initial]
        const seen: unknown[] = [outline(initial)]
        for (const event of world.events) {
          const { state } = step(replayed.at(-1) ?? initial, event)
          replayed.push(state)
          seen.push(outline(state))
        }
        expect(outline(replayed.at(-1) ?? initial)).toEqual(outline(world.state))
        expect(replayed.map(outline)).toEqual(seen)
      }),
      { numRuns: 100, seed: 20_261_122 },
    )
  })

  it('comes to the same, effect by effect, whether the states in between are made or not', () => {
    fc.assert(
      fc.property(setups, (setup) => {
        const { initial, world } = run(setup)
        const core = new Core(initial)
        let state = initial
        for (const event of world.events) {
          const made = step(state, event)
          state = made.state
          expect(core.take(event)).toEqual(made.effects)
        }
        expect(outline(core.state)).toEqual(outline(state))
        expect(core.state).toBe(core.state)
      }),
      { numRuns: 200, seed: 20_261_122 },
    )
  })

  it('leaves a state that was looked at as it was when it goes on', () => {
    fc.assert(
      fc.property(setups, (setup) => {
        const { initial, world } = run(setup)
        const core = new Core(initial)
        const seen = world.events.map((event) => {
          core.take(event)
          return { state: core.state, outline: outline(core.state) }
        })
        for (const { state, outline: then } of seen) expect(outline(state)).toEqual(then)
      }),
      { numRuns: 100, seed: 20_261_122 },
    )
  })
})

const outline = (state: SupervisorState) => ({
  phase: state.phase,
  restarts: state.restarts,
  counter: state.counter,
  children: state.children.values().map((child) => ({ ...child })),
  lanes: state.lanes.values(),
  stopping: state.stopping && { ...state.stopping },
})
