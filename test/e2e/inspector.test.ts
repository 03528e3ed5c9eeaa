import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Locator } from 'playwright-core'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { serveRecording } from '../../src/adapters/http/recording-server.ts'
import type { FactsChange, Stamp } from '../../src/inspection-feed/record.ts'
import { type Recording, readRecording } from '../../src/inspection-feed/recording.ts'
import { browserAndSite } from './support/browser-and-site.ts'
import { startDaemon } from './support/daemon.ts'
import { faultsInEveryLook } from './support/every-look.ts'
import { inspect } from './support/inspect.ts'
import { faultsFound, openPage } from './support/page.ts'
import { lanePixels } from './support/pixels.ts'
import { losslessBelt, rtspCamera } from './support/site.ts'

const given = browserAndSite()

type GaugesAt = Stamp & { readonly facts: FactsChange }

const texts = async (locator: Locator): Promise<string[]> =>
  (await locator.allTextContents()).map((text) => text.trim())

describe('the inspector beside a running daemon', () => {
  it('shows of a camera that is away what it does and why, in every view, and a moment of the past', async () => {
    const daemon = startDaemon(
      await given.site.configure([losslessBelt('belt-1'), rtspCamera('nowhere', 'rtsp://127.0.0.1:9/stream')]),
      {},
      ['--record', join(given.site.folder, 'recordings')],
    )
    await daemon.until('files are delivered', ({ uploader }) => uploader.files.delivered > 0)
    const { page, complaints, show } = await openPage(given.browser, daemon.url())

    // A state is told by its shape too: nobody needs the colour.
    const shapeOf = (name: string) =>
      page.getByRole('article', { name }).locator('header .status path').getAttribute('d')
    await page.getByRole('article', { name: 'nowhere' }).getByText('backing off', { exact: true }).waitFor()
    // On a slow machine the belt may be stale for a moment.
    await page.getByRole('article', { name: 'belt-1' }).getByText('streaming', { exact: true }).waitFor()
    await expect.poll(async () => (await shapeOf('nowhere')) === (await shapeOf('belt-1'))).toBe(false)

    await show('Tree')
    const row = page.getByRole('row', { name: /nowhere/ })
    await row.getByText('backing off').waitFor()
    await row.getByText(/refused.* · tries again in \d+ s/).waitFor()
    await page.getByLabel('in order').selectOption('longest in their state')
    expect((await texts(page.locator('.tree tbody th')))[0]).toBe('log')
    // Rows that are opened before either is drawn anew: neither closes the other.
    await page.evaluate(`for (const button of document.querySelectorAll('.tree tbody button'))
      if (['log', 'uploader'].includes(button.textContent)) button.click()`)
    const opened = page.locator('.tree').getByRole('button', { expanded: true })
    await expect.poll(() => texts(opened)).toEqual(['log', 'uploader'])

    await show('Machine')
    await page.locator('.toolbar select').selectOption('cameras/nowhere')
    await page.getByRole('img', { name: 'camera, now in backing off' }).waitFor()
    // It tries again now and then, and is back in a moment.
    const lit = () => texts(page.locator('.statechart .active .name'))
    await expect.poll(lit, { timeout: 20_000 }).toEqual(['backingOff'])
    const taken = () => texts(page.locator('.statechart .taken text'))
    await expect.poll(taken, { timeout: 20_000 }).toContain('frameStream failed')
    await page
      .getByRole('row', { name: /connecting.*backing off.*frameStream failed.*refused/ })
      .first()
      .waitFor()

    // The drawing has what is nested, what is final, guards and delays, and the time spent in each state.
    const drawing = page.locator('.statechart')
    const ways = await texts(drawing.locator('.way text'))
    expect(ways).toEqual(expect.arrayContaining(['[isOperatingError]', 'after reconnectDelay']))
    expect(await texts(drawing.locator('.compound > .name'))).toEqual(['online', 'open'])
    expect(await drawing.locator('.final rect').count()).toBe(2)
    const spent = async () => (await texts(drawing.locator('.spent'))).filter((text) => /^[\d.]+ m?s, \d+×$/.test(text))
    await expect.poll(async () => (await spent()).length).toBe(2)

    await show('Timeline')
    await page.getByRole('row', { name: /cameras\/nowhere start, \d+ back-off.*refused/ }).waitFor()
    for (const [button, ms] of [
      ['Zoom in', '10000'],
      ['Zoom out', '60000'],
    ] as const) {
      await page.getByRole('button', { name: button }).click()
      expect(await page.getByLabel('last').inputValue()).toBe(ms)
    }
    await page.getByRole('checkbox', { name: 'cameras/nowhere' }).check()
    await page.getByRole('img', { name: /cameras\/nowhere: frameStream failed/ }).waitFor()
    await page.getByRole('checkbox', { name: 'uploader' }).check()
    await page.getByRole('img', { name: /uploader\/delivery to root\/uploader: file.delivered/ }).waitFor()
    await page.getByRole('checkbox', { name: 'uploader' }).uncheck()
    await page.getByLabel('of the chosen actors').check()
    await expect.poll(() => texts(page.locator('.timeline li'))).toEqual(['cameras/nowhere'])
    await page.getByLabel('of the chosen actors').uncheck()
    await page.getByLabel('with').fill('belt-1')
    await expect.poll(() => texts(page.locator('.timeline li'))).toEqual(['uploader', 'cameras/belt-1'])

    await show('Charts')
    await page.getByRole('figure').filter({ hasText: 'Inspected a second' }).getByText('belt-1').waitFor()

    await show('Files')
    await page.getByLabel('state').selectOption('all')
    await page.getByRole('row', { name: /\.csv/ }).first().waitFor()
    await page.getByLabel('camera').selectOption('nowhere')
    await page.getByText('No file is like that.').waitFor()

    await show('Tree')
    const slider = page.getByRole('slider', { name: 'Moment that is shown' })
    await slider.focus()
    await page.keyboard.press('Home')
    await page.getByText('This is a moment of the past').waitFor()
    expect(await texts(page.locator('.tree tbody th'))).toEqual(['root'])
    await show('Timeline')
    await expect.poll(() => texts(page.locator('.timeline li'))).toEqual([])
    await show('Charts')
    await page.getByLabel('over').selectOption('records')
    const inspected = page.getByRole('figure').filter({ hasText: 'Inspected a second' })
    await inspected.getByText('Nothing has been measured yet.').waitFor()
    await show('Tree')
    await page.getByRole('button', { name: 'Live' }).click()
    await page.getByRole('row', { name: /nowhere/ }).waitFor()
    expect(complaints).toEqual([])
    // So long that there are two results to tell apart.
    const results = async () => resultsIn(readRecording(await (await fetch(`${daemon.url()}/api/recording`)).text()))
    await expect.poll(async () => (await results()).length).toBeGreaterThan(1)

    daemon.signal('SIGTERM')
    expect(await daemon.exit).toEqual({ code: 0, signal: null })
    await page.close()

    // What was recorded tells the same after the daemon has gone, and how it went.
    const [name = ''] = await readdir(join(given.site.folder, 'recordings'))
    const file = join(given.site.folder, 'recordings', name)
    const recording = readRecording(await readFile(file, 'utf8'))
    const { header, records, isTorn } = recording
    expect({ actors: header.actors, isTorn, first: records[0]?.sequence }).toEqual({
      actors: [],
      isTorn: false,
      first: 1,
    })
    const recorded = await openPage(given.browser, await inspect(file))
    await recorded.page.getByText(`Recording ${name}`).waitFor()
    await recorded.show('Timeline')
    await recorded.page.getByRole('row', { name: /^uploader drain/ }).waitFor()
    await recorded.page.getByRole('row', { name: /^cameras\/nowhere drain/ }).waitFor()
    await recorded.show('Machine')
    await recorded.page.locator('.toolbar select').selectOption('csv-writer')
    await recorded.page.getByRole('img', { name: 'csv-writer, now in stopped' }).waitFor()

    // What no count says is that of the moment, too.
    const told = resultsIn(recording)
    const [early, late] = [told[0], told.at(-1)] as [GaugesAt, GaugesAt]
    await recorded.show('Line')
    const card = recorded.page.getByRole('article', { name: 'belt-1' })
    const uploader = recorded.page.getByRole('article', { name: 'Uploader' })
    for (const { monotonic, facts } of [early, late]) {
      await recorded.page.getByRole('slider', { name: 'Moment that is shown' }).fill(String(monotonic))
      await card.getByText(String(facts['lastFinding'])).waitFor()
      await card.getByText(/belt-state on \d+×\d+/).waitFor()
      await card.getByText(/^, of \d\d:\d\d:\d\d, \d+ s before$/).waitFor()
    }
    await recorded.page.getByText('A recording holds no pictures of what they saw.').waitFor()
    expect(await recorded.page.locator('.preview').count()).toBe(0)
    await uploader.getByText('sftp://').waitFor()
    await recorded.show('Files')
    await recorded.page.getByLabel('state').selectOption('all')
    const delivered = recorded.page.getByRole('row', { name: /\d k?B/ }).first()
    await delivered.getByRole('button', { name: /\.csv$/ }).click()
    await recorded.page.getByText(/SHA-256 [0-9a-f]{64}$/).waitFor()
    expect(recorded.complaints).toEqual([])
    await recorded.page.close()
  })

  it('has nothing serious for axe, in light and dark, and fits into 380 pixels', async () => {
    const daemon = startDaemon(
      await given.site.configure([losslessBelt('belt-1'), rtspCamera('nowhere', 'rtsp://127.0.0.1:9/stream')]),
    )
    await daemon.until('files are delivered', ({ uploader }) => uploader.files.delivered > 0)
    const { page } = await openPage(given.browser, daemon.url())
    expect(await faultsInEveryLook(page, daemon.url())).toEqual([])
    daemon.signal('SIGTERM')
    await daemon.exit
  })
})

