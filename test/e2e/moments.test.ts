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
    await daemon.until('it runs', ({ phase }) => phase === 'running')
    const url = daemon.url()
    const inspected = async () => (await recordsOf(url)).find(tellsOfInspected)
    await expect.poll(inspected, { timeout: 30_000 }).toBeDefined()
    const unseen = (await inspected())!
    const { page, complaints } = await openPage(given.browser, url)
    const pictures: Picture[] = []
    await page.route('**/preview.jpg', async (route) => {
      const response = await route.fetch()
      const body = await response.body()
      await route.fulfill({ response, body })
      const { 'x-frame': frame, 'x-captured-at': at = '' } = response.headers()
      const words = `frame ${Number(frame).toLocaleString('en-US')}`
      if (frame !== undefined) pictures.push({ words, capturedAt: Date.parse(at), jpeg: [...body] })
    })
    const card = page.getByRole('article', { name: 'belt-1' })
    const live = card.getByRole('img', { name: /What belt-1 saw: frame/ })
    await live.waitFor()
    await expect.poll(() => pictures.length, { timeout: 20_000 }).toBeGreaterThan(2)
    await page.unrouteAll({ behavior: 'wait' })
    const [first, second] = pictures as [Picture, Picture]
    const { at, monotonic } = (await recordsOf(url)).at(-1)!
    const moment = page.getByRole('slider', { name: 'Moment that is shown' })
    // The slider goes as far as the page has heard, and says nothing of what is beyond.
    const latest = () => moment.getAttribute('max').then((max) => Number(max) - monotonic + at)
    await expect.poll(latest).toBeGreaterThan(second.capturedAt + 100)

    const past = card.getByRole('img', { name: /What belt-1 saw: picture of \d\d:\d\d:\d\d, 0 s before/ })
    const expected = []
    for (const { words, capturedAt, jpeg } of [second, first]) {
      await moment.fill(String(capturedAt + 20 - at + monotonic))
      await card.getByTitle(`${words}, captured `).waitFor()
      const picture = await page.evaluate(drawnOf, jpeg)
      await expect.poll(() => past.evaluate(drawn).then((shown) => shown === picture)).toBe(true)
      await card.getByText(/^, of \d\d:\d\d:\d\d, \d+ s before$/).waitFor()
      expected.push(picture)
    }
    expect(new Set(expected).size).toBe(2)
    await moment.fill(String(unseen.monotonic))
    await card.getByText('no picture was shown by then', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Live' }).click()
    await live.waitFor()
    expect(complaints).toEqual([])
    await page.close()
    daemon.signal('SIGTERM')
    expect(await daemon.exit).toEqual({ code: 0, signal: null })
  })
})

async function recordsOf(url: string): Promise<readonly FeedRecord[]> {
  return readRecording(await (await fetch(`${url}/api/recording`)).text()).records
}

const tellsOfInspected = (record: FeedRecord): boolean =>
  record.type === 'gauges.read' && record.path === 'root/cameras/belt-1' && (record.values['inspected'] ?? 0) > 0

/** A preview as it came. */
interface Picture {
  readonly words: string
  readonly capturedAt: number
  readonly jpeg: number[]
}

interface Canvas {
  width: number
  height: number
  getContext(kind: '2d'): { drawImage(picture: unknown, x: number, y: number): void }
  toDataURL(): string
}

const drawn = (canvas: unknown): string => (canvas as Canvas).toDataURL()

/** In the browser: what a canvas has when a JPEG was drawn there. */
async function drawnOf(jpeg: number[]): Promise<string> {
  interface Browser {
    createImageBitmap(of: Blob): Promise<{ readonly width: number; readonly height: number }>
    readonly document: { createElement(name: 'canvas'): Canvas }
  }
  const browser = globalThis as unknown as Browser
  const picture = await browser.createImageBitmap(new Blob([new Uint8Array(jpeg)]))
  const { width, height } = picture
  const canvas = Object.assign(browser.document.createElement('canvas'), { width, height })
  canvas.getContext('2d').drawImage(picture, 0, 0)
  return canvas.toDataURL()
}
