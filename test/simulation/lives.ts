import { setImmediate as nextTurn } from 'node:timers/promises'
import { epochMs, seconds } from '../../src/domain/units.ts'
import type { Plant } from './config.ts'
import type { Referee } from './referee.ts'
import type { CameraTurn } from './simulated-cameras.ts'
import { type Estate, SimulatedProcess, type Watcher } from './simulated-process.ts'
import type { Swarm } from './swarm.ts'
import type { Tape } from './tape.ts'
import type { Act, Trace } from './trace.ts'

export interface LivesOptions {
  readonly plant: Plant
  readonly tape: Tape
  readonly swarm: Swarm
  readonly estate: Estate
  readonly referee: Referee
  /** The daemon's own source of chance. */
  readonly random: () => number
  readonly trace?: Trace | undefined
  /** Told of each event of an actor and of each fault, for the coverage; `times` is 0 where a fault might have been. */
  readonly seen?: ((actor: string, state: string, what: string, times: 0 | 1) => void) | undefined
}

/** Seldom, so that waiting costs few steps. */
const pictureEvery = seconds(8)
/** After a process has ended, the service manager waits this long. */
const restartAfter = seconds(1)

/** A tape names one by its place here: others are added at the end. */
const turns: readonly CameraTurn[] = [
  ...(['picture', 'burst', 'lost', 'silent', 'undecodable', 'finished'] as const),
  ...(['damaged', 'frozen'] as const),
]

/** The processes of one run, one after the other on one estate, and what is noted of them. */
export class Lives {
  #process: SimulatedProcess
  readonly #packs: boolean

  constructor(
    private readonly options: LivesOptions,
    startsAt: number,
  ) {
    this.#packs = options.plant.config.csv.pack.as !== 'none'
    this.#process = this.#start(startsAt)
  }

  /** The one that runs, or has just ended. */
  get process(): SimulatedProcess {
    return this.#process
  }

  /** What a process that has ended had asked for may have been done before it was gone; then the next one starts. */
  async restart(): Promise<void> {
    await this.#settleLast()
    this.#startNext()
  }

  /** The process is gone, with whatever was under way done or not; with the power goes what was not synced. */
  async crash(powerCut: () => void = () => undefined): Promise<void> {
    await this.#settleLast()
    powerCut()
    this.#startNext()
  }

  /** Whether anything is noted or counted: most runs are of seeds that nobody looks at. */
  get areWatched(): boolean {
    return this.options.trace !== undefined || this.options.seen !== undefined
  }

  note(act: Act): void {
    const { clock } = this.#process
    this.options.trace?.act(clock.now(), clock.monotonic(), act)
  }

  /** An actor has met something in the state that it is in, or might have. */
  met(path: string, what: string, times: 0 | 1 = 1): void {
    this.options.seen?.(path, this.#process.states.get(path) ?? '', what, times)
  }

  async #settleLast(): Promise<void> {
    const { tape, estate } = this.options
    const { waiting, hanging } = this.#process.calls
    for (const call of [...waiting, ...hanging]) {
      // What a process has asked of the kernel is done or not; what it has asked of a server may still be done.
      const fate = tape.choose(call.name.startsWith('sftp.') ? 3 : 2, { eager: 0.5 })
      if (fate === 1) void call.carryOut().catch(() => undefined)
      if (fate === 2) estate.site.late.push(call.carryOut)
    }
    await this.settled()
  }

  /** Until nothing can go on any more without time or an answer. */
  readonly settled = (): Promise<void> => (this.#packs ? nextTurn() : microtasks())

  #startNext(): void {
    this.options.referee.finish(this.#process)
    this.#process = this.#start(this.#process.clock.now() + restartAfter)
  }

  #start(at: number): SimulatedProcess {
    const { plant, random, tape, swarm, estate, referee, trace } = this.options
    const started = new SimulatedProcess({
      config: plant.config,
      estate,
      random,
      startsAt: epochMs(at),
      interval: pictureEvery,
      turn: () => turns[tape.choose(turns.length, { eager: swarm.cameras })] ?? 'picture',
      watcher: this.#watcher,
    })
    this.#process = started
    referee.begin(started)
    trace?.beginProcess(epochMs(at))
    this.note({ what: 'process started' })
    started.start()
    return started
  }

  /** The referee sees all; what is for the trace and the coverage is noted on the way. */
  get #watcher(): Watcher {
    const { referee, trace } = this.options
    return {
      transition(path, state) {
        referee.transition(path, state)
      },
      event: (path, type) => {
        if (this.#process.states.has(path)) this.met(path, type)
        referee.event(path, type)
      },
      report(report) {
        referee.report(report)
      },
      stopAsked: () => referee.stopAsked(),
      ...(trace && { recorded: (record) => trace.add(record) }),
      opening: (cameraId) => referee.opening(cameraId),
      unlinking: (path) => referee.unlinking(path),
      rowsAccepted: (commit) => referee.rowsAccepted(commit),
      logged: (level, fact, fields) => {
        if (trace) this.note({ what: `log ${level}: ${fact}`, about: fieldsInWords(fields) })
        referee.logged(level, fact, fields)
      },
    }
  }
}

/**
 * Resolves when no promise can settle any more: Node runs what `nextTick` was given once the queue of microtasks is empty. Streams,
 * as there are where files are packed, take one such tick after the other, and end with the turn of the event loop.
 */
const microtasks = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve))

/** `waitingFor: root/csv-writer; forSeconds: 10` */
const fieldsInWords = (fields: Readonly<Record<string, unknown>>): string =>
  Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('; ')
