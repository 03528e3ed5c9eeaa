import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tellStory } from '../inspector/page-records.ts'
import { browserAndSite } from './support/browser-and-site.ts'
import { inspect } from './support/inspect.ts'
import { openPage } from './support/page.ts'

const given = browserAndSite()

/** How far what has the focus lies beneath what sticks to the window's edges; in the browser. */
const hidden = `(() => {
  const { top, bottom } = document.activeElement.getBoundingClientRect()
  const header = document.querySelector('.page-header').getBoundingClientRect()
  const scrubber = document.querySelector('.scrubber').getBoundingClientRect()
  return Math.max(0, header.bottom - top, bottom - scrubber.top)
})()`

describe('somebody without a mouse', () => {
  it.each([1280, 380])('sees what has the focus, however far down the tree it is, at %i pixels', async (width) => {
    const { start, enter, records } = tellStory()
    for (const path of ['root', 'root/cameras']) start(path, null)
    for (let each = 1; each <= 40; each++) {
      start(`root/cameras/dock-${each}`)
      enter(`root/cameras/dock-${each}`, 'online.open.streaming', 'x', 'pictures arrive')
    }
    const header = { type: 'recording', version: 1, source: 'daemon', madeBy: 'belay 0.1.0', actors: [] }
    const file = join(given.site.folder, 'many.jsonl')
    await writeFile(file, [header, ...records].map((entry) => `${JSON.stringify(entry)}\n`).join(''))
    const { page, show } = await openPage(given.browser, await inspect(file))
    await page.setViewportSize({ width, height: 700 })
    await show('Tree')
    await page.getByRole('button', { name: 'dock-1', exact: true }).focus()
    for (let each = 2; each <= 40; each++) {
      await page.keyboard.press('Tab')
      const button = page.getByRole('button', { name: `dock-${each}`, exact: true })
      expect(await button.and(page.locator(':focus-visible')).count()).toBe(1)
      expect({ each, hidden: await page.evaluate(hidden) }).toEqual({ each, hidden: 0 })
    }
    await page.close()
  })
})
