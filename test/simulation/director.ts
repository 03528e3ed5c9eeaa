import { setImmediate as nextTurn } from 'node:timers/promises'
import { epochMs, minutes, seconds } from '../../src/domain/units.ts'
import { audit } from './audit.ts'
import { leaveBacklog } from './backlog.ts'
import type { Plant } from './config.ts'
import { Referee, type Violation } from './referee.ts'
import type { CameraTurn } from './simulated-cameras.ts'
import { Estate, SimulatedProcess, type Watcher } from './simulated-process.ts'
import type { Happening, Swarm } from './swarm.ts'
import type { Tape } from './tape.ts'
import type { Act, Trace } from './trace.ts'

export interface DirectorOptions {
  readonly plant: Plant
  readonly tape: Tape
  readonly swarm: Swarm
  /** The daemon's own source of chance. */
  readonly random: () => number
  readonly trace?: Trace | undefined
  /** Told of each state of an actor and of each fault, for the coverage. */
  readonly seen?: (actor: string, state: string, what: string) => void
}

/** An end to everything: a run that takes more steps than this doesn't converge. */
const mostSteps = 20_000
/** Seldom, so that waiting costs few steps. */
const pictureEvery = seconds(8)
/** Files that were left by a process before the first. */
const backlog = { most: 3, eagerness: 0.5 }
const startsAt = Date.UTC(2026, 0, 1)
/** After a process has ended, the service manager waits this long. */
const restartAfter = seconds(1)
/** Crashed cameras are tried again after five minutes, files after at most five; then everything has had its turn. */
const convergesWithin = minutes(12)
/** A sealed file that is still unknown as long again after that is hidden. */
const scanAgainAfter = seconds(15)

/**
 * Plays one run of the whole daemon: decides which call is answered next and how, which timer fires, and what else happens.
 *
 * First with faults, then without, until everything is ready and delivered; then it is stopped.
 */
export class Director {
  steps = 0
  /** Steps in a row in which nothing was there to go on with. */
  #idle = 0
  readonly #estate: Estate
  readonly #referee: Referee
  #process: SimulatedProcess

  private constructor(
    private readonly options: DirectorOptions,
    { estate, referee }: { readonly estate: Estate; readonly referee: Referee },
  ) {
    const { tape } = options
    this.#estate = estate
    this.#referee = referee
    const fates = ['lost', 'done', 'late'] as const
    estate.site.fateOfCut = () => fates[tape.choose(fates.length, 0.6)] ?? 'lost'
    this.#process = this.#startProcess(startsAt)
  }

