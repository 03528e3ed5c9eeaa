import { setImmediate as nextTurn } from 'node:timers/promises'
import { epochMs, minutes } from '../../src/domain/units.ts'
import { resumeAll, settleSetAside } from './ask-operator.ts'
import { audit } from './audit.ts'
import { leaveBacklog } from './backlog.ts'
import { heldFiles, inWords, undelivered } from './condition.ts'
import { Convergence } from './convergence.ts'
import { goOn } from './go-on.ts'
import { happen, happenings, type Happening, survives } from './happenings.ts'
import { Lives, type LivesOptions } from './lives.ts'
import { Referee, type Violation } from './referee.ts'
import { Estate, type SimulatedProcess } from './simulated-process.ts'

export interface DirectorOptions extends Omit<LivesOptions, 'estate' | 'referee'> {
  /** Steps with faults. */
  readonly stepsWithFaults: number
}

/** An end to everything: a run that takes more steps than this doesn't converge. */
const mostSteps = 20_000
/** Files that were left by a process before the first. */
const backlog = { most: 3, eager: 0.5 }
const startsAt = Date.UTC(2026, 0, 1)

/**
 * Plays one run of the whole daemon: decides which call is answered next and how, which timer fires, and what else happens.
 *
 * First with faults, then without, until everything is ready and delivered; then it is stopped.
 */
export class Director {
  steps = 0
  /** Steps in a row in which nothing was there to go on with. */
  #idle = 0
  /** So many changes the manifest had seen when nothing went wrong any more. */
  #calmSince = 0
  readonly #estate: Estate
  readonly #referee: Referee
  readonly #lives: Lives

  private constructor(
    private readonly options: DirectorOptions,
    { estate, referee }: { readonly estate: Estate; readonly referee: Referee },
  ) {
    const { tape } = options
    this.#estate = estate
    this.#referee = referee
    const fates = ['lost', 'done', 'late'] as const
    estate.site.fateOfCut = () => fates[tape.choose(fates.length, { eager: 0.6 })] ?? 'lost'
    // What is done of that which was under way is done first.
    estate.site.losePower = () =>
      process.nextTick(() =>
        estate.forgotten.losePower(tape.choose(estate.site.server.names.forgettable + 1, { eager: 0.7 }), () =>
          survives(tape),
        ),
      )
    estate.isInLog = () => tape.choose(2, { eager: 0.5 }) === 1
    this.#lives = new Lives({ ...options, estate, referee }, startsAt)
  }

  /** Its first process starts on what the one before it has left, if there was one. */
  static async begin(options: DirectorOptions): Promise<Director> {
    const { tape, plant } = options
    const { config } = plant
    const estate = new Estate()
    const referee = new Referee(config, estate)
    const { most, eager } = backlog
    const count = tape.choose(most + 1, { eager })
    if (count > 0) await leaveBacklog(count, epochMs(startsAt - minutes(1)), { config, estate, referee })
    return new Director(options, { estate, referee })
  }

  /** Files that were delivered, and that the server forgot when it lost its power. */
  get forgotten(): number {
    return this.#estate.forgotten.excused.size
  }

  async play(): Promise<Violation | undefined> {
    const unheard = (error: unknown): void => this.#referee.violate('no error goes unheard', String(error))
    process.on('unhandledRejection', unheard)
    try {
      await this.#withFaults()
      await this.#withoutFaults()
      await this.#inTheEnd()
    } finally {
      // Rejections that nobody has handled are told of between two turns of the event loop.
      await nextTurn()
      process.off('unhandledRejection', unheard)
    }
    const { violation } = this.#referee
    if (violation !== undefined) this.options.trace?.violated(this.#process.clock.now(), violation)
    return violation
  }

  get #isOver(): boolean {
    return this.#referee.violation !== undefined
  }

  async #withFaults(): Promise<void> {
    const { stepsWithFaults } = this.options
    for (let step = 0; step < stepsWithFaults && this.#idle <= 2 && !this.#isOver; step++) await this.#go()
  }

