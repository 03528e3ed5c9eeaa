import { useEffect, useRef, useState } from 'preact/hooks'
import { count, moment, timeAgo, timeBefore } from './format.ts'
import { PictureAlbum, type ShownPicture } from './picture-album.ts'
import { useOnScreen } from './use-on-screen.ts'

interface PreviewProps {
  readonly id: string
  /** The daemon's wall time. */
  readonly now: number
}

/** The daemon makes no more than these. */
const everyMs = 500
/** After an answer without a picture. */
const laterMs = 5_000

/** Of every camera, for as long as the page is open. */
const album = new PictureAlbum()

/** The camera's last inspected frame with its boxes; asked for only while it is on the screen and somebody looks at the page. */
export function Preview({ id, now }: PreviewProps) {
  const place = useRef<HTMLElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const isOnScreen = useOnScreen(place)
  const [shown, setShown] = useState<ShownPicture>()
  useEffect(() => {
    if (!isOnScreen) return
    const ending = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async (): Promise<void> => {
      let wait = everyMs
      try {
        if (!document.hidden) {
          const picture = await fetchPicture(id, ending.signal)
          if (picture === undefined) wait = laterMs
          else {
            await draw(canvas.current, picture.jpeg)
            album.add(id, picture)
            setShown(picture)
          }
        }
      } catch {
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
  }, [id, isOnScreen])
  const words = shown === undefined ? 'no picture yet' : `frame ${count(shown.frame)}`
  return (
    <figure class="preview" ref={place}>
      <canvas ref={canvas} width={16} height={9} role="img" aria-label={`What ${id} saw: ${words}`} />
      <figcaption title={shown && `captured ${moment(shown.capturedAt)}`}>
        {words}
        {shown && `, ${timeAgo(shown.capturedAt, now)}`}
      </figcaption>
    </figure>
  )
}

/** At a moment of the past: the last picture up to it of those that the page has shown. */
export function PastPreview({ id, now }: PreviewProps) {
  const place = useRef<HTMLElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const isOnScreen = useOnScreen(place)
  const drawn = useRef<Promise<void>>(Promise.resolve())
  const picture = album.at(id, now)
  useEffect(() => {
    if (!isOnScreen || picture === undefined) return
    let isOver = false
    // One after the other, and of those that the slider has passed none.
    drawn.current = drawn.current.then(() => (isOver ? undefined : draw(canvas.current, picture.jpeg)))
    return () => {
      isOver = true
    }
  }, [picture, isOnScreen])
  const words =
    picture === undefined ? 'no picture was shown by then' : `picture ${timeBefore(picture.capturedAt, now)}`
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
      <figcaption title={picture && `frame ${count(picture.frame)}, captured ${moment(picture.capturedAt)}`}>
        {words}
      </figcaption>
    </figure>
  )
}

/** @throws the daemon does not answer; {signal.reason} */
async function fetchPicture(id: string, signal: AbortSignal): Promise<ShownPicture | undefined> {
  const answer = await fetch(`/api/cameras/${id}/preview.jpg`, { signal })
  if (!answer.ok) return undefined
  return {
    frame: Number(answer.headers.get('x-frame')),
    capturedAt: Date.parse(answer.headers.get('x-captured-at') ?? ''),
    jpeg: await answer.blob(),
  }
}

async function draw(canvas: HTMLCanvasElement | null, jpeg: Blob): Promise<void> {
  const picture = await createImageBitmap(jpeg)
  const { width, height } = picture
  if (canvas !== null && (canvas.width !== width || canvas.height !== height)) Object.assign(canvas, { width, height })
  canvas?.getContext('2d')?.drawImage(picture, 0, 0)
  picture.close()
}