describe('a trace in which an invariant was violated', () => {
  it('says so first, goes to that moment, and marks it on the timeline, where deadlines shrink', async () => {
    const say = (sequence: number, monotonic: number, path: string, body: object) =>
      JSON.stringify({ sequence, at: 1_767_225_600_000 + monotonic, monotonic, path, epoch: 1, ...body })
    const [writer, uploader] = ['root/csv-writer', 'root/uploader']
    const entered = { type: 'state.entered', from: null, event: 'xstate.init', nodes: [], why: null }
    const violated = { type: 'invariant.violated', invariant: 'a row is in one file', detail: 'row 8 is in two' }
    const trace = [
      '{"type":"recording","version":1,"source":"simulation","madeBy":"belay 0.1.0","seed":42,"actors":[]}',
      say(1, 0, 'root', { type: 'actor.started', kind: 'supervisor', machine: null }),
      say(2, 0, writer, { type: 'actor.started', kind: 'machine', machine: 'csv-writer' }),
      say(3, 1, writer, { ...entered, to: 'writing', nodes: ['online.writing'] }),
      say(4, 5_000, writer, violated),
      say(5, 5_000, uploader, { type: 'event.received', source: null, event: 'drain', detail: { within: 2_000 } }),
      say(6, 9_000, writer, { ...entered, from: 'writing', to: 'blocked', nodes: ['online.blocked'] }),
    ]
    const file = join(given.site.folder, 'trace.jsonl')
    await writeFile(file, `${trace.join('\n')}\n`)
    const { page, complaints, show } = await openPage(given.browser, await inspect(file))
    await page.getByText('belay 0.1.0, simulation, seed 42').waitFor()
    const alert = page.getByRole('alert')
    expect(await alert.innerText()).toMatch(
      /^Violated: a row is in one file\s+row 8 is in two \(csv-writer, .*:05\.000\)/,
    )
    await show('Timeline')
    await page.getByRole('row', { name: 'csv-writer a row is in one file' }).getByText('row 8 is in two').waitFor()
    expect(await lanePixels(page, 'csv-writer', 'bad')).toBeGreaterThan(100)
    expect(await faultsFound(page)).toEqual([])
    // Of two seconds one and a half are left, and then half a one.
    const showMoment = (moment: number) =>
      page.getByRole('slider', { name: 'Moment that is shown' }).fill(String(moment))
    const left = () => lanePixels(page, 'uploader', 'text')
    await showMoment(5_500)
    await expect.poll(left).toBeGreaterThan(1_000)
    const before = await left()
    await showMoment(6_500)
    // Two thirds of the solid bar have gone; the outline of what has passed is longer.
    await expect.poll(left).toBeLessThan(before - 250)
    expect(await left()).toBeGreaterThan(300)
    await page.getByRole('button', { name: 'End' }).click()

    await alert.getByRole('button', { name: 'See that moment' }).click()
    await page.getByText('This is a moment of the past').waitFor()
    await show('Machine')
    await page.getByRole('img', { name: 'csv-writer, now in writing' }).waitFor()
    expect(complaints).toEqual([])
    await page.close()
  })
})

