import { styleText } from 'node:util'
import { arrived, setAside, sumOf, underway } from '../../domain/file-state.ts'
import { sum } from '../../domain/frame-account.ts'
import { isTroubled } from '../../domain/actor-states.ts'
import type { ActorView, CameraView, DaemonState } from '../../inspection-feed/protocol.ts'

/** The daemon in a few lines: per camera its state, rate and counts, then what became of rows and files. */
export function summaryLines(state: DaemonState, colour: boolean): string[] {
  const paint: Paint = colour ? (style, text) => styleText(style, text) : (_style, text) => text
  const byPath = new Map(state.actors.map((actor) => [actor.path, actor]))
  const name = Math.max(8, ...state.cameras.map(({ id }) => id.length))
  const header = `${'camera'.padEnd(name)}  ${'state'.padEnd(11)} ${'fps'.padStart(6)} ${'inspected'.padStart(9)} ${'dropped'.padStart(7)} ${'failed'.padStart(6)}  last finding`
  return [
    paint('dim', header),
    ...state.cameras.map((camera) => cameraLine(camera, byPath.get(camera.path), name, state.at, paint)),
    filesLine(state, byPath.get(state.uploader.path), paint),
  ]
}

type Style = Parameters<typeof styleText>[0]
type Paint = (style: Style, text: string) => string

function cameraLine(camera: CameraView, actor: ActorView | undefined, name: number, at: number, paint: Paint): string {
  const { frames } = camera
  const word = stateWord(actor)
  const figures = `${camera.fps.toFixed(1).padStart(6)} ${String(frames.inspected).padStart(9)} ${String(sum(frames.dropped)).padStart(7)} ${String(sum(frames.failed)).padStart(6)}`
  const line = `${camera.id.padEnd(name)}  ${paint(styleOf(word), word.padEnd(11))} ${figures}  `
  if (word === 'streaming' || actor === undefined) return line + (camera.lastFinding ?? '')
  const forSeconds = Math.max(0, Math.round((at - actor.since) / 1000))
  return `${line}${actor.why ?? ''} (for ${forSeconds} s)`
}

function filesLine(state: DaemonState, uploader: ActorView | undefined, paint: Paint): string {
  const { writer, uploader: delivery } = state
  const { files, rows } = delivery
  const parts = [
    `files: ${writer.openFiles} open, ${writer.sealedFiles} written, ${sumOf(files, underway)} queued, ${sumOf(files, arrived)} delivered`,
    `rows delivered: ${sumOf(rows, arrived)}`,
  ]
  const aside = sumOf(files, setAside)
  if (aside > 0) parts.push(paint('red', `set aside: ${aside}`))
  if (writer.blocked !== null) parts.push(paint('red', writer.blocked))
  const word = stateWord(uploader)
  if (uploader !== undefined && word !== 'delivering')
    parts.push(`uploader ${paint(styleOf(word), word)}: ${uploader.why ?? ''}`)
  return parts.join('  ·  ')
}

export const stateWord = (actor: ActorView | undefined): string => actor?.state ?? 'not started'

function styleOf(word: string): Style {
  if (word === 'streaming' || word === 'delivering') return 'green'
  if (isTroubled(word)) return 'red'
  return 'yellow'
}

/** What became of everything, for the last words: frames and rows, camera by camera and in all. */
export function accountLines(state: DaemonState, dataFolder: string, deliveredTo: string): string[] {
  const lines = state.cameras.map(({ id, frames }) => {
    const { captured, inspected, inFlight } = frames
    const rest = inFlight === 0 ? '' : ` + ${inFlight} in flight`
    return `${id}: frames captured ${captured} = inspected ${inspected} + dropped ${sum(frames.dropped)}${causes(frames.dropped)} + failed ${sum(frames.failed)}${causes(frames.failed)}${rest}`
  })
  const rows = { produced: 0, accepted: 0, refused: 0, failed: 0, queued: 0 }
  for (const camera of state.cameras) {
    rows.produced += camera.rows.produced
    rows.accepted += camera.rows.accepted
    rows.refused += sum(camera.rows.refused)
    rows.failed += camera.rows.failed
    rows.queued += camera.rows.queued
  }
  const { files, rows: fileRows } = state.uploader
  return [
    ...lines,
    `rows: produced ${rows.produced} = written ${rows.accepted} + refused ${rows.refused} + failed ${rows.failed} + queued ${rows.queued}`,
    `rows written ${rows.accepted}, in the manifest since its beginning: delivered ${sumOf(fileRows, arrived)}, waiting ${sumOf(fileRows, underway)}, set aside ${sumOf(fileRows, setAside)}`,
    `files: delivered ${sumOf(files, arrived)}, waiting ${sumOf(files, underway)}, set aside ${sumOf(files, setAside)}`,
    `local files: ${dataFolder}`,
    `delivered files: ${deliveredTo}`,
  ]
}

function causes(counts: Readonly<Record<string, number>>): string {
  const named = Object.entries(counts).filter(([, count]) => count > 0)
  return named.length === 0 ? '' : ` (${named.map(([cause, count]) => `${cause} ${count}`).join(', ')})`
}
