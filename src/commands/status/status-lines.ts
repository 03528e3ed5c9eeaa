import { counted } from '../../domain/counted.ts'
import { sum } from '../../domain/frame-account.ts'
import { arrived, setAside, sumOf, underway } from '../../domain/file-state.ts'
import { waitsForNextStart } from '../../inspection-feed/health.ts'
import type { ActorView, DaemonState } from '../../inspection-feed/protocol.ts'
import { byteCount } from '../../domain/byte-count.ts'
import { durationWords } from '../../domain/duration-words.ts'
import { roomWords } from '../../inspection-feed/health.ts'
import { type Column, tableLines } from '../terminal/table.ts'

const right = (title: string): Column => ({ title, align: 'right' })

/** A daemon in a terminal: its cameras, its parts, its files. */
export function statusLines(state: DaemonState, url: string, width: number): string[] {
  const byPath = new Map(state.actors.map((actor) => [actor.path, actor]))
  return [
    `belay ${state.version} at ${url}: ${state.phase}, started ${durationWords(state.at - state.runningSince)} ago, boot ${state.boot}`,
    ...waitsForNextStart(state),
    '',
    ...cameraTable(state, byPath, width),
    '',
    ...partTable(state, width),
    '',
    ...fileLines(state),
    ...againLines(state),
    ...processLines(state),
  ]
}

type Actors = ReadonlyMap<string, ActorView>

function cameraTable(state: DaemonState, byPath: Actors, width: number): string[] {
  const columns = [
    { title: 'camera' },
    { title: 'state' },
    ...['for', 'fps', 'inspected', 'dropped', 'failed', 'p95'].map(right),
    { title: 'last finding, or why' },
  ]
  const rows = state.cameras.map(({ id, path, fps, frames, latencyMs, lastFinding }) => {
    const actor = byPath.get(path)
    return [
      id,
      actor?.state ?? 'not started',
      timeInState(state, actor),
      fps.toFixed(1),
      ...[frames.inspected, sum(frames.dropped), sum(frames.failed)].map(String),
      latencyMs === null ? '–' : `${Math.round(latencyMs.p95)} ms`,
      (actor?.state === 'streaming' ? lastFinding : actor?.why) ?? '',
    ]
  })
  return tableLines(columns, rows, width)
}

function partTable(state: DaemonState, width: number): string[] {
  const { inference, writer, uploader } = state
  const { workers } = inference
  const figures: Readonly<Record<string, string>> = {
    [inference.path]: `${workers.running} of ${counted(workers.wanted, 'thread')}, ${workers.wedged} hung, ${counted(inference.waiting, 'frame')} waiting`,
    [writer.path]: `${counted(writer.stats.queueSize, 'request')} waiting, ${counted(writer.openFiles, 'file')} open, ${writer.sealedFiles} sealed`,
    [uploader.path]: `${counted(uploader.stats.uploaded, 'file')} delivered, ${counted(uploader.stats.failed, 'try', 'tries')} failed`,
  }
  const parts = state.actors.filter(({ path }) => /^root\/[^/]+$/.test(path))
  const rows = parts.map((actor) => {
    const words = [figures[actor.path], actor.why].filter((text) => text !== undefined && text !== null)
    return [actor.path.slice('root/'.length), actor.state, timeInState(state, actor), words.join('; ')]
  })
  return tableLines([{ title: 'part' }, { title: 'state' }, right('for'), { title: 'figures, and why' }], rows, width)
}

const mostNamed = 5

/** `reconnects since the start: 12 cameras/dock-1, 3 uploader`, those with the most first. */
function againLines({ actors }: DaemonState): string[] {
  return (['reconnects', 'restarts'] as const).map((what) => {
    const those = actors
      .map((actor) => ({ name: actor.path.replace(/^root\//, ''), count: actor[what] ?? 0 }))
      .filter(({ count }) => count > 0)
      .toSorted((a, b) => b.count - a.count)
    const named = those.slice(0, mostNamed).map(({ name, count }) => `${count} ${name}`)
    const others = those.length > mostNamed ? [`${counted(those.length - mostNamed, 'other')} fewer`] : []
    return `${what} since the start: ${[...named, ...others].join(', ') || 'none'}`
  })
}

function processLines({ process }: DaemonState): string[] {
  if (process === null) return []
  const { eventLoopDelayMs, stalls, stalledMs, residentBytes, memoryBudgetBytes, logLinesDropped } = process
  const inAll = stalls === 0 ? '' : `, ${durationWords(stalledMs)} in all`
  return [
    `event loop: stood still for ${eventLoopDelayMs} ms at most in the last minute; ${counted(stalls, 'time')} for more than 1 s${inAll}`,
    `memory: ${byteCount(residentBytes)} of ${byteCount(memoryBudgetBytes)}`,
    `log: ${counted(logLinesDropped, 'line')} could not be written`,
  ]
}

function fileLines({ at, cameras, uploader, writer }: DaemonState): string[] {
  const { files, rows, oldestUndelivered } = uploader
  const lost = cameras.reduce((total, { rows: { refused, failed } }) => total + sum(refused) + failed, 0)
  const age = oldestUndelivered === null ? '' : `, the oldest for ${durationWords(at - oldestUndelivered)}`
  return [
    `files: ${sumOf(files, underway)} wait${age}; ${sumOf(files, arrived)} delivered; ${sumOf(files, setAside)} set aside`,
    `rows in them: ${sumOf(rows, underway)} wait; ${sumOf(rows, arrived)} delivered; ${sumOf(rows, setAside)} set aside`,
    `frames dropped since the start: ${byCause(cameras.map(({ frames }) => frames.dropped))}`,
    `frames failed since the start: ${byCause(cameras.map(({ frames }) => frames.failed))}`,
    `rows lost since the start: ${lost}`,
    `disk: ${writer.disk.freeBytes === null ? 'not known' : roomWords(writer.disk.freeBytes, writer.disk.fullInMs)}`,
  ]
}

/** `40 unchanged, 7 superseded`: over all cameras, the most frequent first. */
function byCause(counts: readonly Readonly<Record<string, number>>[]): string {
  const sums = new Map<string, number>()
  for (const each of counts)
    for (const [cause, count] of Object.entries(each)) sums.set(cause, (sums.get(cause) ?? 0) + count)
  const told = [...sums].filter(([, count]) => count > 0).toSorted(([, a], [, b]) => b - a)
  return told.length === 0 ? 'none' : told.map(([cause, count]) => `${count} ${cause}`).join(', ')
}

const timeInState = (state: DaemonState, actor: ActorView | undefined): string =>
  actor === undefined ? '–' : durationWords(state.at - actor.since)
