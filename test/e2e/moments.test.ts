import { describe, expect, it } from 'vitest'
import type { FeedRecord } from '../../src/inspection-feed/record.ts'
import { readRecording } from '../../src/inspection-feed/recording.ts'
import { browserAndSite } from './support/browser-and-site.ts'
import { startDaemon } from './support/daemon.ts'
import { openPage } from './support/page.ts'
import { losslessBelt } from './support/site.ts'

const given = browserAndSite()

describe('a moment of the past', () => {
  it('has the phase and the uptime of then in the header, and ends with the daemon whose moment it is', async () => {
    const first = startDaemon(await given.site.configure([losslessBelt('belt-1')]))
    await first.until(
      'it has run for a while',
      ({ phase, at, startedAt }) => phase === 'running' && at - startedAt > 5e3,
    )
    const { page, complaints } = await openPage(given.browser, first.url())
    const header = page.locator('.page-header')
    await header.getByText('running', { exact: true }).waitFor()
    await page.getByRole('slider', { name: 'Moment that is shown' }).focus()
    await page.keyboard.press('Home')
    const past = page.getByText('This is a moment of the past')
    await past.waitFor()
    await header.getByText('was starting', { exact: true }).waitFor()
    expect(await header.locator('dd').first().innerText()).toBe('0 s')

    first.signal('SIGTERM')
    await first.exit
    await page
      .getByRole('status')
      .getByText(/does not answer/)
      .first()
      .waitFor()
    expect(await past.count()).toBe(1)
    const { port } = new URL(first.url())
    const second = startDaemon(await given.site.configure([losslessBelt('belt-1')], { http: `{ port: ${port} }` }))
    await header.getByText('running', { exact: true }).waitFor()
    expect(await past.count()).toBe(0)
    await page.getByRole('button', { name: 'Hold' }).waitFor()
    // A browser says of itself that nobody answered.
    expect(complaints.filter((complaint) => !/ERR_CONNECTION_REFUSED|WebSocket connection/.test(complaint))).toEqual([])
    second.signal('SIGTERM')
    expect(await second.exit).toEqual({ code: 0, signal: null })
  })

  it('has the pictures that the page had shown by then, and says where it had shown none', async () => {
    const daemon = startDaemon(await given.site.configure([losslessBelt('belt-1')]))
    await daemon.until('frames have been inspected for a while', ({ cameras: [belt], at, startedAt }) => {
      return (belt?.frames.inspected ?? 0) > 0 && at - startedAt > 5e3
    })
    const unseen = await lastRecord(daemon.url())
    const { page, complaints } = await openPage(given.browser, daemon.url())
    const capturedAt = new Map<string, number>()
    page.on('response', (response) => {
      const { 'x-frame': frame, 'x-captured-at': at = '' } = response.headers()
      if (frame !== undefined) capturedAt.set(`frame ${Number(frame).toLocaleString('en-US')}`, Date.parse(at))
    })
    const card = page.getByRole('article', { name: 'belt-1' })
    const live = card.getByRole('img', { name: /What belt-1 saw: frame/ })
    await live.waitFor()
    await live.evaluate(watchPictures)
    const watched = () => page.evaluate(watchedPictures)
    await expect.poll(async () => Object.keys(await watched()).length, { timeout: 20_000 }).toBeGreaterThan(2)
    const pictures = await watched()
    const [first = '', second = ''] = Object.keys(pictures)
    // The slider goes to what was recorded last.
    const recorded = () => lastRecord(daemon.url())
    await expect
      .poll(async () => (await recorded()).at, { timeout: 10_000 })
      .toBeGreaterThan(capturedAt.get(second)! + 500)

    const { at, monotonic } = await recorded()
    const moment = page.getByRole('slider', { name: 'Moment that is shown' })
    const past = card.getByRole('img', { name: /What belt-1 saw: picture of \d\d:\d\d:\d\d, 0 s before/ })
    for (const frame of [second, first]) {
      await moment.fill(String(capturedAt.get(frame)! + 20 - at + monotonic))
      await card.getByTitle(`${frame}, captured `).waitFor()
      await expect.poll(() => past.evaluate(pictureDrawn)).toBe(pictures[frame])
      await card.getByText(/^, of \d\d:\d\d:\d\d, \d+ s before$/).waitFor()
    }
    expect(pictures[first]).not.toBe(pictures[second])
    await moment.fill(String(unseen.monotonic))
    await card.getByText('no picture was shown by then', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Live' }).click()
    await live.waitFor()
    expect(complaints).toEqual([])
    daemon.signal('SIGTERM')
    expect(await daemon.exit).toEqual({ code: 0, signal: null })
  })
})

async function lastRecord(url: string): Promise<FeedRecord> {
  const { records } = readRecording(await (await fetch(`${url}/api/recording`)).text())
  const last = records.at(-1)
  if (last === undefined) throw new Error('Nothing has been recorded yet')
  return last
}

/** What is used of the browser by what runs there. */
interface Browser {
  readonly MutationObserver: new (changed: () => void) => {
    observe(element: unknown, what: { readonly attributeFilter: readonly string[] }): void
  }
  watched: Record<string, string>
}

interface Canvas {
  getAttribute(name: string): string | null
  toDataURL(): string
}

const pictureDrawn = (canvas: unknown): string => (canvas as Canvas).toDataURL()

/** Keeps what a preview shows as it says that it is `frame 12`. */
function watchPictures(element: unknown): void {
  const [canvas, browser] = [element as Canvas, globalThis as unknown as Browser]
  browser.watched = {}
  const changed = (): void => {
    const [frame] = /frame .*/.exec(canvas.getAttribute('aria-label') ?? '') ?? []
    if (frame !== undefined) browser.watched[frame] = canvas.toDataURL()
  }
  new browser.MutationObserver(changed).observe(canvas, { attributeFilter: ['aria-label'] })
}

const watchedPictures = (): Record<string, string> => (globalThis as unknown as Browser).watched
