import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ViewName } from '../../inspector/src/place.ts'
import { readRecording } from '../../src/inspection-feed/recording.ts'
import { launchChromium } from './support/chromium.ts'
import { killLeftovers } from './support/daemon.ts'
import { faultsInEveryLook } from './support/every-look.ts'
import { type FaultyLine, startFaultyLine } from './support/faulty-line.ts'
import { dropFile, faultsFound, openPage } from './support/page.ts'
import { lanePixels, pixelsOf } from './support/pixels.ts'
import { createSite, type Site } from './support/site.ts'

let browser: Browser
let site: Site
/** One for all of these tests: they look, each at a page of its own, and the last one ends it. */
let line: FaultyLine
beforeAll(async () => {
  browser = await launchChromium()
  site = await createSite()
  line = await startFaultyLine(site)
})
afterAll(async () => {
  killLeftovers()
  await browser.close()
  await site.tearDown()
})

const texts = async (locator: Locator): Promise<string[]> =>
  (await locator.allTextContents()).map((text) => text.trim())

describe('the inspector beside a line on which much has gone wrong', () => {
  it('shows in each view what is wrong and why, saves it as one file, and shows that again', async () => {
    const { address } = line
    const { page, complaints, show } = await openPage(browser, address)

    const attention = page.getByRole('region', { name: /Needs attention/ })
    const named = (name: string) => attention.getByRole('listitem').filter({ hasText: name })
    await named('cameras/dock-3').getByText('crashed').waitFor()
    await named('cameras/dock-3')
      .getByText(/injected: the belt of seed 13 cannot be drawn/)
      .waitFor()
    await named('cameras/dock-2')
      .getByText(/refused/)
      .waitFor()
    await named('uploader').getByText('backing off').waitFor()
    expect((await texts(attention.locator('.who')))[0]).toBe('cameras/dock-3')
    await page.getByRole('article', { name: 'dock-1' }).getByText('streaming', { exact: true }).waitFor()
    await page.getByRole('article', { name: 'slow' }).getByText('paused', { exact: true }).waitFor()
    await page.getByRole('article', { name: 'slow' }).getByText('1 timeout').waitFor()
    const wedged = page.getByRole('article', { name: 'Inference' }).locator('.figure').filter({ hasText: 'wedged' })
    expect(await texts(wedged.locator('dd'))).toEqual(['1'])
    // What was given up is none of those that take frames.
    const busy = page.getByRole('article', { name: 'Inference' }).locator('.figure').filter({ hasText: 'busy workers' })
    await busy.getByText(/^[012] of 2$/).waitFor()
    const uploader = page.getByRole('article', { name: 'Uploader' })
    await uploader.getByText('1 in conflict with a file on the server, 1 changed or gone since sealed').waitFor()
    await uploader.getByText(/undelivered for/).waitFor()
    // What no state tells of needs attention too.
    for (const words of ['1 of 2 inference threads hangs', 'set aside: conflict', 'set aside: refused']) {
      await named(words).waitFor()
    }
    const { width: reason = 0 } = (await named('cameras/dock-3').locator('.why').boundingBox()) ?? {}
    expect(reason).toBeGreaterThan(200)
    // With all that is wrong above the cameras, what comes after them is still on the first screen.
    await page.setViewportSize({ width: 1200, height: 900 })
    const { y: scrubber = 0 } = (await page.getByRole('group', { name: 'Moment' }).boundingBox()) ?? {}
    for (const name of ['Inference', 'CSV writer', 'Uploader']) {
      const figures = page.getByRole('article', { name }).locator('.figures')
      const { y = Infinity, height = 0 } = (await figures.boundingBox()) ?? {}
      expect(y + height, `the figures of ${name}`).toBeLessThan(scrubber)
    }

    await show('Tree')
    const crashed = page.getByRole('row', { name: /^dock-3 crashed/ })
    const left = crashed.getByRole('meter', { name: 'restarts left' })
    expect(await left.evaluate((meter) => (meter as unknown as { value: number }).value)).toBe(0)
    await crashed.getByRole('button').click()
    await page.getByText(/^Last decision of its supervisor: crash/).waitFor()
    await page.getByLabel('in order').selectOption('fewest restarts left')
    expect((await texts(page.locator('.tree tbody th')))[0]).toBe('dock-3')
    await page.getByLabel('in order').selectOption('fullest mailbox')
    const words = await texts(page.locator('.tree tbody td.mailbox'))
    expect(words[0]).toMatch(/^\d+, most \d+$/)
    const mailboxes = words.map((text) => (text === '' ? [-1, -1] : text.split(', most ').map(Number)))
    expect(mailboxes).toEqual(mailboxes.toSorted(([a = 0, most = 0], [b = 0, its = 0]) => b - a || its - most))

    await show('Machine')
    await page.locator('.toolbar select').selectOption('cameras/dock-2')
    await page
      .getByRole('row', { name: /connecting.*backing off.*frameStream failed/ })
      .first()
      .waitFor()

    const times = page.getByRole('region', { name: 'Time spent in each state' })
    await times.getByRole('row', { name: /^streaming .*(once|times)$/ }).waitFor()
    await times.getByRole('row', { name: /^backing off .*(once|times)$/ }).waitFor()

    await show('Timeline')
    await page
      .getByRole('row', { name: /^cameras\/dock-3 crash and restart/ })
      .first()
      .waitFor()
    for (const [actor, colour] of [
      ['cameras/dock-1', 'good'],
      ['cameras/dock-2', 'warn'],
      ['cameras/dock-3', 'bad'],
      ['uploader', 'warn'],
    ] as const) {
      await expect.poll(() => lanePixels(page, actor, colour), { message: actor }).toBeGreaterThan(100)
    }
    expect(await lanePixels(page, 'cameras/dock-1', 'bad')).toBe(0)
    await page.getByText(/\d+ quiet states are listed by “only states”\.$/).waitFor()
    await page.getByLabel('only').selectOption('states')
    // On a slow machine it may have been lost and found again.
    await page
      .getByRole('row', { name: /^cameras\/dock-1 streaming/ })
      .first()
      .waitFor()
    await page.getByLabel('only').selectOption('uploads')
    await page
      .getByRole('row', { name: /^uploader conflict: .*\.csv/ })
      .first()
      .waitFor()
    await page
      .getByRole('row', { name: /^uploader .*\(waits\)/ })
      .first()
      .waitFor()
    await page.getByLabel('with').fill('conflict')
    await page
      .getByRole('link', { name: /^File .*\.csv$/ })
      .first()
      .press('Enter')
    await page
      .getByRole('list', { name: /^History of file/ })
      .getByText('conflict')
      .waitFor()

    await show('Files')
    const conflict = page.getByRole('row', { name: /conflict/ }).first()
    await conflict.getByRole('button', { name: /\.csv$/ }).click()
    await page
      .getByRole('list', { name: /^History of file/ })
      .getByText('conflict')
      .waitFor()
    await page
      .getByRole('row', { name: /refused/ })
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Send 2 set aside again' }).waitFor()
    // At a moment of the past by what was recorded up to then: before anything of it happened there is nothing.
    const told = page.getByText(/^As the records tell it, up to this moment/)
    await page.getByRole('button', { name: 'Hold' }).click()
    await told.waitFor()
    await conflict.getByRole('button', { name: /\.csv$/ }).waitFor()
    expect(await page.getByRole('button', { name: /^Send/ }).count()).toBe(0)
    await page.getByRole('slider', { name: 'Moment that is shown' }).focus()
    await page.keyboard.press('Home')
    await page.getByText('No file is like that.').waitFor()
    await page.getByRole('button', { name: 'Live' }).click()
    await page.getByRole('button', { name: 'Send 2 set aside again' }).waitFor()

    await show('Charts')
    const chart = (title: string) => page.getByRole('figure').filter({ hasText: title })
    await chart('Files not delivered')
      .getByText(/uploader \d+/)
      .waitFor()
    await chart('Upload lag')
      .getByText(/uploader .*s/)
      .waitFor()
    await chart('Free room on the data folder')
      .getByText(/csv-writer .*B/)
      .waitFor()
    await chart('Inspected a second').getByText('dock-1').waitFor()
    for (const title of ['Inspected a second', 'Files not delivered', 'Free room on the data folder'])
      await expect.poll(() => pixelsOf(chart(title).locator('canvas'), 'busy'), { message: title }).toBeGreaterThan(100)
    const all = page.getByRole('button', { name: 'All' })
    expect(await all.isDisabled()).toBe(true)
    const plot = chart('Latency').getByRole('img')
    await plot.focus()
    await page.keyboard.press('+')
    expect(await all.isDisabled()).toBe(false)
    await page.keyboard.press('0')
    expect(await all.isDisabled()).toBe(true)
    await plot.hover()
    await page.keyboard.down('Control')
    await page.mouse.wheel(0, -100)
    await page.keyboard.up('Control')
    await expect.poll(() => all.isDisabled()).toBe(false)
    await all.click()
    expect(await faultsFound(page)).toEqual([])

    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save as a file' }).click()
    const download = await downloading
    const name = download.suggestedFilename()
    expect(name).toMatch(/^belay-.*\.jsonl$/)
    const file = join(site.folder, name)
    await download.saveAs(file)
    const saved = await readFile(file, 'utf8')
    const { header } = readRecording(saved)
    expect(header.trends?.filter(({ span, series }) => span === '3d' && series.length > 0).length).toBeGreaterThan(5)

    // The page goes on beside it: a second one shows the file.
    const other = await openPage(browser, address)
    await dropFile(other.page, name, saved)
    await other.page.getByText(`Recording ${name}`).waitFor()
    await other.page.getByRole('article', { name: 'dock-3' }).getByText('crashed').waitFor()
    await other.show('Tree')
    await other.page.getByLabel('in order').selectOption('fullest mailbox')
    expect((await texts(other.page.locator('.tree tbody td.mailbox')))[0]).toMatch(/^\d+, most \d+$/)
    await other.show('Files')
    const set = other.page.getByRole('row', { name: /conflict/ }).first()
    await set.getByRole('button', { name: /\.csv$/ }).click()
    await other.page
      .getByRole('list', { name: /^History of file/ })
      .getByText('conflict')
      .waitFor()
    await other.show('Timeline')
    await other.page.getByLabel('last').selectOption('all')
    await other.page.getByLabel('with').fill('conflict')
    await other.page
      .getByRole('link', { name: /^File .*\.csv$/ })
      .first()
      .press('Enter')
    await other.page
      .getByRole('list', { name: /^History of file/ })
      .getByText('conflict')
      .waitFor()
    await other.show('Charts')
    await other.page.getByLabel('over').selectOption('1 h')
    await other.page
      .getByRole('figure')
      .filter({ hasText: 'Latency' })
      .getByText(/dock-1 \d/)
      .waitFor()
    expect(other.complaints).toEqual([])
    await other.page.close()
    expect(complaints).toEqual([])
    await page.close()
  })

  it('has nothing serious for axe with rows open and actors chosen, fits into 380 pixels, and leaves nothing out there', async () => {
    const { daemon, address } = line
    const { page, complaints } = await openPage(browser, address)
    const open = async (name: string | RegExp) => {
      const button = page.getByRole('button', { name, expanded: false }).first()
      await button.click()
    }
    const prepare = async (view: ViewName) => {
      if (view === 'tree') for (const name of ['dock-3', 'dock-2', 'uploader', 'cameras']) await open(name)
      if (view === 'timeline') {
        await page.getByLabel('last').selectOption('5 min')
        for (const name of ['uploader', 'csv-writer']) await page.getByRole('checkbox', { name }).check()
        await page.getByRole('img', { name: /root\/uploader\/delivery to root\/uploader: / }).waitFor()
      }
      if (view === 'files') {
        await page.getByLabel('state').selectOption('all')
        // A row of the list before may not be in this one.
        await page.locator('[aria-label="List of files"][aria-busy=false]').waitFor()
        await open(/\.csv$/)
        await page.getByRole('list', { name: /^History of file/ }).waitFor()
      }
    }
    const faults = await faultsInEveryLook(page, daemon.url(), prepare)
    expect(faults, faults.join('; ')).toEqual([])

    await page.setViewportSize({ width: 380, height: 800 })
    await page.goto(`${daemon.url()}/#/tree`)
    await open('dock-3')
    await page.getByText(/life \d+ · 0 restarts left$/).waitFor()
    await open('dock-2')
    await page.getByText(/^mailbox \d+, most \d+ · life 1 · \d restarts left$/).waitFor()
    await page.goto(`${daemon.url()}/#/files`)
    await page
      .getByRole('row', { name: /conflict/ })
      .getByRole('button', { name: /\.csv$/ })
      .first()
      .click()
    await page.getByText(/^sealed .* ago · \d+ rows? · [\d.]+ k?B · \d+ failed tr(y|ies)$/).waitFor()
    expect(complaints).toEqual([])
    await page.close()
  }, 300_000)

  it('shows how it stops', async () => {
    const { daemon, address } = line
    const { page, complaints, show } = await openPage(browser, address)
    await show('Timeline')
    await page.getByLabel('only').selectOption('deadlines')
    daemon.signal('SIGTERM')
    await page.getByRole('row', { name: /^inference 10 s to drain/ }).waitFor()
    // By then the daemon may have gone, which the browser says too.
    expect(complaints.filter((words) => !words.includes('ERR_CONNECTION_REFUSED'))).toEqual([])
    expect(await daemon.exit).toEqual({ code: null, signal: 'SIGKILL' })
    // What could not even be begun left nothing behind that a next life waits for.
    expect(daemon.log.filter(({ reason }) => String(reason).startsWith('a disposer of'))).toEqual([])
    await page.close()
  })
})
