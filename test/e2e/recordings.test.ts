import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { FeedRecord } from '../../src/inspection-feed/record.ts'
import { tellStory } from '../inspector/page-records.ts'
import { browserAndSite } from './support/browser-and-site.ts'
import { inspect } from './support/inspect.ts'
import { dropFile, faultsFound, openPage } from './support/page.ts'

const given = browserAndSite()

const dock = 'root/cameras/dock-1'

const textOf = (records: readonly object[]): string =>
  [{ type: 'recording', version: 1, source: 'daemon', madeBy: 'belay 0.1.0', actors: [] }, ...records]
    .map((entry) => `${JSON.stringify(entry)}\n`)
    .join('')

/** A camera that connects, streams after 10 s, has a file after 20 s, and is lost then; it ends at 30 s. */
function lostCamera(): readonly FeedRecord[] {
  const { start, enter, hear, say, wait, records } = tellStory()
  for (const path of ['root', 'root/cameras']) start(path, null)
  enter('root', 'running')
  start('root/csv-writer', 'csv-writer')
  start(dock)
  enter(dock, 'online.connecting')
  wait(10_000)
  enter(dock, 'online.open.streaming', 'stream.began', 'pictures arrive')
  say(dock, { type: 'gauges.read', values: { captured: 200, inspected: 200, inspectedPerSecond: 20 } })
  wait(10_000)
  hear('root/csv-writer', 'file.sealed', { path: 'dock-1/a.csv', rows: 8 })
  enter(dock, 'backingOff', 'xstate.error.actor.frameStream', 'nobody answers')
  wait(10_000)
  say('root/csv-writer', { type: 'gauges.read', values: { openFiles: 0 } })
  return records
}

/** A page with that recording. */
async function openLostCamera() {
  const records = lostCamera()
  const file = join(given.site.folder, 'lost.jsonl')
  await writeFile(file, textOf(records))
  const opened = await openPage(given.browser, await inspect(file))
  const showMoment = (monotonic: number) =>
    opened.page.getByRole('slider', { name: 'Moment that is shown' }).fill(String(monotonic))
  return { ...opened, records, showMoment }
}

/** Of each view, what it shows after 5 s and not after 25 s, and the other way round. */
const looks: Readonly<Record<string, (page: Page) => readonly [early: Locator, late: Locator]>> = {
  Line: (page) => {
    const state = (word: string) => page.getByRole('article', { name: 'dock-1' }).getByText(word, { exact: true })
    return [state('connecting'), state('backing off')]
  },
  Tree: (page) => {
    const state = (word: string) => page.getByRole('row', { name: /^dock-1/ }).getByText(word)
    return [state('connecting'), state('backing off')]
  },
  Machine: (page) => {
    const state = (word: string) => page.getByRole('img', { name: `camera, now in ${word}` })
    return [state('connecting'), state('backing off')]
  },
  Timeline: (page) => {
    const episode = (name: RegExp) => page.getByRole('row', { name })
    return [episode(/^cameras\/dock-1 start \(connecting\)/), episode(/^cameras\/dock-1 .*nobody answers/)]
  },
  Files: (page) => [page.getByText('No file is like that.'), page.getByRole('row', { name: /a\.csv/ })],
  Charts: (page) => {
    const chart = page.getByRole('figure').filter({ hasText: 'Inspected a second' })
    return [chart.getByText('Nothing has been measured yet.'), chart.getByText(/dock-1 \d/)]
  },
}

describe('a moment of a recording', () => {
  it.each(Object.entries(looks))('is what %s shows, and nothing that came later', async (view, look) => {
    const { page, complaints, show, showMoment } = await openLostCamera()
    await show(view)
    if (view === 'Machine') await page.locator('.toolbar select').selectOption('cameras/dock-1')
    if (view === 'Files') await page.getByLabel('state').selectOption('all')
    const [early, late] = look(page)
    const seen = async () => ({ early: await early.count(), late: await late.count() })
    await showMoment(5_000)
    await expect.poll(seen).toEqual({ early: 1, late: 0 })
    await showMoment(25_000)
    await expect.poll(seen).toEqual({ early: 0, late: 1 })
    expect(complaints).toEqual([])
    await page.close()
  })
})

