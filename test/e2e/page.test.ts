import { readFile, writeFile } from 'node:fs/promises'
import type { Locator } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { startDaemon } from './support/daemon.ts'
import { browserAndSite } from './support/browser-and-site.ts'
import { faultsFound, openPage } from './support/page.ts'
import { losslessBelt, rtspCamera } from './support/site.ts'

/** What is used of a canvas, in the browser. */
interface HTMLCanvasLike {
  toDataURL(): string
  getContext(kind: '2d'): { getImageData(...area: number[]): { readonly data: Iterable<number> } }
}

const given = browserAndSite()

describe('the page', () => {
  it('says that a configuration was refused, and why, until one is applied', async () => {
    const file = await given.site.configure([losslessBelt('belt-1')])
    const right = await readFile(file, 'utf8')
    const daemon = startDaemon(file)
    await daemon.until('it runs', ({ phase }) => phase === 'running')
    const page = await given.browser.newPage()
    await page.goto(daemon.url())
    await page.getByRole('article', { name: 'belt-1' }).getByText('streaming', { exact: true }).waitFor()
    const refused = page.getByRole('region', { name: /Needs attention/ }).getByRole('listitem')
    expect(await refused.filter({ hasText: 'configuration' }).count()).toBe(0)

    await writeFile(file, right.replace('picture: ', 'pictures: '))
    daemon.signal('SIGHUP')
    await refused.filter({ hasText: /configuration.*refused.*pictures/s }).waitFor()
    await writeFile(file, right)
    daemon.signal('SIGHUP')
    await refused.filter({ hasText: 'configuration' }).waitFor({ state: 'detached' })
    await page.close()
    daemon.signal('SIGTERM')
    await daemon.exit
  })

  it('shows the tree, each camera with its state and why, and counts that move; and that the daemon has gone', async () => {
    const daemon = startDaemon(
      await given.site.configure([losslessBelt('belt-1'), rtspCamera('nowhere', 'rtsp://127.0.0.1:9/stream')]),
    )
    await daemon.until('files are delivered', ({ uploader }) => uploader.files.delivered > 0)
    const page = await given.browser.newPage()
    const complaints: string[] = []
    const strangers: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())))
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== new URL(daemon.url()).origin) strangers.push(request.url())
    })
    await page.goto(daemon.url())

    const belt = page.getByRole('article', { name: 'belt-1' })
    await belt.getByText('streaming', { exact: true }).waitFor()
    const nowhere = page.getByRole('article', { name: 'nowhere' })
    await nowhere.getByText('backing off', { exact: true }).waitFor()
    await nowhere.getByText(/cannot be reached: .*refused/i).waitFor()

    // Each camera's figures, and those of what comes after it.
    const said = async (card: Locator, label: string) =>
      card.locator('.figure, .lines').filter({ hasText: label }).first().innerText()
    const rate = async () => Number(/inspected\/s\s+([\d.]+)/.exec(await said(belt, 'inspected/s'))?.[1])
    await expect.poll(rate, { timeout: 20_000 }).toBeGreaterThan(0)
    expect(await said(belt, 'latency')).toMatch(/latency p50 \/ p95\s+[\d.]+ m?s \/ [\d.]+ m?s/)
    expect(await said(belt, 'last result')).toMatch(/last result\s+\w+ \d\.\d\d/)
    expect(await said(nowhere, 'last result')).toMatch(/last result\s+none yet/)
    const article = (name: string) => page.getByRole('article', { name })
    expect(await said(article('Inference'), 'busy')).toMatch(/busy workers\s+[01] of 1/)
    // Two frames of a lossless camera, one of a live one.
    expect(await said(article('Inference'), 'waiting')).toMatch(/waiting\s+[0-3] of 3/)
    expect(await said(article('Uploader'), 'sending')).toMatch(/sending\s+\d+ of 100/)
    expect(await said(article('CSV writer'), 'queue')).toMatch(/queue\s+\d+ of 200/)
    expect(await said(article('CSV writer'), 'disk')).toMatch(/disk\s+[\d.]+ [MGT]B free/)
    expect(await said(article('Uploader'), 'oldest')).toMatch(/oldest\s+(nothing waits|undelivered for \d+ s)/)
    // Of the process itself.
    await expect(page.locator('.page-header .facts').innerText()).resolves.toMatch(
      /memory\s+\d+ MB\s+event loop\s+[\d.]+ m?s/,
    )

    // Few cards share all the room there is.
    await page.setViewportSize({ width: 1440, height: 900 })
    const row = await page.locator('.cards').first().boundingBox()
    const last = await nowhere.boundingBox()
    expect((last?.x ?? 0) + (last?.width ?? 0)).toBeCloseTo((row?.x ?? 0) + (row?.width ?? 0), 0)

    // What it saw, drawn, and another frame a moment later; nothing is asked of a camera that has seen nothing.
    const preview = belt.getByRole('img', { name: /What belt-1 saw: frame/ })
    await preview.waitFor()
    const frame = async () => Number((await preview.getAttribute('aria-label'))?.replace(/\D+1|\D/g, ''))
    const before = await frame()
    await expect.poll(frame, { timeout: 20_000 }).toBeGreaterThan(before)
    const colours = await preview.evaluate((element) => {
      const { width, height } = element as unknown as { width: number; height: number }
      const drawn = (element as unknown as HTMLCanvasLike).getContext('2d').getImageData(0, 0, width, height).data
      return { width, height, colours: new Set(drawn).size }
    })
    expect(colours).toMatchObject({ width: 320, height: 240 })
    expect(colours.colours).toBeGreaterThan(10)
    expect(await nowhere.locator('canvas').count()).toBe(0)

    // Live: what the page says of inspected frames grows without a reload.
    const inspected = async () =>
      Number(/inspected\s*([\d\s,.\u202f]+)/i.exec(await belt.innerText())?.[1]?.replace(/\D/g, ''))
    const first = await inspected()
    expect(first).toBeGreaterThan(0)
    await expect.poll(inspected, { timeout: 20_000 }).toBeGreaterThan(first)

    await page.getByRole('link', { name: 'Tree' }).click()
    const tree = page.getByRole('region', { name: 'Supervision tree' })
    for (const actor of ['log', 'manifest', 'csv-writer', 'uploader', 'inspector', 'inference', 'cameras', 'belt-1']) {
      await tree.getByText(actor, { exact: true }).first().waitFor()
    }

    // Of several machines the one in trouble is chosen, once; the address says which.
    expect(await page.title()).toBe(`Belay – ${new URL(daemon.url()).host}`)
    await page.getByRole('link', { name: 'Machine' }).click()
    await page.waitForURL(/#\/machine\/root\/cameras\/nowhere$/)
    await page.goto(`${daemon.url()}/#/machine/root/cameras/gone`)
    await page.getByText('No machine cameras/gone is there at this moment.').waitFor()

    // A delivered file is not among those that are listed first.
    await page.goto(`${daemon.url()}/#/files/1`)
    const linked = page.getByRole('region', { name: 'File 1', exact: true })
    await linked.getByRole('list', { name: 'History of file 1' }).getByText('delivered').first().waitFor()
    expect(complaints).toEqual([])
    expect(strangers).toEqual([])

    daemon.signal('SIGTERM')
    expect(await daemon.exit).toEqual({ code: 0, signal: null })
    // What is read out says so once, and not each second when.
    await page
      .getByRole('status')
      .getByText(/does not answer; trying again$/)
      .waitFor()
    await page
      .locator('.connection')
      .getByText(/trying again in \d+ s$/)
      .waitFor()
    await page.evaluate(noteWhatIsReadOut)
    await page.getByRole('link', { name: 'Timeline' }).click()
    await page.getByRole('checkbox', { name: 'cameras/belt-1' }).waitFor()
    const lanes = () =>
      page.locator('.lanes canvas').evaluate((canvas) => (canvas as unknown as HTMLCanvasLike).toDataURL())
    await page.waitForEvent('websocket')
    const drawn = await lanes()
    await page.waitForEvent('websocket')
    await page
      .locator('.connection')
      .getByText(/trying again in \d+ s$/)
      .waitFor()
    expect(await page.evaluate('globalThis.readOut')).toEqual([])
    expect(await lanes()).toBe(drawn)
    // What was last known can be read as well as what is live.
    await page.getByText('Not live: this is what was last known.').waitFor()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      expect(await faultsFound(page)).toEqual([])
    }
  })

  it('reads nothing out while nothing happens but that time goes on', async () => {
    const daemon = startDaemon(await given.site.configure([losslessBelt('belt-1')]))
    await daemon.until('it runs', ({ phase }) => phase === 'running')
    const { page } = await openPage(given.browser, daemon.url())
    await page.getByRole('article', { name: 'belt-1' }).getByText('streaming', { exact: true }).waitFor()
    await page.evaluate(noteWhatIsReadOut)
    const moment = page.getByRole('group', { name: 'Moment' }).getByText(/^\d+-\d\d-\d\d \d\d:/)
    for (let times = 0; times < 4; times++) {
      const before = await moment.innerText()
      await expect.poll(() => moment.innerText()).not.toBe(before)
    }
    expect(await page.evaluate('globalThis.readOut')).toEqual([])
    await page.close()
    daemon.signal('SIGTERM')
    await daemon.exit
  })

  it('says of a picture that it cannot be drawn, shows no other in its place, and draws the next one', async () => {
    const daemon = startDaemon(await given.site.configure([losslessBelt('belt-1')]))
    await daemon.until('frames are inspected', ({ cameras }) => (cameras[0]?.frames.inspected ?? 0) > 0)
    const page = await given.browser.newPage()
    await page.addInitScript(`{
      const make = createImageBitmap
      globalThis.createImageBitmap = (of) => globalThis.isBroken ? Promise.reject(new Error('no memory')) : make(of)
    }`)
    await page.goto(daemon.url())
    const canvas = page.getByRole('img', { name: /^What belt-1 saw: frame/ })
    const colours = () =>
      canvas.evaluate((element) => {
        const { width, height } = element as unknown as { width: number; height: number }
        return new Set((element as unknown as HTMLCanvasLike).getContext('2d').getImageData(0, 0, width, height).data)
          .size
      })
    const caption = page.getByRole('article', { name: 'belt-1' }).locator('figcaption')
    await expect.poll(colours).toBeGreaterThan(10)
    await page.evaluate('globalThis.isBroken = true')
    await caption.getByText(/^frame [\d,]+ cannot be drawn, \d+ s ago$/).waitFor()
    expect(await colours()).toBe(1)
    await page.evaluate('globalThis.isBroken = false')
    await caption.getByText(/^frame [\d,]+, \d+ s ago$/).waitFor()
    await expect.poll(colours).toBeGreaterThan(10)
    await page.close()
    daemon.signal('SIGTERM')
    await daemon.exit
  })
})

