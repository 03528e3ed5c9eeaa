/**
 * Takes docs/images/*.png: every view of the page beside a daemon on which much has gone wrong, in headless Chromium. Needs what the e2e tests need:
 * ffmpeg, sshd and chromium.
 *
 * Run: npm run screenshots
 *      npm run screenshots -- --all [FOLDER]    each view light, dark and 380 pixels wide, live, of a recording and of a simulation that
 *                                               fails, and the first screen of the line, into another folder
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'

// What stands on the pictures is a place as one would have it, not where this was made.
const neutral = '/var/tmp/belay'
mkdirSync(neutral, { recursive: true })
process.env['TMPDIR'] = neutral
const { launchChromium } = await import('../test/e2e/support/chromium.ts')
const { killLeftovers } = await import('../test/e2e/support/daemon.ts')
const { startFaultyLine } = await import('../test/e2e/support/faulty-line.ts')
const { createSite } = await import('../test/e2e/support/site.ts')
const { dropFile } = await import('../test/e2e/support/page.ts')
const { failingTrace } = await import('./screenshots/failing-trace.ts')

const flag = process.argv.indexOf('--all')
const all = flag === -1 ? undefined : (process.argv[flag + 1] ?? join(neutral, 'pictures'))
const images = all ?? fileURLToPath(new URL('../docs/images', import.meta.url))
mkdirSync(images, { recursive: true })

interface View {
  readonly name: string
  readonly hash: string
  readonly prepare?: (page: Page) => Promise<void>
}

/** Each where it tells something. */
const views: readonly View[] = [
  { name: 'page', hash: '#/line' },
  { name: 'tree', hash: '#/tree', prepare: (page) => page.getByRole('button', { name: 'dock-3' }).click() },
  { name: 'machine', hash: '#/machine/root/cameras/dock-2' },
  {
    name: 'timeline',
    hash: '#/timeline',
    prepare: (page) => chooseLanes(page, '5 min', ['uploader', 'cameras/dock-2']),
  },
  { name: 'files', hash: '#/files', prepare: (page) => page.locator('.files tbody button').first().click() },
  { name: 'charts', hash: '#/charts' },
]

async function chooseLanes(page: Page, length: string, names: readonly string[]): Promise<void> {
  await page.getByLabel('last').selectOption(length)
  for (const name of names) await page.getByRole('checkbox', { name }).check()
}

const light = { width: 1200, colorScheme: 'light' } as const
const looks = [
  { suffix: '', ...light },
  { suffix: '-dark', width: 1200, colorScheme: 'dark' },
  { suffix: '-380', width: 380, colorScheme: 'light' },
] as const

/** High enough for all of it: what sticks to the window's edge would lie across a picture of the page. */
async function takeWhole(page: Page, width: number, highest: number, name: string): Promise<void> {
  const high = await page.evaluate('document.documentElement.scrollHeight')
  await page.setViewportSize({ width, height: Math.min(Number(high), highest) })
  // Cameras that have just come onto the screen are asked for their pictures.
  await page.waitForTimeout(2_000)
  await page.screenshot({ path: join(images, `${name}.png`) })
  await page.setViewportSize({ width, height: 800 })
}

/** The views of what was dropped onto the page. */
async function takeFile(
  page: Page,
  address: string,
  name: string,
  text: string,
  hashes: readonly string[],
): Promise<void> {
  for (const { suffix, width, colorScheme } of looks) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 800 })
    for (const hash of hashes) {
      await page.goto(`${address}/${hash}`)
      await page.reload()
      await page.getByRole('main').locator('section').first().waitFor()
      await dropFile(page, `${name}.jsonl`, text)
      await page.getByText(`Recording ${name}`).waitFor()
      await page.waitForTimeout(700)
      await takeWhole(page, width, 4_000, `${name}-${hash.replace(/^#\/(\w+).*/, '$1')}${suffix}`)
    }
  }
}

const site = await createSite()
const browser = await launchChromium()
try {
  const { daemon, address, token } = await startFaultyLine(site)
  const page = await browser.newPage()
  await page.goto(address)
  // By then there is something to chart, and a second try of everything.
  await page.waitForTimeout(30_000)
  for (const { suffix, width, colorScheme } of all === undefined ? looks.slice(0, 1) : looks) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 800 })
    for (const { name, hash, prepare } of views) {
      await page.goto(`${daemon.url()}/${hash}`)
      await page.reload()
      await page.getByRole('main').locator('section').first().waitFor()
      await prepare?.(page)
      await page.waitForTimeout(1_500)
      await takeWhole(page, width, all === undefined ? 1_400 : 4_000, `${name}${suffix}`)
    }
  }
  if (all !== undefined) {
    await page.emulateMedia({ colorScheme: 'light' })
    for (const [width, height] of [
      [1200, 900],
      [1920, 1080],
    ] as const) {
      await page.setViewportSize({ width, height })
      await page.goto(`${daemon.url()}/#/line`)
      await page.waitForTimeout(1_000)
      await page.screenshot({ path: join(images, `first-screen-${width}.png`) })
    }
    const answer = await fetch(`${daemon.url()}/api/recording`, { headers: { authorization: `Bearer ${token}` } })
    const hashes = ['#/line', '#/tree', '#/machine/root/cameras/dock-2', '#/timeline', '#/files', '#/charts']
    await takeFile(page, daemon.url(), 'recording', await answer.text(), hashes)
    await takeFile(page, daemon.url(), 'failing', await failingTrace(), ['#/line', '#/tree', '#/timeline', '#/files'])
  }
  // The last is how it stops while the server says nothing: the deadlines are bars that shrink.
  await site.sshd.restart()
  await daemon.until('delivery goes on', ({ uploader }) => uploader.connected && uploader.files.sending > 0, 600)
  for (const pid of await site.sshd.sessions()) process.kill(pid, 'SIGSTOP')
  await page.setViewportSize({ width: 1200, height: 800 })
  await page.emulateMedia({ colorScheme: 'light' })
  await page.goto(`${daemon.url()}/#/timeline`)
  // Only the hash may have changed, and a recording that was dropped would still be shown.
  await page.reload()
  await page.getByLabel('last').selectOption('10 s')
  daemon.signal('SIGTERM')
  await page.getByRole('row', { name: /^uploader 15 s to drain/ }).waitFor()
  await page.waitForTimeout(4_000)
  await page.screenshot({ path: join(images, 'stop.png') })
  await daemon.exit
} finally {
  killLeftovers()
  await browser.close()
  await site.tearDown()
}
console.log(`${images}/*.png`)
