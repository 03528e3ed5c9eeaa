import { conclude } from '../../src/commands/run/conclude.ts'
import { exitCodes } from '../../src/commands/exit-codes.ts'
import type { CameraConfig, Config } from '../../src/config/config.ts'
import { isSame } from '../../src/config/difference.ts'
import type { CameraId } from '../../src/domain/ids.ts'
import { sum } from '../../src/domain/frame-account.ts'
import type { CameraAccount } from '../../src/slots/daemon-state.ts'
import type { LogFields } from '../../src/ports/log.ts'
import type { RowsAccepted } from '../../src/logging/acceptance-log.ts'
import { DisposerTimeoutError, type Report } from '../../src/supervision/index.ts'
import type { Estate, SimulatedProcess, Watcher } from './simulated-process.ts'
import { Keeping } from './keeping.ts'
import { archiveOf, digestOf, isFinalName, shownOn } from './shown.ts'
import { StopBounds } from './stop-bounds.ts'

export interface Violation {
  readonly invariant: Invariant
  readonly detail: string
}

/** What always holds, whatever happens. */
export const invariants = [
  'no camera is opened before the writer is ready for the first time',
  'a camera is opened by one life of it at a time',
  'each life of an actor has a higher epoch',
  'a crash elsewhere stops no camera',
  'the writer drains only when every camera and the pool are gone',
  'the uploader drains only when the writer is gone',
  'every accepted row is in exactly one file exactly once',
  'a row says what was seen in its picture',
  'a remote path never holds two contents, nor a partial file under a final name',
  'nothing unverified is deleted',
  'what was delivered is kept here for keepFor',
  'what the manifest says of a file is so',
  'every frame is accounted for',
  'every row is accounted for',
  'every stop ends within its computed bound',
  'nothing outlives the daemon',
  'the cameras that run are those that are configured',
  'after the faults everything becomes ready again',
  'after the faults everything sealed is delivered',
  'no error goes unheard',
] as const
export type Invariant = (typeof invariants)[number]

/** What one process had accepted when it ended. */
export interface Accepted {
  readonly boot: number
  readonly commits: readonly RowsAccepted[]
  /** Its writer drained, so that there is nothing that was written and not accepted. */
  readonly exactly: boolean
}

/** Watches the processes of one run, one after the other, and blows the whistle once. */
export class Referee implements Watcher {
  violation: Violation | undefined
  /** What each process that has ended had accepted. */
  readonly accepted: Accepted[] = []
  #process: SimulatedProcess | undefined
  #commits: RowsAccepted[] = []
  #writerWasReady = false
  #isStopping = false
  /** It was asked to stop, or stops by itself. */
  #isEnding = false
  #stops: StopBounds
  /** Machines that their supervisor has given up waiting for, until they live again. */
  readonly #cutOff = new Set<string>()
  /** A disposer gave up waiting, and said so. */
  #hasGivenUp = false
  /** The latest life of each actor of this process. */
  readonly #epochs = new Map<string, number>()
  /** What each final name has shown, by its digest. */
  readonly #remote = new Map<string, string>()
  readonly #keeping: Keeping

  constructor(
    private readonly config: Config,
    private readonly estate: Estate,
  ) {
    this.#stops = new StopBounds(config.stop)
    this.#keeping = new Keeping(config.sftp.keepFor, estate.manifest)
    estate.site.onChanged = (path) => this.#remoteChanged(path)
  }

  begin(process: SimulatedProcess): void {
    this.#process = process
    this.#commits = []
    this.#writerWasReady = false
    this.#isStopping = false
    this.#isEnding = false
    this.#stops = new StopBounds(this.config.stop)
    this.#cutOff.clear()
    this.#hasGivenUp = false
    this.#epochs.clear()
  }

  violate(invariant: Invariant, detail: string): void {
    this.violation ??= { invariant, detail }
  }

  // What the process does.

  stopAsked(): void {
    this.#endBegins()
    this.#stops.asked(this.#now)
  }

  transition(path: string, state: string | undefined): void {
    if (path === 'root/csv-writer' && state === 'writing') this.#writerWasReady = true
  }