/** In the browser: notes each change of what a screen reader reads out by itself. */
const noteWhatIsReadOut = `{
  globalThis.readOut = []
  const isSilent = (element) => element.closest('[aria-live="off"]') !== null
  for (const region of document.querySelectorAll('output, [role="status"], [role="alert"], [role="log"], [aria-live]'))
    if (!isSilent(region))
      new MutationObserver(() => globalThis.readOut.push(region.textContent))
        .observe(region, { childList: true, characterData: true, subtree: true })
}`

describe('the figures', () => {
  it('have exactly the keys that other programs read', async () => {
    const daemon = startDaemon(await given.site.configure([losslessBelt('belt-1')]))
    await daemon.until('files are delivered', ({ uploader }) => uploader.files.delivered > 0)
    const get = async (path: string) => (await fetch(`${daemon.url()}${path}`)).text()
    expect(await get('/csv-writer-stats')).toMatch(
      /^\{"running":true,"stats":\{"total_queued":\d+,"total_written":\d+,"total_failed":0,"queue_size":\d+\}\}$/,
    )
    expect(await get('/sftp-uploader-stats')).toMatch(
      /^\{"running":true,"stats":\{"total_queued":\d+,"total_uploaded":\d+,"total_failed":0,"queue_size":\d+\}\}$/,
    )
    expect((await fetch(`${daemon.url()}/healthz`)).status).toBe(200)
    expect((await fetch(`${daemon.url()}/readyz`)).status).toBe(200)
    daemon.signal('SIGTERM')
    await daemon.exit
  })
})
