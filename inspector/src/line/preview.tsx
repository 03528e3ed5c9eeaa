import { useEffect, useRef, useState } from 'preact/hooks'
import { ask, patient, TurnedAwayError } from '../daemon/ask.ts'
import { count, moment, timeAgo, timeBefore } from '../parts/format.ts'
import { PictureAlbum, type ShownPicture } from './picture-album.ts'
import { previewIntervalMs } from './preview-interval.ts'
import { Turns } from './turns.ts'
import { useOnScreen } from './use-on-screen.ts'

interface PreviewProps {
  readonly id: string
  /** The daemon's wall time. */
  readonly now: number
  /** It does not go on: what is shown is the last picture up to it of those that were shown. */
  readonly isPast: boolean
}

/** After an answer without a picture. */
const laterMs = 5_000

/** A browser has six connections to a server: an operator's command must not wait behind pictures. */
const turns = new Turns(3)

/** Of every camera, for as long as the page is open. */
const album = new PictureAlbum()

/** The camera's last inspected frame with its boxes; asked for only while it is on the screen and somebody looks at the page. */
export function Preview({ id, now, isPast }: PreviewProps) {
  const place = useRef<HTMLElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const isOnScreen = useOnScreen(place)
  const [latest, setLatest] = useState(() => album.at(id, Infinity))
  /** The last one that was tried could not be drawn. */
  const [isBroken, setBroken] = useState(false)
  const drawn = useRef<Promise<void>>(Promise.resolve())
  const picture = isPast ? album.at(id, now) : latest
  useEffect(() => {
    if (!isOnScreen || isPast) return
    const ending = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async (): Promise<void> => {
      let wait = previewIntervalMs
      try {
        if (!document.hidden) {
          const found = await turns.take(() => fetchPicture(id, patient(ending.signal)), ending.signal)
          if (found === undefined) wait = laterMs
          else {
            album.add(id, found)
            setLatest(found)
          }
        }
      } catch (error) {
        if (error instanceof TurnedAwayError) return
        // The connection is lost, which the page says; the age below the picture goes on.
        wait = laterMs
      }
      if (!ending.signal.aborted) timer = setTimeout(() => void look(), wait)
    }
    void look()
    return () => {
      clearTimeout(timer)
      ending.abort()
    }
  }, [id, isOnScreen, isPast])
  useEffect(() => {
    if (!isOnScreen || picture === undefined) return
    let isOver = false
    // One after the other, and of those that the slider has passed meanwhile none.
    drawn.current = drawn.current.then(async () => {
      if (!isOver) setBroken(!(await draw(canvas.current, picture.jpeg)))
    })
    return () => {
      isOver = true
    }
  }, [picture, isOnScreen])
  const none = isPast ? 'no picture was shown by then' : 'no picture yet'
  const name =
    picture === undefined ? none : isPast ? `picture ${timeBefore(picture.capturedAt, now)}` : frameOf(picture)
  const words = picture !== undefined && isBroken ? `${name} cannot be drawn` : name
  return (
    <figure class="preview" ref={place}>
      {/* Another one where there is no picture: it is empty. */}
      <canvas
        key={picture === undefined ? 'empty' : 'drawn'}
        ref={canvas}
        width={16}
        height={9}
        role="img"
        aria-label={`What ${id} saw: ${words}`}
      />
      <figcaption title={picture && `${frameOf(picture)}, captured ${moment(picture.capturedAt)}`}>
        {words}
        {picture !== undefined && !isPast && `, ${timeAgo(picture.capturedAt, now)}`}
      </figcaption>
    </figure>
  )
}

const frameOf = ({ frame }: ShownPicture): string => `frame ${count(frame)}`

/** @throws {TurnedAwayError}; the daemon does not answer; {signal.reason} */
async function fetchPicture(id: string, signal: AbortSignal): Promise<ShownPicture | undefined> {
  const answer = await ask(`/api/cameras/${id}/preview.jpg`, signal)
  if (!answer.ok) return undefined
  return {
    frame: Number(answer.headers.get('x-frame')),
    capturedAt: Date.parse(answer.headers.get('x-captured-at') ?? ''),
    jpeg: await answer.blob(),
  }
}

/** Resolves with whether it could. A picture that the browser cannot decode leaves nothing behind: the one before it would be taken for it. */
async function draw(canvas: HTMLCanvasElement | null, jpeg: Blob): Promise<boolean> {
  const context = canvas?.getContext('2d')
  try {
    const picture = await createImageBitmap(jpeg)
    const { width, height } = picture
    if (canvas !== null && (canvas.width !== width || canvas.height !== height))
      Object.assign(canvas, { width, height })
    context?.drawImage(picture, 0, 0)
    picture.close()
    return true
  } catch {
    context?.clearRect(0, 0, canvas?.width ?? 0, canvas?.height ?? 0)
    return false
  }
}
