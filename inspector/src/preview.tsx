import { useEffect, useRef, useState } from 'preact/hooks'
import { count, duration, moment } from './format.ts'

interface PreviewProps {
  readonly id: string
  /** The daemon's wall time. */
  readonly now: number
}

/** Which frame is shown. */
interface Shown {
  readonly frame: number
  readonly capturedAt: number
}

/** The daemon makes no more than these. */
const everyMs = 500
/** Until it is looked again whether it has come onto the screen. */
const noticeMs = 100
/** After an answer without a picture. */
const laterMs = 5_000

/** The camera's last inspected frame with its boxes; asked for only while it is on the screen and somebody looks at the page. */
export function Preview({ id, now }: PreviewProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [shown, setShown] = useState<Shown>()
  useEffect(() => {
    const place = canvas.current
    if (place === null) return
    const ending = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    let isOnScreen = false
    const look = async (): Promise<void> => {
      let wait = isOnScreen ? everyMs : noticeMs
      try {
        if (isOnScreen && !document.hidden) {
          const found = await draw(place, id, ending.signal)
          if (found === undefined) wait = laterMs
          else setShown(found)
        }
      } catch {
        // The connection is lost, which the page says; the age below the picture goes on.
        wait = laterMs
      }
      if (!ending.signal.aborted) timer = setTimeout(() => void look(), wait)
    }
    const watching = new IntersectionObserver((entries) => (isOnScreen = entries.at(-1)?.isIntersecting === true))
    watching.observe(place)
    void look()
    return () => {
      clearTimeout(timer)
      watching.disconnect()
      ending.abort()
    }
  }, [id])
  const words = shown === undefined ? 'no picture yet' : `frame ${count(shown.frame)}`
  return (
    <figure class="preview">
      <canvas ref={canvas} width={16} height={9} role="img" aria-label={`What ${id} saw: ${words}`} />
      <figcaption title={shown && `captured ${moment(shown.capturedAt)}`}>
        {words}
        {shown && `, ${duration(now - shown.capturedAt)} ago`}
      </figcaption>
    </figure>
  )
}

/** @throws the daemon does not answer; {signal.reason} */
async function draw(canvas: HTMLCanvasElement, id: string, signal: AbortSignal): Promise<Shown | undefined> {
  const answer = await fetch(`/api/cameras/${id}/preview.jpg`, { signal })
  if (!answer.ok) return undefined
  const picture = await createImageBitmap(await answer.blob())
  if (canvas.width !== picture.width || canvas.height !== picture.height)
    Object.assign(canvas, { width: picture.width, height: picture.height })
  canvas.getContext('2d')?.drawImage(picture, 0, 0)
  picture.close()
  return {
    frame: Number(answer.headers.get('x-frame')),
    capturedAt: Date.parse(answer.headers.get('x-captured-at') ?? ''),
  }
}
