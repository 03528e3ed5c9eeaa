import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { views } from '../../inspector/src/place.ts'
import { tellStory } from '../inspector/page-records.ts'
import { browserAndSite } from './support/browser-and-site.ts'
import { inspect } from './support/inspect.ts'
import { openPage } from './support/page.ts'

const given = browserAndSite()

/** As long as they may be, and the same up to their ends. */
const names = ['hall-2-line-14-upper-conveyor-01', 'hall-2-line-14-upper-conveyor-02']
const reason = `rtsp://10.0.0.5/${'a'.repeat(284)}`

/** What has more in it than it shows, or is wider than its panel; a drawing may be. */
const cutOff = (page: Page): Promise<string[]> =>
  page.evaluate(`[...document.querySelectorAll('h3, th, td, .who, .why, .status, .timeline li label, .panel:not(.chart-panel), .now-in')]
    .filter((each) => each.clientWidth > 1 && each.scrollWidth > each.clientWidth + 1)
    .map((each) => each.className + ' ' + each.textContent.slice(0, 60))`)

describe('two cameras whose names differ in the last of 32 characters', () => {
  it('are told apart in every view, each with all of its reason, wide and narrow', async () => {
    const { start, enter, wait, records } = tellStory()
    for (const path of ['root', 'root/cameras']) start(path, null)
    for (const name of names) {
      start(`root/cameras/${name}`)
      enter(`root/cameras/${name}`, 'online.connecting', 'xstate.init', 'started')
      wait(100)
      enter(`root/cameras/${name}`, 'backingOff', 'x', reason)
    }
    wait(60_000)
    start('root/manifest')
    const header = { type: 'recording', version: 1, source: 'daemon', madeBy: 'belay 0.1.0', actors: [] }
    const file = join(given.site.folder, 'long.jsonl')
    expect(reason).toHaveLength(300)
    await writeFile(file, [header, ...records].map((entry) => `${JSON.stringify(entry)}\n`).join(''))
    const { page, complaints } = await openPage(given.browser, await inspect(file))
    for (const width of [1440, 1000, 380]) {
      await page.setViewportSize({ width, height: 800 })
      for (const view of views) {
        await page.evaluate(`location.hash = '#/${view}'`)
        await page.locator(`[aria-current=page][href="#/${view}"]`).waitFor()
        if (view === 'tree') await page.getByRole('button', { name: names[1]! }).waitFor()
        expect({ view, width, cut: await cutOff(page) }).toEqual({ view, width, cut: [] })
      }
    }
    expect(complaints).toEqual([])
    await page.close()
  })
})
