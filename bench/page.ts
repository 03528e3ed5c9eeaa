import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { createHttpServer } from '../src/adapters/http/http-server.ts'
import { systemClock } from '../src/adapters/system-clock.ts'
import { epochMs, milliseconds } from '../src/domain/units.ts'
import { perState } from '../src/domain/file-state.ts'
import { ActorTally } from '../src/inspection-feed/actor-tally.ts'
import { createFeed } from '../src/inspection-feed/feed.ts'
import { InspectBridge } from '../src/inspection-feed/inspect-bridge.ts'
import { RecordRing } from '../src/inspection-feed/record-ring.ts'
import { createRecorder } from '../src/inspection-feed/recorder.ts'
import { recordingOf } from '../src/inspection-feed/recording.ts'
import { Trends } from '../src/inspection-feed/trends.ts'
import { launchChromium } from '../test/e2e/support/chromium.ts'
import { actorView, cameraView, daemonState } from '../test/inspection-feed/sample-state.ts'
import type { Benchmark } from './benchmark.ts'

const actors = 100
const recordsPerSecond = 1_000
const tickMs = 20
const views = ['line', 'tree', 'machine', 'timeline', 'rates'] as const

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

/**
 * How smooth the page is with 100 actors and 1,000 records a second, view by view, in headless Chromium. That one has no graphics
 * processor and paints on the same cores as everything else here: frames a second are the least that one may expect.
 */
export const page: Benchmark = async (workshop, { seconds, tell }) => {
  workshop.buildPage()
  const site = await startBusySite()
  const browser = await launchChromium()
  try {
    const tab = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await tab.goto(site.url)
    const found: Partial<Record<(typeof views)[number], ViewFigures>> = {}
    for (const view of views) {
      const began = performance.now()
      await tab.goto(`${site.url}/#/${view}`)
      await tab.getByRole('main').locator('section').first().waitFor()
      const openedMs = performance.now() - began
      await tab.waitForTimeout(settleMs)
      found[view] = { openedMs, ...(await watchFrames(tab, seconds)) }
      tell(`${view}: ${JSON.stringify(found[view])}`)
    }
    const all = Object.values(found)
    const least = Math.min(...all.map(({ framesPerSecond }) => framesPerSecond))
    const most = Math.max(...all.map(({ mainThreadMsPerFrame }) => mainThreadMsPerFrame))
    return {
      page: {
        framesPerSecond: least,
        mainThreadMsPerFrame: most,
        recordsPerSecond: site.recordsPerSecond(),
        views: found,
      },
    }
  } finally {
    await browser.close()
    await site.close()
  }
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
    const began = performance.now()
    let last = began
    const frame = (now) => {
      gaps.push(now - last)
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

/** The real server and feed, with invented actors of which a thousand things a second are told. */
async function startBusySite() {
  const ring = new RecordRing()
  let told = 0
  const record = createRecorder(systemClock, (made) => {
    told++
    ring.add(made)
  })
  const paths = Array.from({ length: actors - 2 }, (_, index) => `root/cameras/dock-${index + 1}`)
  for (const path of ['root', 'root/cameras'])
    record({ path, epoch: 1 }, { type: 'actor.started', kind: 'supervisor', machine: null })
  for (const path of paths) record({ path, epoch: 1 }, { type: 'actor.started', kind: 'machine', machine: 'camera' })

  const trends = new Trends(systemClock, epochMs(systemClock.now()))
  const reading = setInterval(() => trends.take(new Map(paths.map((path, index) => [path, gaugesOf(index)]))), 2_000)
  const gaugesOf = (index: number) => ({
    fps: 25 + (index % 7),
    inspectedPerSecond: 20 + (count % 5),
    captured: count,
    latencyP95Ms: 30 + (count % 9),
  })

  let count = 0
  const began = systemClock.monotonic()
  const timer = setInterval(() => {
    for (let each = 0; each < (recordsPerSecond * tickMs) / 1000; each++) say(count++)
  }, tickMs)
  /** A fifth are changes of state, a tenth gauges, the rest events. */
  function say(index: number): void {
    const path = paths[index % paths.length] ?? ''
    const isLost = Math.floor(index / paths.length) % 2 === 1
    if (index % 5 === 0) {
      const to = isLost ? 'backingOff' : 'streaming'
      const nodes = [isLost ? 'backingOff' : 'online.open.streaming']
      const from = isLost ? 'streaming' : 'backingOff'
      record({ path, epoch: 1 }, { type: 'state.entered', from, to, nodes, event: 'stream.lost', why: 'a test' })
    } else if (index % 10 === 1)
      record({ path, epoch: 1 }, { type: 'gauges.read', values: { fps: 25 + (index % 7), inspected: index } })
    else
      record({ path, epoch: 1 }, { type: 'event.received', source: 'root/cameras', event: 'stream.judged', detail: {} })
  }

  const state = () =>
    daemonState({
      at: systemClock.now(),
      actors: ['root', 'root/cameras', ...paths].map((path, index) =>
        actorView(path, { since: epochMs(systemClock.now() - index * 1_000), why: `told ${count - (count % 50)}` }),
      ),
      cameras: paths.map((path, index) => {
        const view = cameraView(`dock-${index + 1}`)
        return { ...view, path, frames: { ...view.frames, inspected: count } }
      }),
    })
  const server = createHttpServer({
    ...{ host: '127.0.0.1', port: 0, inspect: new InspectBridge() },
    feed: createFeed({ state, clock: systemClock, ring }),
    pageFolder: fileURLToPath(new URL('../inspector/dist', import.meta.url)),
    log: silent,
    view: {
      state,
      readiness: () => ({ ready: true, reasons: [] }),
      tally: new ActorTally(),
      logLinesDropped: () => 0,
      heart: { stalls: 0, stalledFor: milliseconds(0), memoryBudget: 1e9 },
      operate: async () => ({ done: false, cause: 'refused', words: 'nothing is operated here' }),
      files: {
        list: async () => ({ files: [], more: false, counts: perState(() => 0) }),
        history: async () => undefined,
      },
      trends: (query) => trends.ask(query),
      recording: () => recordingOf(ring, 'bench'),
      lastInspected: () => 'none',
    },
  })
  const { url } = await server.listen(new AbortController().signal)
  return {
    url,
    recordsPerSecond: () => (told / (systemClock.monotonic() - began)) * 1000,
    async close() {
      clearInterval(timer)
      clearInterval(reading)
      await server.close()
    },
  }
}

const silent = { debug() {}, info() {}, warn() {}, error() {}, always() {}, at: () => silent }
