import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** Whether any of an element is on the screen. */
export function useOnScreen(element: RefObject<Element | null>): boolean {
  const [isOnScreen, setOnScreen] = useState(false)
  useEffect(() => {
    if (element.current === null) return
    const watching = new IntersectionObserver((entries) => setOnScreen(entries.at(-1)?.isIntersecting === true))
    watching.observe(element.current)
    return () => watching.disconnect()
  }, [])
  return isOnScreen
}