describe('a file that is opened in the page', () => {
  it('is said to be no recording, by line, where it is none', async () => {
    const daemon = startDaemon(await given.site.configure([losslessBelt('belt-1')]))
    await daemon.until('it runs', ({ phase }) => phase === 'running')
    const { page } = await openPage(given.browser, daemon.url())
    const chosen = { name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from('time,camera\n') }
    await page.locator('input[type=file]').setInputFiles(chosen)
    await page
      .getByRole('alert')
      .getByText(`rows.csv: Line 1: expected a recording's header, found "time,camera".`)
      .waitFor()
    await page.getByRole('article', { name: 'belt-1' }).waitFor()
    daemon.signal('SIGTERM')
    await daemon.exit
  })

  it('takes the place of the daemon, which is not asked any more', async () => {
    const daemon = startDaemon(await given.site.configure([losslessBelt('belt-1')]))
    await daemon.until('it runs', ({ phase }) => phase === 'running')
    const { page } = await openPage(given.browser, daemon.url())
    await page.getByRole('article', { name: 'belt-1' }).waitFor()
    const fed = page.waitForEvent('websocket')
    await page.reload()
    const feed = await fed
    const ended = feed.waitForEvent('close')
    const recording = await (await fetch(new URL('/api/recording', daemon.url()))).text()
    const chosen = { name: 'belay.jsonl', mimeType: 'text/plain', buffer: Buffer.from(recording) }
    await page.locator('input[type=file]').setInputFiles(chosen)
    await page.getByText('Recording belay.jsonl').waitFor()
    await ended
    await page.getByRole('button', { name: 'Back to the daemon' }).click()
    await page.getByRole('article', { name: 'belt-1' }).getByText('streaming', { exact: true }).waitFor()
    daemon.signal('SIGTERM')
    await daemon.exit
  })
})

