import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Browser, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hashToken } from '../../src/adapters/http/token-hash.ts'
import { fileStates } from '../../src/domain/file-state.ts'
import { epochMs } from '../../src/domain/units.ts'
import type { FileList, FileView } from '../../src/inspection-feed/file-protocol.ts'
import { eventually } from '../support/eventually.ts'
import { launchChromium } from './support/chromium.ts'
import { killLeftovers, type RunningDaemon, startDaemon } from './support/daemon.ts'
import { faultsFound, openPage } from './support/page.ts'
import { createSite, losslessBelt, type Site } from './support/site.ts'

const [view, operate] = ['may-look', 'may-operate']

let browser: Browser
let site: Site
let http: string
beforeAll(async () => {
  browser = await launchChromium()
  http = `{ port: 0, viewTokenHash: '${await hashToken(view, 10)}', operateTokenHash: '${await hashToken(operate, 10)}' }`
})
afterAll(() => browser.close())
beforeEach(async () => {
  site = await createSite()
})
afterEach(async () => {
  killLeftovers()
  await site.tearDown()
})

/** The page in the hands of somebody who may look. */
const openToLook = (daemon: RunningDaemon) => openPage(browser, `${daemon.url()}/?token=${view}`)

const stateOf = (camera: string) => (state: Awaited<ReturnType<RunningDaemon['state']>>) =>
  state.actors.find(({ path }) => path === `root/cameras/${camera}`)?.state

/** In the browser: notes what has the focus as soon as the dialog says so, before anything is drawn. */
const noteFocusAt = (words: string) => `{
  const seen = new MutationObserver(() => {
    if (!document.querySelector('dialog').textContent.includes('${words}')) return
    globalThis.focusThen = document.activeElement.textContent
    seen.disconnect()
  })
  seen.observe(document.querySelector('dialog'), { childList: true, characterData: true, subtree: true })
}`

