import { useEffect, useRef, useState } from 'preact/hooks'
import { type Episode, isMark, whose } from './episode.ts'
import { moment, span } from '../parts/format.ts'
import type { Sheet } from './pen.ts'
import type { Scene } from '../history/scene.ts'
import {
  axisHeight,
  drawTimeline,
  episodeAt,
  laneHeight,
  latestDeadline,
  type Picture,
  roomAhead,
} from './timeline-canvas.ts'
import { useColours } from '../parts/use-colours.ts'

interface LanesProps {
  readonly lanes: readonly string[]
  readonly episodes: readonly Episode[]
  readonly scene: Scene
  readonly from: number
  readonly to: number
  readonly length: number
  readonly onMoment: (monotonic: number) => void
  readonly onZoom: (by: 1 | -1) => void
}

/** The lanes as a picture, which goes on by itself while time does. */
export function Lanes({ lanes, episodes, scene, from, to, length, onMoment, onZoom }: LanesProps) {
  const place = useRef<HTMLCanvasElement>(null)
  const [hint, setHint] = useState<string>()
  const colour = useColours()
  const renderedAt = performance.now()
  const latest = latestDeadline(episodes)

  const scrolled = (): number => place.current?.closest('.timeline')?.scrollTop ?? 0

  const pictureAt = (now: number): Picture => {
    const start = length === Infinity ? from : Math.max(from, now - length)
    const end = now + roomAhead(latest - now, now - start)
    const nowWords = scene.isPast && { nowWords: moment(scene.now).slice(11) }
    return { lanes, episodes, from: start, to: Math.max(end, start + 1), now, top: scrolled(), ...nowWords }
  }
  useEffect(() => {
    const canvas = place.current
    const pen = canvas?.getContext('2d')
    if (canvas === null || pen == null) return
    let frame = 0
    let drawn: Picture | undefined
    const draw = (): void => {
      frame = requestAnimationFrame(draw)
      // The present goes on between two messages of the feed; until it has gone by a pixel there is nothing to draw.
      const now = scene.isGoingOn ? to + (performance.now() - renderedAt) : to
      const picture = pictureAt(now)
      const pixelMs = (picture.to - picture.from) / (canvas.clientWidth * devicePixelRatio)
      if (drawn !== undefined && drawn.top === picture.top && now - drawn.now < pixelMs) return
      drawTimeline(sheetOf(canvas, pen), picture, colour)
      drawn = picture
    }
    draw()
    return () => cancelAnimationFrame(frame)
  })
  const height = `${axisHeight + lanes.length * laneHeight}px`
  return (
    <div class="lanes">
      <div style={{ height }}>
        <canvas
          ref={place}
          aria-hidden="true"
          style={{ height }}
          onMouseMove={({ offsetX, offsetY, currentTarget }) => {
            const found = episodeAt(pictureAt(to), offsetX, offsetY, currentTarget.clientWidth)
            setHint(found && wordsOf(found, to))
          }}
          onMouseLeave={() => setHint(undefined)}
          onWheel={(event) => {
            if (!event.ctrlKey) return
            event.preventDefault()
            onZoom(event.deltaY > 0 ? 1 : -1)
          }}
          onClick={({ offsetX, currentTarget }) => {
            const picture = pictureAt(to)
            onMoment(Math.min(to, picture.from + (offsetX / currentTarget.clientWidth) * (picture.to - picture.from)))
          }}
        />
      </div>
      <p class="hint" aria-hidden="true">
        {hint ?? 'Click to see everything at that moment; the wheel with Ctrl zooms.'}
      </p>
    </div>
  )
}

/** As large as it is shown, and as fine as the screen is. */
function sheetOf(canvas: HTMLCanvasElement, pen: CanvasRenderingContext2D): Sheet {
  const scale = devicePixelRatio
  const { clientWidth: width, clientHeight: height } = canvas
  const [wide, high] = [Math.round(width * scale), Math.round(height * scale)]
  // Whatever is set anew is emptied, also where it is set to what it was.
  if (canvas.width !== wide) canvas.width = wide
  if (canvas.height !== high) canvas.height = high
  pen.setTransform(scale, 0, 0, scale, 0, 0)
  return { pen, width, height }
}

const wordsOf = ({ path, label, from, to, why, kind }: Episode, now: number): string =>
  `${whose(path)}: ${label}${isMark(kind) ? '' : `, ${span((to ?? now) - from)}`}${why === null ? '' : `; ${why}`}`