  /** Its first process starts on what the one before it has left, if there was one. */
  static async begin(options: DirectorOptions): Promise<Director> {
    const { tape, plant } = options
    const { config } = plant
    const estate = new Estate()
    const referee = new Referee(config, estate)
    const count = tape.choose(backlog.most + 1, backlog.eagerness)
    if (count > 0) await leaveBacklog(count, epochMs(startsAt - minutes(1)), { config, estate, referee })
    return new Director(options, { estate, referee })
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
    const { swarm } = this.options
    for (let step = 0; step < swarm.steps && this.#idle <= 2 && !this.#isOver; step++) {
      await this.#step()
      if (this.#process.end !== undefined) this.#restart()
    }
  }

  async #withoutFaults(): Promise<void> {
    const { tape } = this.options
    tape.isBenign = true
    this.#estate.site.isUp = true
    this.#estate.site.refuses = false
    this.#estate.site.storesHalf = false
    this.#estate.disk.capacity = Infinity
    this.#note({ what: 'heal' })
    // A stop that was asked for comes to its end first; what hangs, hangs as long as that.
    while (this.#process.stopAskedAt !== undefined && !this.#isOver) await this.#go()
    this.#process.calls.release()
    await microtasks()
    this.#idle = 0
    let began = this.#process.clock.now()
    let isReady = false
    // The last fault may be noticed a little later, and what has been kept long enough is deleted.
    const { keepFor, probeEvery } = this.options.plant.config.sftp
    const atLeast = keepFor === 'forever' ? 0 : keepFor + 2 * probeEvery
    const settled = this.steps + 8
    let passed = 0
    let hidden: readonly string[] | undefined
    let hasScannedAgain = false
    while (
      !this.#isOver &&
      !(isReady && this.steps > settled && passed >= atLeast && this.#isDelivered && this.#allAreThere)
    ) {
      const before = this.#process
      await this.#go()
      if (this.#process !== before) {
        began = this.#process.clock.now()
        hidden = undefined
      }
      passed = this.#process.clock.now() - began
      isReady = this.#isReady
      if (isReady && passed > scanAgainAfter) hidden ??= this.#hidden
      const stayHidden = passed > 2 * scanAgainAfter ? this.#hidden.filter((path) => hidden?.includes(path)) : []
      if (stayHidden.length > 0 && this.#process.stopAskedAt === undefined) {
        // What a failing disk hid from the start scan is taken in by the next.
        if (hasScannedAgain) {
          this.#referee.violate(
            'after the faults everything sealed is delivered',
            `${stayHidden.join(', ')} is unknown`,
          )
        }
        this.#note({ what: 'stop', about: 'for another scan' })
        hasScannedAgain = true
        this.#process.stop()
      }
      if (passed <= convergesWithin && this.steps < mostSteps) continue
      if (!isReady || !this.#allAreThere)
        this.#referee.violate('after the faults everything becomes ready again', this.#words)
      else this.#referee.violate('after the faults everything sealed is delivered', JSON.stringify(this.#undelivered))
    }
  }

  async #inTheEnd(): Promise<void> {
    if (this.#isOver) return
    this.#note({ what: 'stop', about: 'SIGTERM' })
    const stopped = this.#process
    stopped.stop()
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
    if (!this.#isDelivered) {
      this.#referee.violate('after the faults everything sealed is delivered', JSON.stringify(this.#undelivered))
    }
    audit(this.#estate, this.#referee)
  }

  /** One step of a process that may end and is then started again. */
  async #go(): Promise<void> {
    await this.#step()
    if (this.#process.end !== undefined) this.#restart()
  }

  /** One thing happens; then everything that follows from it without time or answers, and all is looked at. */
  async #step(): Promise<void> {
    this.steps++
    if (this.steps > mostSteps) {
      return this.#referee.violate(
        'after the faults everything becomes ready again',
        `${mostSteps} steps: ${this.#words}`,
      )
    }
    const { tape, swarm } = this.options
    const happening = tape.choose(swarm.enabled.length + 1, this.#eager(swarm.happenings))
    try {
      if (happening > 0) await this.#happen(swarm.enabled[happening - 1] as Happening)
      else this.#goOn()
    } catch (error) {
      this.#referee.violate(
        'no error goes unheard',
        error instanceof Error ? (error.stack ?? error.message) : String(error),
      )
    }
    await microtasks()
    const { clock, daemon } = this.#process
    // Asked for where it is wanted only: the tree is put together for it.
    this.options.trace?.gauges(clock.now(), clock.monotonic(), daemon.state())
    this.#referee.checkStop(this.#process)
    if (this.steps % 64 === 0) this.#referee.checkAccounts(this.#process)
  }

  /** How likely something is now. */
  #eager(likely: number): number {
    return this.steps <= this.options.swarm.calm ? 0 : likely
  }