describe('an operator at the page', () => {
  it('pauses, resumes and restarts a camera, and stops everything, by keyboard, each confirmed and with the token', async () => {
    const daemon = startDaemon(await site.configure([losslessBelt('belt-1')], { http }), {}, [], view)
    await daemon.until('it streams', (state) => stateOf('belt-1')(state) === 'streaming')
    const { page, complaints } = await openToLook(daemon)
    const belt = page.getByRole('article', { name: 'belt-1' })
    await belt.getByText('streaming', { exact: true }).waitFor()
    const dialog = page.getByRole('dialog')
    const said = dialog.getByRole('status')

    // Cancelled, nothing is asked of the daemon.
    await belt.getByRole('button', { name: 'Pause belt-1' }).focus()
    await page.keyboard.press('Enter')
    await dialog.getByRole('heading', { name: 'Pause camera belt-1?' }).waitFor()
    expect(await faultsFound(page)).toEqual([])
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(daemon.log.filter(({ fact }) => fact === 'operator')).toEqual([])
    await belt.locator('button:focus', { hasText: 'Pause' }).waitFor()

    // Without the operating token, and with a wrong one, the words say so and nothing is done.
    await page.keyboard.press('Enter')
    await dialog.getByLabel('Operating token').waitFor()
    await page.keyboard.press('Enter')
    await said.getByText(/operating token/).waitFor()
    await dialog.getByLabel('Operating token').fill('a–b')
    await page.keyboard.press('Enter')
    await said.getByText('No token has such characters; nothing was sent.').waitFor()
    await dialog.getByText(`Of the Belay at ${new URL(daemon.url()).host}.`).waitFor()
    await dialog.getByLabel('Operating token').fill('wrong')
    await page.keyboard.press('Enter')
    await said.getByText('This is not the operating token.').waitFor()
    expect(stateOf('belt-1')(await daemon.state())).toBe('streaming')

    await page.evaluate(noteFocusAt('is paused until it is resumed'))
    await dialog.getByLabel('Operating token').fill(operate)
    await page.keyboard.press('Enter')
    await said.getByText('Camera belt-1 is paused until it is resumed.').waitFor()
    // At no moment are the words there and the focus is nowhere: the next Enter closes.
    expect(await page.evaluate('focusThen')).toBe('Close')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    await belt.getByText('paused', { exact: true }).waitFor()
    await belt.getByText('paused by an operator').waitFor()
    // What it was opened with has become another word, and has the focus again.
    await belt.locator('button:focus', { hasText: 'Resume' }).waitFor()

    // The token is known by now.
    await belt.getByRole('button', { name: 'Resume belt-1' }).click()
    await dialog.getByRole('heading', { name: 'Resume camera belt-1?' }).waitFor()
    await page.keyboard.press('Enter')
    await said.getByText('Camera belt-1 connects again.').waitFor()
    await page.keyboard.press('Escape')
    await belt.getByText('streaming', { exact: true }).waitFor()

    await belt.getByRole('button', { name: 'Restart belt-1' }).click()
    await dialog.getByRole('heading', { name: 'Restart camera belt-1?' }).waitFor()
    await page.keyboard.press('Enter')
    await said.getByText('Camera belt-1 was started afresh.').waitFor()
    await page.keyboard.press('Escape')
    await daemon.until('its second life', ({ actors }) =>
      actors.some(({ path, epoch }) => path === 'root/cameras/belt-1' && epoch === 2),
    )
    expect(complaints.filter((text) => !/40[13] \(/.test(text))).toEqual([])

    // Who asked is in the records too, and nothing of the token.
    const recording = await (
      await fetch(`${daemon.url()}/api/recording`, { headers: { authorization: `Bearer ${view}` } })
    ).text()
    const recorded = recording.split('\n').filter((line) => line.includes('"operator.asked"'))
    expect(recorded.map((line) => JSON.parse(line) as object)).toMatchObject(
      ['camera.pause', 'camera.resume', 'camera.restart'].map((command) => ({
        ...{ path: 'root/cameras/belt-1', command, by: '127.0.0.1', outcome: 'done' },
      })),
    )
    expect(recording).not.toContain(operate)

    await page.getByRole('button', { name: 'Drain and stop' }).click()
    await dialog.getByRole('button', { name: 'Drain and stop' }).click()
    await said.getByText('Everything drains, and Belay ends.').waitFor()
    expect(await daemon.exit).toEqual({ code: 0, signal: null })
    const asked = daemon.log.filter(({ fact }) => fact === 'operator').map(({ command }) => command)
    expect(asked).toEqual(['camera.pause', 'camera.resume', 'camera.restart', 'daemon.stop'])
  })
})

describe('commands that are under way', () => {
  it('end with the one that is asked where somebody stops there, and what became of it is told in any case', async () => {
    const daemon = startDaemon(await site.configure([losslessBelt('belt-1')], { http }), {}, [], view)
    await daemon.until('it streams', (state) => stateOf('belt-1')(state) === 'streaming')
    const { page, complaints, show } = await openToLook(daemon)
    await page.route('**/api/files?*', (route) => route.fulfill({ json: threeSetAside }))
    const held: Route[] = []
    for (const asked of ['**/api/files/*/retry', '**/api/cameras/*/restart'])
      await page.route(asked, (route) => void held.push(route))
    const answer = (done: string) => held.at(-1)!.fulfill({ json: { done } })
    const dialog = page.getByRole('dialog')
    const said = dialog.getByRole('status')
    const close = async () => {
      await dialog.getByRole('button', { name: 'Close' }).click()
      await dialog.waitFor({ state: 'detached' })
    }

    await show('Files')
    await page.getByRole('button', { name: 'Send 3 set aside again' }).click()
    await dialog.getByLabel('Operating token').fill(operate)
    await page.keyboard.press('Enter')
    await expect.poll(() => held.length).toBe(1)
    // The browser itself closes a dialog at the second Escape.
    for (let times = 0; times < 3; times++) await page.keyboard.press('Escape')
    await said.getByText('Stops as soon as the daemon has answered …').waitFor()
    await answer('file 7 is due at once')
    await said.getByText('1 of 3 is due at once. Nothing was asked of the others.').waitFor()
    await close()
    expect(held.map((route) => new URL(route.request().url()).pathname)).toEqual(['/api/files/7/retry'])

    await page.getByRole('button', { name: 'Send 3 set aside again' }).click()
    await dialog.getByRole('button', { name: 'Send again' }).click()
    await expect.poll(() => held.length).toBe(2)
    await answer('file 7 is due at once')
    await expect.poll(() => held.length).toBe(3)
    await dialog.getByRole('button', { name: 'Stop after this one' }).click()
    await answer('file 8 is due at once')
    await said.getByText('2 of 3 are due at once. Nothing was asked of the others.').waitFor()
    await close()
    expect(held.length).toBe(3)

    // A single one cannot be called back, and may take its time.
    await show('Line')
    await page.getByRole('button', { name: 'Restart belt-1' }).click()
    await dialog.getByRole('button', { name: 'Restart' }).click()
    await expect.poll(() => held.length).toBe(4)
    for (let times = 0; times < 3; times++) await page.keyboard.press('Escape')
    await said.getByText('It has been asked, and the answer is yet to come …').waitFor()
    await answer('camera belt-1 was started afresh')
    await said.getByText('camera belt-1 was started afresh.').waitFor()
    await close()
    await page.locator('button:focus', { hasText: 'Restart' }).waitFor()
    expect(complaints).toEqual([])
    await page.close()
    daemon.signal('SIGTERM')
    await daemon.exit
  })
})

describe('the files on the page', () => {
  it('are shown by state, camera and age, each with its history, and one that was set aside is sent again', async () => {
    const daemon = startDaemon(await site.configure([losslessBelt('belt-1')], { http }), {}, [], view)
    const ask = async (query: string) => {
      const headers = { authorization: `Bearer ${view}` }
      return (await (await fetch(`${daemon.url()}/api/files${query}`, { headers })).json()) as FileList
    }
    await daemon.until('files are delivered', ({ uploader }) => uploader.files.delivered > 0)

    // While the server is away, another file gets the name of one of ours.
    await site.sshd.kill()
    const waits = await eventually('a file waits', async () => (await ask('?state=pending')).files[0])
    const taken = join(site.delivered, waits.path)
    await mkdir(dirname(taken), { recursive: true })
    await writeFile(taken, 'not ours')
    const { page, complaints, show } = await openToLook(daemon)
    await show('Files')
    const table = page.getByRole('region', { name: 'List of files' })
    const name = waits.path.slice(waits.path.lastIndexOf('/') + 1)
    await table.getByRole('row', { name: new RegExp(`${name} pending`) }).waitFor()

    await site.sshd.restart()
    await page.getByLabel('state').selectOption('conflict')
    const row = table.getByRole('row', { name: new RegExp(`${name} conflict`) })
    await row.waitFor({ timeout: 60_000 })
    // Of its head, of the file and of the reason.
    await table.getByRole('row', { name: /exists on the server with other content/ }).waitFor()
    await expect.poll(() => table.getByRole('row').count()).toBe(3)

    // Its history, as the manifest has it.
    await table.getByRole('button', { name }).click()
    const history = page.getByRole('list', { name: `History of file ${waits.id}` })
    await history.getByText('conflict').waitFor()
    const told = (await history.getByRole('listitem').allTextContents()).map((text) => text.replace(/^\S+ \S+ /, ''))
    expect(told[0]).toMatch(/^sealed, pending/)
    expect(told.at(-1)).toMatch(/^conflict: /)

    // What was in the way is gone: it is sent again, and arrives.
    await rm(taken)
    await row.getByRole('button', { name: `Send again: file ${waits.id}` }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Operating token').fill(operate)
    await dialog.getByRole('button', { name: 'Send again' }).click()
    await dialog.getByText(`File ${waits.id} is due at once.`).waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('No file is like that.').waitFor()
    await page.getByLabel('state').selectOption('delivered')
    await page.getByLabel('first').selectOption('newest')
    await table.getByRole('row', { name: new RegExp(`${name} delivered`) }).waitFor()
    await page.getByLabel('sealed').selectOption('1 h and older')
    await page.getByText('No file is like that.').waitFor()
    await page.getByLabel('sealed').selectOption('any age')
    await page.getByLabel('camera').selectOption('belt-1')
    await table.getByRole('row', { name: new RegExp(`${name} delivered`) }).waitFor()
    expect(complaints).toEqual([])

    daemon.signal('SIGTERM')
    await daemon.exit
  })
})

const setAside = (id: number): FileView => ({
  ...{ id, path: `2026/belt-1-${id}.csv`, camera: 'belt-1', state: 'conflict', why: 'exists', sha256: '00' },
  ...{ rows: 1, bytes: 1, attempts: 1, sealedAt: epochMs(0), changedAt: epochMs(0), dueAt: null },
})

const threeSetAside: FileList = {
  files: [7, 8, 9].map(setAside),
  more: false,
  counts: Object.fromEntries(fileStates.map((state) => [state, 0])) as FileList['counts'],
}