describe('the card of the writer', () => {
  it('says how much room the disk has and when it will be too little, while it is so, and stands out while there is little', async () => {
    const { start, enter, say, wait, records } = tellStory()
    for (const path of ['root', 'root/cameras']) start(path, null)
    enter('root', 'running')
    start('root/csv-writer', 'csv-writer')
    const room = (diskFreeBytes: number, facts: Record<string, string | number | null>) =>
      say('root/csv-writer', { type: 'gauges.read', values: { diskFreeBytes }, facts: { queueLimit: 200, ...facts } })
    room(12_000_000_000, { diskLevel: 'enough' })
    wait(10_000)
    room(3_000_000_000, { diskLevel: 'enough', diskFullInMs: 7_200_000 })
    wait(10_000)
    room(900_000_000, { diskLevel: 'low', diskFullInMs: 300_000 })
    wait(10_000)
    room(5_000_000_000, { diskLevel: 'enough', diskFullInMs: null })
    wait(10_000)
    say('root/csv-writer', { type: 'gauges.read', values: { openFiles: 0 } })
    const file = join(given.site.folder, 'room.jsonl')
    await writeFile(file, textOf(records))
    const { page, complaints, show } = await openPage(given.browser, await inspect(file))
    await show('Line')
    const lines = page.getByRole('article', { name: 'CSV writer' }).locator('.lines')
    const shownAt = async (moment: number, words: string) => {
      await page.getByRole('slider', { name: 'Moment that is shown' }).fill(String(moment))
      const shown = lines.getByText(words, { exact: true })
      await shown.waitFor()
      return shown.getAttribute('class')
    }
    expect([
      await shownAt(5_000, '12 GB free'),
      await shownAt(15_000, '3.0 GB free; at this rate too little in 2 h'),
      await shownAt(25_000, '900 MB free; at this rate too little in 5 min'),
      await shownAt(35_000, '5.0 GB free'),
    ]).toEqual([null, null, 'worrying', null])
    expect(complaints).toEqual([])
    await page.close()
  })
})

describe('the statechart', () => {
  it('has nested and final states, guards and delays, the time spent in each state, and the way taken last', async () => {
    const { page, show, showMoment } = await openLostCamera()
    await show('Machine')
    await page.locator('.toolbar select').selectOption('cameras/dock-1')
    await showMoment(25_000)
    const chart = page.locator('.statechart')
    await page.getByRole('img', { name: 'camera, now in backing off' }).waitFor()
    const texts = async (selector: string) =>
      (await chart.locator(selector).allTextContents()).map((text) => text.trim()).toSorted()
    const ways = await texts('.way text')
    expect({
      nested: await texts('.compound > .name'),
      final: await texts('.final > .name'),
      doubled: await chart.locator('.final:has(rect + rect)').count(),
      guards: ways.includes('[isOperatingError]'),
      delays: ways.includes('after reconnectDelay'),
      lit: await texts('.active > .name'),
      spent: await texts('.spent'),
      taken: (await texts('.taken text')).includes('frameStream failed'),
      arrows: await chart.locator('.taken path').count(),
    }).toEqual({
      nested: ['online', 'open'],
      final: ['stopped'],
      doubled: 1,
      guards: true,
      delays: true,
      lit: ['backingOff'],
      spent: ['10 s', '10 s', '5.0 s'],
      taken: true,
      arrows: 1,
    })
    await page.close()
  })
})

describe('a file that is dropped on the page', () => {
  it('is refused by line and field where a record is none, and is shown in the place of what was, where all are', async () => {
    const { page, complaints, records } = await openLostCamera()
    const heading = page.getByText(/^Recording /)
    await heading.filter({ hasText: 'lost.jsonl' }).waitFor()

    const { nodes: _, ...cut } = records.find((record) => record.type === 'state.entered')!
    await dropFile(page, 'cut.jsonl', textOf([records[0]!, cut]))
    const alert = page.getByRole('alert')
    await alert
      .getByText('cut.jsonl: Line 3, nodes: expected a list, found nothing. Mend that line or take it out')
      .waitFor()
    expect(await heading.textContent()).toBe('Recording lost.jsonl')

    const violated = {
      ...records.at(-1)!,
      type: 'invariant.violated',
      invariant: 'a row is in one file',
      detail: 'two',
    }
    const torn = textOf([...records.slice(0, 3), ...records.slice(4, -1), violated]) + '{"sequence":'
    await dropFile(page, 'trace.jsonl', torn)
    await heading.filter({ hasText: 'trace.jsonl' }).waitFor()
    await page.getByText(`${records.length - 1}, 1 missing, the last cut short`).waitFor()
    await alert.getByText('Violated: a row is in one file').waitFor()
    expect(await alert.count()).toBe(1)

    // What is above the views of a recording is above none of a daemon.
    await page.setViewportSize({ width: 380, height: 800 })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      const width = (await page.evaluate('document.documentElement.scrollWidth')) as number
      expect({ colorScheme, width, faults: await faultsFound(page) }).toEqual({ colorScheme, width: 380, faults: [] })
    }
    expect(complaints).toEqual([])
    await page.close()
  })
})
