import type { Config } from '../../src/config/config.ts'
import type { CameraId } from '../../src/domain/ids.ts'
import { epochMs, seconds } from '../../src/domain/units.ts'
import type { LogFields } from '../../src/ports/log.ts'
import type { Report } from '../../src/supervision/index.ts'
import { plantFrom } from '../simulation/config.ts'
import { breaks, type Fault, type HeldCall, hangs } from '../simulation/held-calls.ts'
import { Estate, SimulatedProcess, type Watcher } from '../simulation/simulated-process.ts'
import { Tape } from '../simulation/tape.ts'

/** Where the slots are at work. */
const atWork = {
  'root/log': 'open',
  'root/manifest': 'open',
  'root/csv-writer': 'writing',
  'root/uploader': 'delivering',
  'root/inspector': 'listening',
  'root/inference': 'serving',
  'root/cameras/dock-1': 'streaming',
  'root/cameras/belt-2': 'streaming',
}

interface Heard extends Partial<Pick<Watcher, 'beat' | 'event'>> {
  readonly reported?: (report: Report, process: SimulatedProcess) => void
}

/** The whole daemon over the simulation's doubles, of which each answers at once and well, on virtual time: everything is at work. */
export async function runPlant(
  configure = (config: Config): Config => config,
  estate = new Estate(),
  { reported, ...heard }: Heard = {},
) {
  const config = configure((await plantFrom(Tape.recorded([]))).config)
  const reports: Report[] = []
  const opened: string[] = []
  const warnings: { readonly fact: string; readonly fields: LogFields }[] = []
  const process: SimulatedProcess = new SimulatedProcess({
    config,
    estate,
    random: () => 0.5,
    interval: seconds(2),
    turn: () => 'picture',
    startsAt: epochMs(Date.UTC(2026, 0, 1)),
    watcher: {
      transition: () => undefined,
      event: () => undefined,
      report: (report) => {
        reports.push(report)
        reported?.(report, process)
      },
      opening: (cameraId) => void opened.push(cameraId),
      unlinking: () => undefined,
      stopAsked: () => undefined,
      rowsAccepted: () => undefined,
      logged: (_, fact, fields) => void warnings.push({ fact, fields }),
      ...heard,
    },
  })
  const { clock, calls } = process
  let diskRefuses = false
  const takes = { sftp: 0, disk: 0 }

  const answerDue = new WeakMap<object, number>()
  function dueAt(call: { readonly name: string }): number {
    const port = (['sftp', 'disk'] as const).find((name) => call.name.startsWith(`${name}.`))
    if (port === undefined) return 0
    const due = answerDue.get(call) ?? clock.monotonic() + takes[port]
    answerDue.set(call, due)
    return due
  }

  /** Answers, of the calls whose answer is due, the one that has waited longest; false if there is none. */
  function answer(): boolean {
    const position = calls.waiting.findIndex((call) => dueAt(call) <= clock.monotonic())
    const call = calls.waiting[position]
    if (call === undefined) return false
    const refusal = call.faults.find(({ name }) => name === 'EIO')
    calls.settle(position, diskRefuses && call.name.startsWith('disk.') ? refusal : undefined)
    return true
  }

  async function pass(ms: number): Promise<void> {
    const until = clock.monotonic() + ms
    for (;;) {
      await microtasks()
      if (answer()) continue
      const next = Math.min(...calls.waiting.map(dueAt))
      if (next <= until && next < (clock.nextDue ?? Infinity)) clock.advance(next - clock.monotonic())
      else if (!clock.fireNext(until)) break
    }
    clock.advance(until - clock.monotonic())
  }

  async function strike(name: string, faultOf: (call: HeldCall) => Fault | undefined): Promise<void> {
    for (;;) {
      await microtasks()
      const position = calls.waiting.findIndex((call) => call.name === name)
      const call = calls.waiting[position]
      if (call !== undefined) return calls.settle(position, faultOf(call))
      if (calls.waiting.length > 0) calls.settle(0)
      else if (!clock.fireNext()) throw new Error(`Nobody calls ${name} any more`)
    }
  }

  process.start()
  await pass(2_000)
  return {
    process,
    reports,
    /** Cameras that were opened, in order. */
    opened,
    /** What the log says in warnings and errors. */
    warnings,
    pass,
    /** Lets time pass until there is such a call, which then hangs until it is released. */
    hang: (name: string) => strike(name, () => hangs),
    /** Lets time pass until there is such a call, which then fails by a bug. */
    break: (name: string) => strike(name, () => breaks),
    /** Lets time pass until there is such a call, which then fails as the world may: by the name of one of its faults. */
    fail: (name: string, how: string) => strike(name, ({ faults }) => faults.find((fault) => fault.name === how)),
    /** What hung goes on. */
    release: () => calls.release(),
    /** From now on the disk answers each call with EIO, or well again. */
    diskRefuses: (refuses: boolean) => void (diskRefuses = refuses),
    /** The server answers each call after so long from now on. */
    serverTakes: (ms: number) => void (takes.sftp = ms),
    /** The server ends no session by itself: it is let go of after so long. */
    serverEndsAfter: (ms: number) => void (estate.site.endsAfter = ms),
    /** The same of the disk. */
    diskTakes: (ms: number) => void (takes.disk = ms),
    /** What is not at work, and what it does instead. */
    get idle(): Record<string, string | undefined> {
      const wrong = Object.entries(atWork).filter(([path, state]) => process.states.get(path) !== state)
      return Object.fromEntries(wrong.map(([path]) => [path, process.states.get(path)]))
    },
    /** The latest life of each actor that had another than its first. */
    get laterLives(): Record<string, number> {
      const starts = reports.filter(({ decision, epoch }) => decision === 'start' && epoch > 1)
      return Object.fromEntries(starts.map(({ path, epoch }) => [path, epoch]))
    },
    captured: (cameraId: string) => estate.witness.captured(cameraId as CameraId),
    /** Rows of these cameras that are in files on the server. */
    delivered: (): number =>
      Object.entries(estate.site.server.tree())
        .filter(([path]) => path.endsWith('.csv'))
        .reduce((rows, [, text]) => rows + text.trimEnd().split('\n').length - 1, 0),
  }
}

const microtasks = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve))
