import { type Episode, isMark } from './episode.ts'
import { span, tick } from '../parts/format.ts'
import type { Pen, Sheet } from './pen.ts'
import type { Tone } from '../parts/tone.ts'

export interface Picture {
  readonly lanes: readonly string[]
  readonly episodes: readonly Episode[]
  /** The stretch of time that is shown, and the moment within it up to which things are known. */
  readonly from: number
  readonly to: number
  readonly now: number
  /** What that moment is called, where it is not the present. */
  readonly nowWords?: string
  /** So far have the lanes been scrolled, in the page's own pixels: the canvas is as high as what is in sight of them. */
  readonly top?: number
}

export const laneHeight = 28
export const axisHeight = 20
/** As wide as `−10 min 30 s`. */
const tickWidth = 84

type Colour = (name: Tone | 'text' | 'line' | 'muted' | 'surface') => string

/** Draws the lanes; only what lies within the stretch costs anything. */
export function drawTimeline(sheet: Sheet, picture: Picture, colour: Colour): void {
  const { pen, width, height } = sheet
  pen.clearRect(0, 0, width, height)
  pen.font = '12px system-ui, sans-serif'
  pen.textBaseline = 'middle'
  const { lanes, episodes, from, to, now, top = 0 } = picture
  // Whole pixels: they are sharp, and no objects that have to be collected, as fractions are.
  const xOf = (at: number): number => Math.round(((at - from) / (to - from)) * width)
  drawAxis(sheet, picture, xOf, colour)
  const rows = new Map(lanes.map((path, index) => [path, axisHeight + index * laneHeight - top]))
  pen.save()
  pen.beginPath()
  pen.rect(0, axisHeight, width, height - axisHeight)
  pen.clip()
  for (const episode of episodes) {
    const y = rows.get(episode.path)
    if (y === undefined || y + laneHeight <= axisHeight || y >= height) continue
    if (episode.from > to || (episode.to ?? now) < from) continue
    if (episode.kind === 'deadline') drawDeadline(sheet, episode, y, now, xOf, colour)
    else if (isMark(episode.kind)) drawMark(sheet, episode, y, xOf, colour)
    else drawBar(pen, episode, y, Math.max(0, xOf(episode.from)), Math.min(width, xOf(episode.to ?? now)), colour)
  }
  for (const episode of episodes) {
    if (episode.kind !== 'gap' || episode.from > to || (episode.to ?? now) < from) continue
    drawGap(sheet, gapEdges(episode, now, xOf), colour)
  }
  pen.restore()
}

function drawAxis(
  { pen, width, height }: Sheet,
  { from, to, now, nowWords = 'now', lanes, top = 0 }: Picture,
  xOf: (at: number) => number,
  colour: Colour,
): void {
  const step = stepOf(to - from, Math.min(8, Math.max(2, width / tickWidth)))
  pen.strokeStyle = colour('line')
  pen.fillStyle = colour('muted')
  pen.lineWidth = 1
  pen.beginPath()
  for (let each = Math.ceil((from - now) / step); now + each * step <= to; each++) {
    const x = Math.round(xOf(now + each * step)) + 0.5
    pen.moveTo(x, axisHeight)
    pen.lineTo(x, height)
    const words = each === 0 ? nowWords : `${each > 0 ? '+' : '−'}${tick(Math.abs(each) * step)}`
    if (x + 3 + pen.measureText(words).width <= width) pen.fillText(words, x + 3, axisHeight / 2)
  }
  for (let lane = 0; lane <= lanes.length; lane++) {
    const y = axisHeight + lane * laneHeight - top
    if (lane > 0 && (y <= axisHeight || y > height)) continue
    pen.moveTo(0, Math.max(axisHeight, y) + 0.5)
    pen.lineTo(width, Math.max(axisHeight, y) + 0.5)
  }
  pen.stroke()
}

function drawBar(
  pen: Pen,
  { kind, tone, label }: Episode,
  y: number,
  left: number,
  right: number,
  colour: Colour,
): void {
  const isQuiet = kind === 'state'
  const top = y + (kind === 'upload' ? 21 : isQuiet ? 5 : 3)
  const high = kind === 'upload' ? 4 : isQuiet ? 13 : 17
  const width = Math.max(2, right - left)
  pen.fillStyle = colour(tone)
  pen.globalAlpha = isQuiet ? 0.3 : kind === 'upload' ? 0.8 : 1
  pen.fillRect(left, top, width, high)
  pen.globalAlpha = 1
  if (kind === 'upload' || width < 30) return
  pen.save()
  pen.beginPath()
  pen.rect(left, y, width, laneHeight)
  pen.clip()
  pen.fillStyle = colour(isQuiet ? 'text' : 'surface')
  pen.fillText(label, left + 5, y + 12)
  pen.restore()
}

