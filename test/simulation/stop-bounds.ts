import { disposersOf, longestStop } from '../../src/config/longest-stop.ts'
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
  /** When everything has to be over since somebody has lost patience. */
  #hurriedEnd = Infinity

  constructor(private readonly stop: Config['stop']) {
    const { cameras, csvWriter, uploader, inference, others } = stop
    const deadlines = { log: others, manifest: others, 'csv-writer': csvWriter, uploader, inspector: others, inference }
    const disposers: Readonly<Record<string, number>> = disposersOf(stop)
    const boundOf = (id: string, deadline: number): Bound => ({ deadline, disposers: disposers[id] ?? 0 })
    this.#camera = boundOf('cameras', cameras)
    this.#slots = new Map([
      ...Object.entries(deadlines).map(([id, deadline]) => [`root/${id}`, boundOf(id, deadline)] as const),
      ['root/cameras', this.#camera],
    ])
  }

  report({ path, decision }: Report, now: number): void {
    // Nobody has asked: as if a stop had only begun, threads are waited for when it has ended.
    if (path === 'root' && wholeStops.has(decision)) this.#wholeStop(now, longestStop(this.stop) + this.stop.inference)
    if (settled.has(decision)) this.#stops.delete(path)
    const bound = this.#slots.get(path) ?? (path.startsWith('root/cameras/') ? this.#camera : undefined)
    if (decision !== 'stop' || bound === undefined) return
    const { deadline, disposers } = bound
    this.#stops.set(path, { began: now, endsAt: Math.min(now + deadline + disposers, this.#hurriedEnd) })
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
      return this.#wholeStop(now, longestStop(this.stop))
    }
    if (this.#isHurried || this.#whole === undefined) return
    const { afterSecondSignal } = this.stop
    this.#hurriedEnd = now + afterSecondSignal
    // What is being stopped has no more than that, disposers and all.
    for (const [path, { began, endsAt }] of this.#stops)
      this.#stops.set(path, { began, endsAt: Math.min(endsAt, this.#hurriedEnd) })
    // Threads have a second all the same.
    const endsAt = Math.min(this.#whole.endsAt, this.#hurriedEnd + 1_000)
    this.#whole = { began: this.#whole.began, endsAt }
  }

  /** What takes longer than it may. */
  late(now: number): string | undefined {
    for (const [path, stop] of this.#stops) if (now > stop.endsAt) return lateness(path, stop, now)
    return this.#whole && now > this.#whole.endsAt ? lateness('the whole stop', this.#whole, now) : undefined
  }

  #wholeStop(now: number, longest: number): void {
    this.#whole ??= { began: now, endsAt: now + longest }
  }

  get #isHurried(): boolean {
    return this.#hurriedEnd < Infinity
  }
}

const lateness = (what: string, { began, endsAt }: Stop, now: number): string =>
  `${what} has taken ${now - began} ms, and may take ${endsAt - began}`
