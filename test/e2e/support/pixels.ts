import type { Locator, Page } from 'playwright-core'
import { axisHeight, laneHeight } from '../../../inspector/src/timeline/timeline-canvas.ts'

/** Part of a canvas, in the page's own pixels. */
interface Strip {
  readonly top: number
  readonly high: number
  /** All of its width where absent. */
  readonly left?: number
  readonly wide?: number
}

/** A name of the page's colours, `bad`: how many pixels of a canvas have it. Paler than a quiet bar of the timeline is none, such as the bands of charts. */
export const pixelsOf = (canvas: Locator, colour: string, strip?: Strip): Promise<number> =>
  canvas.evaluate(
    (element, { colour, strip }) => {
      interface Drawn {
        readonly width: number
        readonly height: number
        readonly clientWidth: number
        readonly clientHeight: number
        getContext(kind: '2d'): { getImageData(...box: number[]): { readonly data: ArrayLike<number> } }
      }
      interface Browser {
        readonly getComputedStyle: (element: unknown) => { readonly color: string }
        readonly document: {
          readonly body: { append(element: unknown): void }
          createElement(name: string): { style: { color: string }; remove(): void }
        }
      }
      const { document, getComputedStyle } = globalThis as unknown as Browser
      const probe = document.createElement('span')
      probe.style.color = `var(--${colour})`
      document.body.append(probe)
      const wanted = (getComputedStyle(probe).color.match(/\d+/g) ?? []).map(Number)
      probe.remove()
      const drawn = element as unknown as Drawn
      const scale = drawn.height / drawn.clientHeight
      const { top, high, left = 0, wide = drawn.clientWidth } = strip ?? { top: 0, high: drawn.clientHeight }
      const box = [left, top, wide, high].map((length) => Math.round(length * scale))
      const { data } = drawn.getContext('2d').getImageData(...box)
      let count = 0
      for (let at = 0; at < data.length; at += 4) {
        // A pale pixel's colour is kept as what it comes to, and so is not quite that which was given.
        const isLike = wanted.every((part, index) => Math.abs(part - (data[at + index] ?? 0)) <= 6)
        if (isLike && (data[at + 3] ?? 0) > 64) count++
      }
      return count
    },
    { colour, strip },
  )

/** The same in the timeline's lane of an actor, `cameras/dock-1`, without the lines around it. */
export async function lanePixels(page: Page, actor: string, colour: string): Promise<number> {
  const names = (await page.locator('.timeline li').allTextContents()).map((text) => text.trim())
  const lane = names.indexOf(actor)
  if (lane === -1) throw new Error(`There is no lane of ${actor}, only of ${names.join(', ')}`)
  const strip = { top: axisHeight + lane * laneHeight + 2, high: laneHeight - 3 }
  return pixelsOf(page.locator('.timeline canvas'), colour, strip)
}
