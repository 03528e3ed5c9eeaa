import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { epochMs } from '../../src/domain/units.ts'
import { trendSpans } from '../../src/inspection-feed/trend-kinds.ts'
import type { TrendAnswer } from '../../src/inspection-feed/trend-protocol.ts'
import { moment } from '../../inspector/src/parts/format.ts'
import { tellStory } from '../inspector/page-records.ts'
import { browserAndSite } from './support/browser-and-site.ts'
import { inspect } from './support/inspect.ts'
import { openPage } from './support/page.ts'
import { pixelsOf } from './support/pixels.ts'

const given = browserAndSite()

const { bucketMs } = trendSpans['3d']
const buckets = 101

describe('a chart of cameras that were down', () => {
  it('has no line where nothing was measured, and names no value of before as one of now', async () => {
    const { start, records, clock, wait } = tellStory()
    // Buckets are counted from the moment in which the steady clock began.
    wait((buckets - 1) * bucketMs)
    for (const path of ['root', 'root/cameras']) start(path, null)
    for (const id of ['dock-1', 'dock-2', 'dock-3']) start(`root/cameras/${id}`)
    const begin = clock.now() - (buckets - 1) * bucketMs
    const latencies = (ms: number, isKnown: (bucket: number) => boolean) =>
      Array.from({ length: buckets }, (_, bucket) => (isKnown(bucket) ? ms : null))
    const series = {
      'dock-1': latencies(80, (bucket) => bucket <= 30 || bucket >= 70),
      'dock-2': latencies(40, (bucket) => bucket <= 60),
      // Between two outages there is a point, and no line.
      'dock-3': latencies(60, (bucket) => bucket === 50),
    }
    const answer: TrendAnswer = {
      ...{
        kind: 'latency',
        span: '3d',
        bucketMs,
        startedAt: epochMs(begin),
        from: 0,
        fromAt: epochMs(begin),
        leftOut: 0,
      },
      series: Object.entries(series).map(([name, values]) => ({ name, min: values, mean: values, max: values })),
    }
    const header = {
      type: 'recording',
      version: 1,
      source: 'daemon',
      madeBy: 'belay 0.1.0',
      actors: [],
      trends: [answer],
    }
    const file = join(given.site.folder, 'outages.jsonl')
    await writeFile(file, [header, ...records].map((entry) => `${JSON.stringify(entry)}\n`).join(''))
    const { page, complaints, show } = await openPage(given.browser, await inspect(file))
    await show('Charts')
    await page.getByLabel('over').selectOption('3 d')
    const chart = page.getByRole('figure').filter({ hasText: 'Latency' })
    const named = chart.locator('.legend li')
    const ended = moment(begin + 61 * bucketMs).slice(5, 16)
    const seldom = moment(begin + 51 * bucketMs).slice(5, 16)
    await expect
      .poll(() => named.allInnerTexts())
      .toEqual(['dock-1 80 ms', `dock-2 – since ${ended}`, `dock-3 – since ${seldom}`])

    const canvas = chart.locator('canvas')
    const wide = await canvas.evaluate(
      (element) => (element as unknown as { readonly clientWidth: number }).clientWidth,
    )
    // Beside the axis on the left, and what is left free on the right.
    const [left, right] = [84, wide - 30]
    const pixels = (colour: string, from: number, to: number) =>
      pixelsOf(canvas, colour, {
        ...{ top: 0, high: 140 },
        left: left + ((right - left) * from) / 100,
        wide: ((right - left) * (to - from)) / 100,
      })
    await expect.poll(() => pixels('busy', 1, 29)).toBeGreaterThan(20)
    expect(await pixels('busy', 71, 99)).toBeGreaterThan(20)
    expect(await pixels('busy', 32, 68)).toBe(0)
    expect(await pixels('good', 1, 59)).toBeGreaterThan(20)
    expect(await pixels('good', 62, 99)).toBe(0)
    expect(await pixels('warn', 48, 52)).toBeGreaterThan(3)
    expect(complaints).toEqual([])
    await page.close()
  })
})