  async #withoutFaults(): Promise<void> {
    const { tape } = this.options
    tape.isBenign = true
    this.#estate.site.isUp = true
    this.#estate.site.refuses = false
    this.#estate.site.storesHalf = false
    this.#estate.disk.capacity = Infinity
    this.#lives.note({ what: 'heal' })
    // A stop that was asked for comes to its end first; what hangs, hangs as long as that.
    while (this.#process.stopAskedAt !== undefined && !this.#isOver) await this.#go()
    this.#process.calls.release()
    resumeAll(this.#process)
    settleSetAside(this.#lives, this.#estate)
    await this.#lives.settled()
    this.#calmSince = this.#estate.manifest.changes.length
    this.#idle = 0
    // The last fault may be noticed a little later, and what has been kept long enough is deleted.
    const { keepFor, probeEvery } = this.options.plant.config.sftp
    const atLeast = keepFor === 'forever' ? 0 : keepFor + 2 * probeEvery
    const settled = this.steps + 8
    const convergence = new Convergence({ ...this.#scene, referee: this.#referee, atLeast })
    while (!this.#isOver && !(this.steps > settled && convergence.isReached)) {
      await this.#go()
      convergence.look(this.steps >= mostSteps)
    }
    this.#referee.checkCameras(this.#process)
  }

  async #inTheEnd(): Promise<void> {
    if (this.#isOver) return
    this.#lives.note({ what: 'stop', about: 'SIGTERM' })
    const stopped = this.#process
    stopped.stop()
    await this.#lives.settled()
    while (stopped.end === undefined && !this.#isOver) await this.#step()
    if (this.#isOver) return
    const { end } = stopped
    if (end?.root.ended !== 'asked' || !end.root.drained || end.threadHangs) {
      return this.#referee.violate(
        'every stop ends within its computed bound',
        `not drained: ${JSON.stringify(end?.root)}`,
      )
    }
    this.#referee.finish(stopped)
    const left = [...undelivered(this.#estate), ...heldFiles(this.#estate)]
    if (left.length > 0) this.#referee.violate('after the faults everything sealed is delivered', left.join(', '))
    audit(this.#estate, this.#referee, this.#calmSince)
  }

  /** One step of a process that may end and is then started again. */
  async #go(): Promise<void> {
    await this.#step()
    if (this.#process.end !== undefined) await this.#lives.restart()
  }

  /** One thing happens; then everything that follows from it without time or answers. */
  async #step(): Promise<void> {
    this.steps++
    if (this.steps > mostSteps) {
      return this.#referee.violate(
        'after the faults everything becomes ready again',
        `${mostSteps} steps: ${inWords(this.#process)}`,
      )
    }
    const { tape, swarm } = this.options
    const among = swarm.enabled
    const happening = tape.choose(happenings.length + 1, { eager: this.#eager(swarm.happenings), among })
    try {
      if (happening > 0) await happen(happenings[happening - 1] as Happening, this.#scene)
      else this.#goOn()
    } catch (error) {
      this.#referee.violate(
        'no error goes unheard',
        error instanceof Error ? (error.stack ?? error.message) : String(error),
      )
    }
    await this.#lives.settled()
    const { clock, daemon } = this.#process
    // Asked for where it is wanted only: the tree is put together for it.
    this.options.trace?.gauges(clock.now(), clock.monotonic(), daemon.state())
    this.#referee.checkStop(this.#process)
    this.#referee.checkKept(this.#process)
    if (this.steps % 64 === 0) this.#referee.checkAccounts(this.#process)
  }

  /** How likely something is now. */
  #eager(likely: number): number {
    return this.steps <= this.options.swarm.calm ? 0 : likely
  }

  #goOn(): void {
    const { tape, swarm } = this.options
    if (goOn(this.#lives, { tape, swarm, eager: (likely) => this.#eager(likely) })) {
      this.#idle = 0
      return
    }
    // A process that has just been started has not asked for anything yet.
    this.#idle++
    if (this.#idle > 2 && this.#process.calls.hanging.length === 0) {
      const why = `nothing goes on: ${inWords(this.#process)}`
      this.#referee.violate('after the faults everything becomes ready again', why)
    }
  }

  get #process(): SimulatedProcess {
    return this.#lives.process
  }

  get #scene() {
    const { plant, tape } = this.options
    return { plant, tape, estate: this.#estate, lives: this.#lives }
  }
}