/** When the last deadline is over. */
export const latestDeadline = (episodes: readonly Episode[]): number =>
  episodes.reduce((latest, { kind, to }) => (kind === 'deadline' ? Math.max(latest, to ?? 0) : latest), 0)

/** So that all of what is `left` of the last deadline is seen to shrink; never more than is `shown` of what has been. */
export const roomAhead = (left: number, shown: number): number =>
  left <= 0 ? 0 : Math.min(Math.max(left, shown * 0.15), shown)

/** What is left of it stands solid, with how long, and shrinks; what has passed is an outline. */
function drawDeadline(
  { pen, width }: Sheet,
  { from, to }: Episode,
  y: number,
  now: number,
  xOf: (at: number) => number,
  colour: Colour,
): void {
  const end = to ?? now
  pen.strokeStyle = colour('text')
  pen.fillStyle = colour('text')
  pen.strokeRect(xOf(from) + 0.5, y + laneHeight - 6.5, Math.max(1, xOf(end) - xOf(from) - 1), 5)
  if (end <= now) return
  pen.fillRect(xOf(now), y + laneHeight - 6, xOf(end) - xOf(now), 5)
  const words = `${span(end - now)} left`
  if (xOf(now) + 5 + pen.measureText(words).width <= width) pen.fillText(words, xOf(now) + 5, y + 12)
}

/** Where it begins and ends; never too narrow to be seen. */
function gapEdges({ from, to }: Episode, now: number, xOf: (at: number) => number): readonly [number, number] {
  const [left, right] = [xOf(from), xOf(to ?? now)]
  return right - left >= 6 ? [left, right] : [left - 3, left + 3]
}

/** A hatched band over all lanes and what is drawn in them: that may have been otherwise. */
function drawGap({ pen, width, height }: Sheet, edges: readonly [number, number], colour: Colour): void {
  const [left, right] = [Math.max(0, edges[0]), Math.min(width, edges[1])]
  const high = height - axisHeight
  pen.save()
  pen.beginPath()
  pen.rect(left, axisHeight, right - left, high)
  pen.clip()
  pen.fillStyle = pen.strokeStyle = colour('warn')
  pen.globalAlpha = 0.15
  pen.fillRect(left, axisHeight, right - left, high)
  pen.globalAlpha = 1
  pen.lineWidth = 1
  pen.beginPath()
  for (let x = left - high; x < right; x += 8) {
    pen.moveTo(x, height)
    pen.lineTo(x + high, axisHeight)
  }
  for (const x of [left + 0.5, right - 0.5]) {
    pen.moveTo(x, axisHeight)
    pen.lineTo(x, height)
  }
  pen.stroke()
  pen.restore()
}

function drawMark(
  { pen, width }: Sheet,
  { kind, tone, from, label }: Episode,
  y: number,
  xOf: (at: number) => number,
  colour: Colour,
): void {
  const x = xOf(from)
  pen.fillStyle = colour(tone)
  pen.beginPath()
  pen.moveTo(x, y + 2)
  pen.lineTo(x + 9, y + laneHeight - 4)
  pen.lineTo(x - 9, y + laneHeight - 4)
  pen.fill()
  // There are many faults, and one violation.
  if (kind !== 'violation') return
  const words = pen.measureText(label).width
  const left = x > width / 2 ? Math.max(3, x - 12 - words) : x + 12
  // It lies over the bars.
  pen.fillStyle = colour('surface')
  pen.fillRect(left - 3, y + 4, words + 6, 19)
  pen.fillStyle = colour(tone)
  pen.fillText(label, left, y + 14)
}

/** So that at most so many of them are seen. */
function stepOf(ms: number, most: number): number {
  const steps = [100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 3e4, 6e4, 12e4, 3e5, 6e5, 18e5, 36e5]
  return steps.find((step) => ms / step <= most) ?? 36e5 * Math.ceil(ms / 36e5 / most)
}

/** The episode at a place of the canvas, the most telling one where several are. */
export function episodeAt(picture: Picture, x: number, y: number, width: number): Episode | undefined {
  if (y < axisHeight) return undefined
  const lane = picture.lanes[Math.floor((y + (picture.top ?? 0) - axisHeight) / laneHeight)]
  const at = picture.from + (x / width) * (picture.to - picture.from)
  const slack = ((picture.to - picture.from) / width) * 3
  return picture.episodes.findLast(
    ({ path, kind, from, to }) =>
      (path === lane || kind === 'gap') && from - slack <= at && (to ?? picture.now) + slack >= at,
  )
}