  #goOn(): void {
    const { tape, swarm } = this.options
    const { calls, clock } = this.#process
    const { waiting } = calls
    const timerFirst = waiting.length
    const which = waiting.length === 0 ? timerFirst : tape.choose(waiting.length + 1, swarm.disorder)
    if (which === timerFirst && clock.fireNext()) {
      this.#idle = 0
      return
    }
    const call = waiting[which === timerFirst ? 0 : which]
    if (call === undefined) {
      // A process that has just been started has not asked for anything yet.
      this.#idle++
      if (this.#idle > 2 && calls.hanging.length === 0) {
        this.#referee.violate('after the faults everything becomes ready again', `nothing goes on: ${this.#words}`)
      }
      return
    }
    const { faults } = call
    const favourite = 1 + Math.floor(swarm.favourite * faults.length)
    const fault = faults[tape.choose(faults.length + 1, this.#eager(swarm.faultsOf(call.name)), favourite) - 1]
    // For the trace and the coverage alone.
    if (this.options.trace || (this.options.seen && fault)) {
      const path = ownerOf(call)
      this.#note({ path, what: call.name, about: call.detail, outcome: fault?.name ?? 'ok' })
      if (fault) this.options.seen?.(path, this.#process.states.get(path) ?? '', `${call.name} ${fault.name}`)
    }
    this.#idle = 0
    calls.settle(waiting.indexOf(call), fault)
  }

  async #happen(happening: Happening): Promise<void> {
    const { tape } = this.options
    const { clock, server } = this.#process
    const { site, disk } = this.#estate
    this.#note({ what: happening })
    switch (happening) {
      case 'link':
        site.isUp = !site.isUp
        if (!site.isUp) server.cut('the link went down')
        return
      case 'refusal':
        site.refuses = !site.refuses
        if (site.refuses) server.cut('the server was restarted')
        return
      case 'half stored':
        site.storesHalf = !site.storesHalf
        return
      case 'late request':
        void site.late
          .shift()?.()
          .catch(() => undefined)
        return
      case 'actor killed':
      case 'actor crashed': {
        const paths = [...this.#actors, 'root/cameras']
        const path = paths[tape.choose(paths.length, 0.9)] as string
        this.#note({ path, what: happening.slice('actor '.length) })
        if (happening === 'actor killed') this.#process.kill(path)
        else this.#process.crash(path)
        return
      }
      case 'consumer': {
        const shown = [...site.server.nodes].filter(([path, node]) => path.endsWith('.csv') && node !== 'folder')
        const [path, node] = shown[tape.choose(shown.length, 0.8)] ?? []
        if (path === undefined || node === undefined || node === 'folder') return
        this.#note({ path: 'root', what: 'consumer takes', about: path })
        this.#estate.taken.set(path, node.content)
        site.server.nodes.delete(path)
        return
      }
      case 'clock step':
        return clock.step([3_600_000, -3_600_000, -86_400_000][tape.choose(3, 0.6)] ?? 0)
      case 'overslept':
        return this.#process.oversleep(seconds(5))
      case 'disk full':
        disk.capacity = disk.capacity === Infinity ? disk.used : Infinity
        return
      case 'reload': {
        const { config, reloaded } = this.options.plant
        const next = reloaded[tape.choose(reloaded.length, 0.8)] ?? config
        // Not waited for: it may be cut short by what happens next.
        void this.#process.daemon.reload(async () => ({ ok: true, config: next }))
        return
      }
      case 'stop':
        return this.#process.stop()
      case 'process killed':
        return this.#crash()
      case 'power cut':
        return this.#crash(() => disk.crash(() => tape.choose(2, 0.5) === 1))
    }
  }

  /** The process is gone, with whatever was under way done or not; with the power goes what was not synced. */
  async #crash(powerCut: () => void = () => undefined): Promise<void> {
    const { tape } = this.options
    const { waiting, hanging } = this.#process.calls
    for (const call of [...waiting, ...hanging]) {
      // What a process has asked of the kernel is done or not; what it has asked of a server may still be done.
      const fate = tape.choose(call.name.startsWith('sftp.') ? 3 : 2, 0.5)
      if (fate === 1) void call.carryOut().catch(() => undefined)
      if (fate === 2) this.#estate.site.late.push(call.carryOut)
    }
    await microtasks()
    powerCut()
    this.#restart()
  }

  #restart(): void {
    this.#referee.finish(this.#process)
    this.#process = this.#startProcess(this.#process.clock.now() + restartAfter)
  }