  event(path: string, type: string): void {
    this.#stops.event(path, type, this.#now)
    if (type !== 'drain' || !this.#isStopping) return
    if (path === 'root/csv-writer') {
      const left = this.#running((other) => other.startsWith('root/cameras/') || other === 'root/inference')
      if (left.length > 0) {
        this.violate('the writer drains only when every camera and the pool are gone', `${left.join(', ')} still run`)
      }
    }
    if (path === 'root/uploader') {
      const left = this.#running((other) => other === 'root/csv-writer')
      if (left.length > 0) this.violate('the uploader drains only when the writer is gone', 'the writer still runs')
    }
  }

  report(report: Report): void {
    const { path, epoch, decision, cause } = report
    this.#stops.report(report, this.#now)
    if (decision === 'start') {
      const last = this.#epochs.get(path) ?? 0
      if (epoch <= last) this.violate('each life of an actor has a higher epoch', `${path}: ${epoch} after ${last}`)
      this.#epochs.set(path, epoch)
      this.#cutOff.delete(path)
    }
    if (path === 'root' && (decision === 'shut_down' || decision === 'give_up' || decision === 'roll_back')) {
      this.#endBegins()
      this.#isStopping = true
    }
    if (decision === 'cut_off') this.#cutOff.add(path)
    if (cause.type === 'fault' && cause.error instanceof DisposerTimeoutError) this.#gaveUp(path)
    if (!path.startsWith('root/cameras/') || this.#isStopping) return
    const isOwn = (cause.type === 'exit' && path.endsWith(`/${cause.of}`)) || cause.type === 'call'
    if (decision === 'stop' && !isOwn) {
      this.violate('a crash elsewhere stops no camera', `${path} is stopped because of ${JSON.stringify(cause)}`)
    }
  }

  /** What it was to let go may be left, as after a call that hangs; but somebody has to have kept it waiting. */
  #gaveUp(path: string): void {
    this.#hasGivenUp = true
    const calls = this.#process?.calls
    if (calls === undefined || calls.waiting.length + calls.hanging.length > 0) return
    this.violate('nothing outlives the daemon', `a disposer of ${path} gave up waiting, and nothing was under way`)
  }

  opening(cameraId: string): void {
    const process = this.#process
    if (!this.#writerWasReady) {
      this.violate('no camera is opened before the writer is ready for the first time', cameraId)
    }
    const open = process?.streams.of(cameraId as CameraId) ?? 0
    if (open > 0) this.violate('a camera is opened by one life of it at a time', `${cameraId} is open already`)
  }

  unlinking(path: string): void {
    // Not results: room that is set aside, old copies, and what grows out of files that are still there.
    if (path === 'belay.reserve' || /^(backups|packing)\//.test(path)) return
    if (path.startsWith('open/')) return
    const { manifest } = this.estate
    const entry = manifest.file(path)
    // What went into an archive stands and falls with it.
    const sent = entry?.state === 'packed' ? manifest.file(archiveOf(entry.why)) : entry
    const sentAs = sent?.path ?? ''
    const remote = digestOf(shownOn(this.estate).get(sentAs) ?? this.estate.forgotten.excused.get(sentAs))
    // Recorded first: from then on nobody sends it again.
    if (sent?.state === 'removed' && remote === sent.sha256) return
    this.violate('nothing unverified is deleted', `${path} is ${entry?.state ?? 'unknown to the manifest'}`)
  }

  rowsAccepted(commit: RowsAccepted): void {
    this.#commits.push(commit)
  }

  logged(_level: 'warn' | 'error', fact: string, fields: LogFields): void {
    if (fact === 'the inspection tap failed')
      this.violate('no error goes unheard', `the tap: ${String(fields['error'])}`)
  }

  #endBegins(): void {
    if (!this.#isEnding) this.#process?.calls.endBegins()
    this.#isEnding = true
  }

  // What is looked at after a step.

  checkStop({ end, states }: SimulatedProcess): void {
    const late = end === undefined ? this.#stops.late(this.#now) : undefined
    if (late === undefined) return
    const running = [...states].map(([path, state]) => `${path} ${state}`)
    this.violate('every stop ends within its computed bound', `${late}; ${running.join(', ')}`)
  }

  checkKept({ clock }: SimulatedProcess): void {
    for (const removed of this.#keeping.tooSoon(clock.now())) {
      this.violate('what was delivered is kept here for keepFor', removed)
    }
  }

  checkAccounts(process: SimulatedProcess): void {
    for (const { id, frames, rows } of accountsOf(process)) {
      const { captured, inspected, dropped, failed, inFlight } = frames
      const settled = inspected + sum(dropped) + sum(failed)
      const sent = this.estate.witness.captured(id as CameraId)
      if (captured !== settled + inFlight || inFlight < 0 || captured !== sent) {
        this.violate('every frame is accounted for', `${id}, of ${sent}: ${JSON.stringify(frames)}`)
      }
      if (process.end !== undefined && inFlight > 0) {
        this.violate('every frame is accounted for', `${id}: ${inFlight} are still in flight at the end`)
      }
      const { produced, accepted, refused, failed: lost, queued } = rows
      if (produced !== accepted + sum(refused) + lost + queued || queued < 0) {
        this.violate('every row is accounted for', `${id}: ${JSON.stringify(rows)}`)
      }
      const told = this.#commits.reduce((all, { series, rows }) => all + (series.startsWith(`${id}/`) ? rows : 0), 0)
      if (accepted !== told) {
        this.violate('every row is accounted for', `${id}: ${accepted} were accepted, and commits tell of ${told}`)
      }
      if (queued > 0 && saysAllIsWritten(process)) {
        this.violate('every row is accounted for', `${id}: ${queued} are queued, and all has drained`)
      }
    }
  }

  /** Nothing is being changed, and every camera is there. */
  checkCameras({ configured, made, states }: SimulatedProcess): void {
    const wanted = new Map<string, CameraConfig>(
      configured.cameras.map((camera) => [`root/cameras/${camera.id}`, camera]),
    )
    const running = [...states.keys()].filter((path) => path.startsWith('root/cameras/'))
    const wrong = [
      ...running.filter((path) => !wanted.has(path)).map((path) => `${path} runs`),
      ...[...wanted.keys()].filter((path) => !running.includes(path)).map((path) => `${path} is missing`),
      ...[...wanted].filter(([, camera]) => !isSame(made.get(camera.id), camera)).map(([path]) => `${path} is another`),
    ]
    if (wrong.length > 0) this.violate('the cameras that run are those that are configured', wrong.join(', '))
  }

  /** The process is gone: it has ended, or was killed. */
  finish(process: SimulatedProcess): void {
    this.checkAccounts(process)
    const { boot } = process.end?.state ?? process.daemon.state()
    const exactly = saysAllIsWritten(process)
    this.accepted.push({ boot, commits: this.#commits, exactly })
    if (process.end !== undefined) this.#checkLeft(process, process.calls.hasHung || this.#hasGivenUp)
  }

  /** No actor, whatever happened; nothing else, unless `mayHold`: whoever had no answer to a call still holds it. */
  #checkLeft(process: SimulatedProcess, mayHold: boolean): void {
    const { calls, clock, streams, server, disk, models, http, states } = process
    // One that its supervisor has cut off may have asked for something just before.
    const asked = this.#cutOff.size === 0 && !mayHold ? calls.waiting : []
    const left = [
      ...asked.map(({ name, detail }) => `${name} of ${detail}`),
      ...[...states].map(([path, state]) => `${path}, ${state}`),
    ]
    const held = [
      ...(clock.pending > 0 ? [`${clock.pending} timers`] : []),
      ...(streams.total > 0 ? [`${streams.total} streams`] : []),
      ...(server.openSessions > 0 ? [`${server.openSessions} sessions`] : []),
      ...(disk.openFiles > 0 ? [`${disk.openFiles} open files`] : []),
      ...(this.estate.heldBy === calls ? ['the manifest'] : []),
      ...(models.threads > 0 ? [`${models.threads} threads`] : []),
      ...(http.isListening ? ['a listening server'] : []),
    ]
    if (!mayHold) left.push(...held)
    if (left.length > 0) this.violate('nothing outlives the daemon', left.join('; '))
  }

  /** In monotonic time in which the process did not oversleep. */
  get #now(): number {
    return (this.#process?.clock.monotonic() ?? 0) - (this.#process?.overslept ?? 0)
  }

  #running(which: (path: string) => boolean): string[] {
    const states = this.#process?.states ?? new Map<string, string>()
    return [...states.keys()].filter((path) => which(path) && !this.#cutOff.has(path))
  }

  #remoteChanged(path: string): void {
    if (!isFinalName(path)) return
    const { site, disk } = this.estate
    const what = 'a remote path never holds two contents, nor a partial file under a final name'
    for (const harmed of site.strangers.harmed) this.violate(what, `${harmed} was somebody else's`)
    const node = site.server.nodes.get(path)
    if (node === undefined || node === 'folder' || site.strangers.isAt(path)) return
    if (this.#process !== undefined) this.#keeping.shown(path, this.#process.clock.now())
    const { content } = node
    const digest = String(digestOf(content))
    const before = this.#remote.get(path)
    this.#remote.set(path, digest)
    if (before !== undefined && before !== digest) this.violate(what, `${path} has changed`)
    const local = disk.content(path)
    if (local !== undefined && digestOf(local) !== digest) {
      this.violate(what, `${path} holds ${content.length} bytes, and ${local.length} were sealed`)
    }
  }
}

/** Of every camera that there has been where the process has ended; of those that run where it was killed. */
const accountsOf = ({ end, daemon }: SimulatedProcess): readonly CameraAccount[] =>
  end?.accounts ?? daemon.state().cameras

/** A writer that was there has drained its queue; where none was, the end says what is left. */
function saysAllIsWritten(process: SimulatedProcess): boolean {
  const { end } = process
  if (end === undefined || !hasDrained(process)) return false
  return end.root.children.some(({ id }) => id === 'csv-writer') || conclude(end).code === exitCodes.ok
}

const hasDrained = ({ end }: SimulatedProcess): boolean => end?.root.ended === 'asked' && end.root.drained
