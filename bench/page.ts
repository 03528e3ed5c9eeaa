import type { Page } from 'playwright-core'
import { type ViewName, views } from '../inspector/src/place.ts'
import type { FeedMessage } from '../src/inspection-feed/protocol.ts'
import { launchChromium } from '../test/e2e/support/chromium.ts'
import type { Benchmark } from './benchmark.ts'
import { startBusySite } from './busy-site.ts'
import { medians } from './figures.ts'

/** By then a view that was opened has all that it shows, and its code is compiled. */
const settleMs = 2_000

interface ViewFigures {
  /** From its address to its first section. */
  readonly openedMs: number
  readonly framesPerSecond: number
  /** Of the main thread, layout and scripts: what a page with a graphics processor would spend too. */
  readonly mainThreadMsPerFrame: number
  readonly longestFrameMs: number
}

type Views = Partial<Record<ViewName, ViewFigures>>

/**
 * How smooth the page is with 100 actors, 50,000 records that are held and 1,000 more a second, view by view: of the present, and at a
 * moment of the past, while the present goes on. In headless Chromium, which has no graphics processor and paints on the same cores as
 * everything else here: frames a second are the least that one may expect. What an empty page is given in the same browser stands beside
 * them: that is what the machine has to give.
 */
export const page: Benchmark = async (workshop, { repeats, seconds, tell }) => {
  workshop.buildPage()
  const site = await startBusySite()
  const browser = await launchChromium()
  try {
    const tab = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    const arrived = countArrivals(tab)
    const moment = tab.getByRole('slider', { name: 'Moment that is shown' })
    const look = async (when: string, arrive: () => Promise<void>): Promise<Views> => {
      const found: Views = {}
      for (const view of views) {
        const began = performance.now()
        await tab.goto(`${site.url}/#/${view}`)
        await tab.getByRole('main').locator('section').first().waitFor()
        await arrive()
        const openedMs = performance.now() - began
        await tab.waitForTimeout(settleMs)
        found[view] = { openedMs, ...(await watchFrames(tab, seconds)) }
        tell(`${view}, ${when}: ${JSON.stringify(found[view])}`)
      }
      return found
    }
    const round = async () => {
      await tab.goto('about:blank')
      const empty = await watchFrames(tab, seconds)
      tell(`an empty page: ${JSON.stringify(empty)}`)
      await tab.goto(site.url)
      await moment.waitFor()
      const before = { arrived: arrived(), at: performance.now() }
      const present = await look('live', async () => {})
      const past = await look('past', async () => {
        // Behind most of what is held, and held for as long as the view is watched.
        const ends = ['min', 'max'].map(async (end) => Number(await moment.getAttribute(end)))
        const [first = 0, last = 0] = await Promise.all(ends)
        await moment.fill(String(Math.round(last - (last - first) / 4)))
        await tab.getByText('This is a moment of the past').waitFor()
      })
      const arrivedPerSecond = ((arrived() - before.arrived) / (performance.now() - before.at)) * 1000
      return { empty, views: present, past, arrivedPerSecond }
    }
    const rounds: Awaited<ReturnType<typeof round>>[] = []
    for (let count = 0; count < repeats; count++) rounds.push(await round())
    const figures = medians(rounds)
    const all = [...Object.values(figures.views), ...Object.values(figures.past)]
    return {
      page: {
        framesPerSecond: Math.min(...all.map(({ framesPerSecond }) => framesPerSecond)),
        mainThreadMsPerFrame: Math.max(...all.map(({ mainThreadMsPerFrame }) => mainThreadMsPerFrame)),
        recordsPerSecond: site.recordsPerSecond(),
        ...figures,
      },
    }
  } finally {
    await browser.close()
    await site.close()
  }
}

/** Says how many records have come to the page by its feed: one that loses its place is spared the work. */
function countArrivals(tab: Page): () => number {
  let count = 0
  tab.on('websocket', (feed) =>
    feed.on('framereceived', ({ payload }) => {
      const message = JSON.parse(String(payload)) as FeedMessage
      if (message.type === 'delta') count += message.records?.length ?? 0
    }),
  )
  return () => count
}

/** Counts the frames that Chromium gives the page, and what its main thread spends on them. */
async function watchFrames(tab: Page, seconds: number): Promise<Omit<ViewFigures, 'openedMs'>> {
  const devTools = await tab.context().newCDPSession(tab)
  await devTools.send('Performance.enable')
  const spent = async (): Promise<number> => {
    const { metrics } = await devTools.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN
  }
  const before = await spent()
  // As a text: it runs in the browser, whose types these files don't have.
  const gaps = await tab.evaluate<number[]>(`new Promise((resolve) => {
    const gaps = []
    // From one frame on: the moment at which this begins lies anywhere between two.
    let began, last
    const frame = (now) => {
      if (last !== undefined) gaps.push(now - last)
      began ??= now
      last = now
      if (now - began < ${seconds * 1000}) requestAnimationFrame(frame)
      else resolve(gaps)
    }
    requestAnimationFrame(frame)
  })`)
  const took = gaps.reduce((sum, gap) => sum + gap, 0)
  const mainThreadMs = ((await spent()) - before) * 1000
  await devTools.detach()
  return {
    framesPerSecond: (gaps.length / took) * 1000,
    mainThreadMsPerFrame: mainThreadMs / gaps.length,
    longestFrameMs: Math.max(...gaps),
  }
}
