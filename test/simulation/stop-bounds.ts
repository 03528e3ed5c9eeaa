import type { Config } from '../../src/config/config.ts'
import type { Decision, Report } from '../../src/supervision/index.ts'

/** What a slot may take: asked, it drains within its deadline; cut off or not, each of its disposers has its own. */
interface Bound {
  readonly deadline: number
  readonly disposers: number
}

/** An actor that is being stopped: until when it has to be gone. */
interface Stop {
  readonly began: number
  readonly endsAt: number
}

/** With one of these its supervisor has done with the actor's life. */
const settled: ReadonlySet<Decision> = new Set(['leave', 'start', 'restart', 'back_off', 'crash'])
/** What gives the slot that hears of it its time again, up to the cap of the whole stop. */
const progress = /^file\.(sealed|packed|delivered)$/
/** Supervisors end with these. */
const wholeStops: ReadonlySet<Decision> = new Set(['shut_down', 'give_up', 'roll_back'])

/** Holds each stop of an actor, and that of the whole process, to what the configuration says they may take. */
export class StopBounds {
  readonly #slots: ReadonlyMap<string, Bound>
  readonly #camera: Bound
  readonly #stops = new Map<string, Stop>()
  #whole: Stop | undefined
  #isAsked = false
  #isHurried = false

  constructor(private readonly stop: Config['stop']) {
    // One for each slot that waits for loose work; a camera waits four seconds for its own, and the manifest has as long to close.
    this.#camera = { deadline: stop.cameras, disposers: 4_000 }
    this.#slots = new Map([
      ['root/log', { deadline: stop.others, disposers: 1_000 }],
      ['root/manifest', { deadline: stop.others, disposers: stop.others }],
      ['root/csv-writer', { deadline: stop.csvWriter, disposers: 1_000 }],
      ['root/uploader', { deadline: stop.uploader, disposers: 1_000 }],
      ['root/inspector', { deadline: stop.others, disposers: 1_000 }],
      ['root/inference', { deadline: stop.inference, disposers: 1_000 }],
      ['root/cameras', this.#camera],
    ])
  }

  report({ path, decision }: Report, now: number): void {
    if (path === 'root' && wholeStops.has(decision)) this.#wholeStop(now)
    if (settled.has(decision)) this.#gone(path)
    const bound = this.#slots.get(path) ?? (path.startsWith('root/cameras/') ? this.#camera : undefined)
    if (decision !== 'stop' || bound === undefined) return
    const { deadline, disposers } = bound
    const patience = this.#isHurried ? Math.min(deadline, this.stop.afterSecondSignal) : deadline
    this.#stops.set(path, { began: now, endsAt: now + patience + disposers })
  }

  event(path: string, type: string, now: number): void {
    const stop = this.#stops.get(path)
    const bound = this.#slots.get(path)
    if (stop === undefined || bound === undefined || this.#isHurried || !progress.test(type)) return
    this.#stops.set(path, { ...stop, endsAt: now + bound.deadline + bound.disposers })
  }

  /** Somebody asks for a stop: the first time, or again. */
  asked(now: number): void {
    // Where it ends by itself already, the first word hurries nobody.
    if (!this.#isAsked) {
      this.#isAsked = true
      return this.#wholeStop(now)
    }
    if (this.#isHurried || this.#whole === undefined) return
    this.#isHurried = true
    const { afterSecondSignal } = this.stop
    // What is being stopped has no more than that, and its disposers.
    for (const [path, { began, endsAt }] of this.#stops) {
      const { disposers } = this.#slots.get(path) ?? this.#camera
      this.#stops.set(path, { began, endsAt: Math.min(endsAt, now + afterSecondSignal + disposers) })
    }
    const endsAt = Math.min(this.#whole.endsAt, now + 2 * afterSecondSignal + this.#disposers)
    this.#whole = { began: this.#whole.began, endsAt }
  }

  /** What takes longer than it may. */
  late(now: number): string | undefined {
    for (const [path, stop] of this.#stops) if (now > stop.endsAt) return lateness(path, stop, now)
    return this.#whole && now > this.#whole.endsAt ? lateness('the whole stop', this.#whole, now) : undefined
  }

  /** With all below it: a supervisor that is gone says nothing of its children. */
  #gone(path: string): void {
    for (const each of this.#stops.keys()) if (each === path || each.startsWith(`${path}/`)) this.#stops.delete(each)
  }

  /** Slot by slot, with more time for those that get on; then threads that hang are waited for. */
  #wholeStop(now: number): void {
    const { budget, hardCap, inference } = this.stop
    this.#whole ??= { began: now, endsAt: now + Math.max(budget, hardCap) + this.#disposers + inference }
  }

  get #disposers(): number {
    return [...this.#slots.values()].reduce((sum, { disposers }) => sum + disposers, 0)
  }
}

const lateness = (what: string, { began, endsAt }: Stop, now: number): string =>
  `${what} has taken ${now - began} ms, and may take ${endsAt - began}`