describe('the built page', () => {
  const folder = fileURLToPath(new URL('../../inspector/dist', import.meta.url))

  it('loads in under 200 kB', async () => {
    const server = await serveRecording({ port: 0, pageFolder: folder, text: '', name: 'none' })
    const page = await given.browser.newPage()
    await page.goto(server.url, { waitUntil: 'load' })
    const total = (await page.evaluate(`performance
      .getEntries()
      .filter(({ name, encodedBodySize }) => encodedBodySize > 0 && !name.includes('/api/'))
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`)) as number
    console.log(`the page: ${(total / 1000).toFixed(1)} kB over the wire`)
    expect(total).toBeGreaterThan(10_000)
    expect(total).toBeLessThan(200_000)
    await page.close()
    await server.close()
  })

  it('names no file of its source', async () => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    // Made for users: what is made for development names the file of each element.
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
    expect(texts.length).toBeGreaterThan(2)
    expect(texts.filter((text) => text.includes('.tsx'))).toEqual([])
  })
})

/** What was recorded of the belt's last result, each time that it had changed. */
const resultsIn = ({ records }: Recording) =>
  records.filter(
    (record) => record.path === 'root/cameras/belt-1' && record.type === 'gauges.read' && record.facts?.['lastFinding'],
  )

describe('the preview of a camera', () => {
  it('shows the last inspected frame in the shape of the camera, and none of a camera that was never reached', async () => {
    const daemon = startDaemon(
      await given.site.configure([losslessBelt('belt-1'), rtspCamera('nowhere', 'rtsp://127.0.0.1:9/stream')]),
    )
    await daemon.until('the belt is inspected', ({ cameras }) => (cameras[0]?.frames.inspected ?? 0) > 0)
    const preview = (id: string) => fetch(`${daemon.url()}/api/cameras/${id}/preview.jpg`)
    const shown = await preview('belt-1')
    expect(shown.status).toBe(200)
    const { cameras } = await daemon.state()
    const { format, width = 0, height = 1 } = await sharp(await shown.arrayBuffer()).metadata()
    const source = cameras[0]?.sourceSize ?? { width: 0, height: 1 }
    expect({ format, shape: width / height }).toEqual({ format: 'jpeg', shape: source.width / source.height })
    expect(Number(shown.headers.get('x-frame'))).toBeLessThan(cameras[0]?.frames.captured ?? 0)
    expect((await preview('nowhere')).status).toBe(503)
    expect((await preview('nobody')).status).toBe(404)
    daemon.signal('SIGTERM')
    expect(await daemon.exit).toEqual({ code: 0, signal: null })
  })
})
