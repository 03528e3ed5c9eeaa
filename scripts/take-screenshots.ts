/**
 * Takes docs/images/*.png: the views of the page of a running demo, in headless Chromium. Needs ffmpeg and /usr/bin/chromium.
 *
 * Run: npm run screenshots
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import type { DaemonState } from '../src/inspection-feed/protocol.ts'

const root = new URL('..', import.meta.url)
const pictureOf = (name: string) => fileURLToPath(new URL(`docs/images/${name}.png`, root))
/** Beside the line: the other views, each where it tells something. */
const views = [
  { name: 'tree', hash: '#/tree' },
  { name: 'machine', hash: '#/machine/root/cameras/belt-2' },
  { name: 'timeline', hash: '#/timeline' },
  { name: 'files', hash: '#/files' },
  { name: 'charts', hash: '#/rates' },
]

const folder = await mkdtemp(join(tmpdir(), 'belay-screenshots-'))
const demo = spawn(process.execPath, ['dist/main.js', 'demo', '--seconds', '120', '--port', '0', '--folder', folder], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
})
const ended = once(demo, 'close')
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
try {
  const url = await said(demo.stdout, /listens at (http:\S+)/)
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 }, colorScheme: 'light' })
  await page.goto(url)
  while (!isWorthAPicture((await (await fetch(`${url}/api/state`)).json()) as DaemonState)) {
    await page.waitForTimeout(100)
  }
  // High enough for the whole line: what sticks to the window's edge would lie across a picture of the page.
  await page.setViewportSize({ width: 1200, height: 1140 })
  await page.screenshot({ path: pictureOf('page') })
  await page.setViewportSize({ width: 1200, height: 800 })
  // By then a camera has been lost and found again, and there is something to chart.
  await page.waitForTimeout(30_000)
  for (const { name, hash } of views) {
    await page.goto(`${url}/${hash}`)
    if (name === 'timeline')
      for (const box of (await page.locator('.timeline li input').all()).slice(-2)) await box.check()
    if (name === 'files') {
      await page.getByLabel('state').selectOption('all')
      await page.getByLabel('first').selectOption('newest')
      await page.locator('.files tbody button').first().click()
    }
    await page.waitForTimeout(1_000)
    await page.screenshot({ path: pictureOf(name) })
  }
} finally {
  await browser.close()
  demo.kill('SIGTERM')
  await ended
  await rm(folder, { recursive: true, force: true })
}
console.log(pictureOf('*'))

/** Every camera streams and has something to say, and files have gone all the way. */
function isWorthAPicture({ cameras, actors, uploader }: DaemonState): boolean {
  const streams = (path: string) => actors.some((actor) => actor.path === path && actor.state === 'streaming')
  const sees = (finding: string | null) => finding?.includes('bright') === true
  return cameras.every(({ path, lastFinding }) => streams(path) && sees(lastFinding)) && uploader.files.delivered >= 20
}

/** The first match in what the demo says; all the rest is read and let go, so that the demo never waits for a reader. */
function said(output: NodeJS.ReadableStream, words: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface({ input: output })
      .on('line', (line) => {
        const found = words.exec(line)?.[1]
        if (found !== undefined) resolve(found)
      })
      .on('close', () => reject(new Error(`The demo ended without saying ${words}`)))
  })
}