  #startProcess(at: number): SimulatedProcess {
    const { plant, random, tape, swarm } = this.options
    const started = new SimulatedProcess({
      config: plant.config,
      estate: this.#estate,
      random,
      startsAt: epochMs(at),
      interval: pictureEvery,
      turn: () => turns[tape.choose(turns.length, swarm.cameras)] ?? 'picture',
      watcher: this.#watcher,
    })
    this.#process = started
    this.#referee.begin(started)
    this.options.trace?.beginProcess(epochMs(at))
    this.#note({ what: 'process started' })
    started.start()
    return started
  }

  /** The referee sees all; what is for the trace and the coverage is noted on the way. */
  get #watcher(): Watcher {
    const referee = this.#referee
    const { seen } = this.options
    const { trace } = this.options
    const note = (act: Act): void => this.#note(act)
    return {
      transition(path, state) {
        referee.transition(path, state)
      },
      event: (path, type) => {
        const state = this.#process.states.get(path)
        if (state !== undefined) seen?.(path, state, type)
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
      logged(level, fact, fields) {
        if (trace) note({ what: `log: ${level}`, about: fact, outcome: JSON.stringify(fields) })
        referee.logged(level, fact, fields)
      },
    }
  }

  /** The actors that are to be at work: the slots, and the cameras that are configured now. */
  get #actors(): string[] {
    const cameras = this.#process.daemon.state().cameras.map(({ path }) => path)
    return [...Object.keys(atWork), ...cameras]
  }

  /** Every slot does its work, and every camera that there is streams. */
  get #isReady(): boolean {
    const { states } = this.#process
    for (const path in atWork) if (states.get(path) !== atWork[path]) return false
    for (const [path, state] of states) if (!(path in atWork) && state !== 'streaming') return false
    return true
  }

  /** No camera that is configured now is missing. Looked at last: what the daemon says of itself costs more than a step. */
  get #allAreThere(): boolean {
    return this.#actors.every((path) => this.#process.states.has(path))
  }

  get #isDelivered(): boolean {
    return this.#estate.manifest.underway === 0 && this.#hidden.length === 0
  }

  /** Sealed files that are on their way, or that the manifest doesn't know. */
  get #undelivered(): string[] {
    const { manifest } = this.#estate
    const underway = manifest.entries.filter(({ state }) => state === 'pending' || state === 'sending')
    if (underway.length > 0) return underway.map(({ path, state }) => `${path} ${state}`)
    return this.#hidden
  }

  /** Sealed files of which the manifest has not heard. */
  get #hidden(): string[] {
    const { manifest, disk } = this.#estate
    return disk.paths.filter((path) => sealedName.test(path) && manifest.file(path) === undefined)
  }

  get #words(): string {
    return [...this.#process.states].map(([path, state]) => `${path} ${state}`).join(', ')
  }

  #note(act: Act): void {
    const { clock } = this.#process
    this.options.trace?.act(clock.now(), clock.monotonic(), act)
  }
}

/** Resolves when no promise can settle any more: Node runs what `nextTick` was given once the queue of microtasks is empty. */
const microtasks = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve))

/** CAMERA/FOLDER/FILE */
const sealedName = /^[^/]+\/(model|classifier|reader)\/[^/]+\.csv$/

const turns: readonly CameraTurn[] = ['picture', 'burst', 'lost', 'silent', 'undecodable']

const atWork: Readonly<Record<string, string>> = {
  'root/csv-writer': 'writing',
  'root/uploader': 'delivering',
  'root/inference': 'serving',
  'root/inspector': 'listening',
  'root/manifest': 'open',
  'root/log': 'open',
}

/** The actor whose call it most likely is. */
function ownerOf({ name, detail }: { readonly name: string; readonly detail: string }): string {
  const [port = ''] = name.split('.')
  if (port === 'video') return `root/cameras/${detail}`
  if (port === 'disk')
    return /^disk\.(open|read|length|close)$/.test(name) && !detail.startsWith('open/')
      ? 'root/uploader'
      : 'root/csv-writer'
  if (port === 'manifest') {
    if (/\.(open|beginBoot|counts|rowCounts|close)$/.test(name)) return 'root/manifest'
    return /\.(add|has)$/.test(name) ? 'root/csv-writer' : 'root/uploader'
  }
  return owners[port] ?? port
}

const owners: Readonly<Record<string, string>> = {
  sftp: 'root/uploader',
  models: 'root/inference',
  http: 'root/inspector',
  log: 'root/log',
}
