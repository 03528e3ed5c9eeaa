import { describe, expect, it } from 'vitest'
import type { Episode } from '../../inspector/src/timeline/episode.ts'
import {
  drawTimeline,
  episodeAt,
  latestDeadline,
  type Picture,
  roomAhead,
} from '../../inspector/src/timeline/timeline-canvas.ts'
import { episodesOf } from './episodes-of.ts'
import { tellStory } from './page-records.ts'
import { recordingSheet } from '../inspection-feed/recording-sheet.ts'

const [writer, dock] = ['root/csv-writer', 'root/cameras/dock-1']

/** One pixel is one millisecond; the lane of the writer is from 20 to 48, that of the camera from 48 to 76. */
const picture = (episodes: readonly Episode[], changes: Partial<Picture> = {}): Picture => ({
  ...{ lanes: [writer, dock], episodes, from: 0, to: 1_000, now: 1_000 },
  ...changes,
})

function drawn(shown: Picture): readonly string[] {
  const sheet = recordingSheet(1_000, 20 + shown.lanes.length * 28)
  drawTimeline(sheet, shown, (name) => name)
  return sheet.drawn.filter((each) => !/^(muted|line) /.test(each))
}

describe('the lanes of the timeline', () => {
  const { start, enter, hear, wait, say, records } = tellStory()
  start(writer, 'csv-writer')
  start(dock)
  enter(writer, 'online.writing')
  enter(dock, 'online.connecting')
  wait(100)
  enter(dock, 'online.open.streaming')
  wait(300)
  enter(dock, 'backingOff', 'x', 'no route')
  wait(100)
  say(dock, { type: 'simulation.step', what: 'drop the stream', about: 'the server', outcome: 'failed' })
  hear(writer, 'file.sealed', { path: 'a/rows.csv' })
  wait(400)
  hear('root/uploader', 'file.delivered', { path: 'a/rows.csv' })
  const episodes = episodesOf({ before: [], records })

  it('have a bar for each episode, as long as it took, with its name where there is room', () => {
    const lanes = [writer, dock, 'root/uploader']
    expect(drawn(picture(episodes, { lanes }))).toEqual([
      'busy: 100×17 at 0,51',
      'surface “start” at 5,60',
      'good at 0.3: 1000×13 at 0,25',
      'text “writing” at 5,32',
      'good at 0.3: 300×13 at 100,53',
      'text “streaming” at 105,60',
      'warn: 600×17 at 400,51',
      'surface “reconnect, 1 back-off (backing off)” at 405,60',
      'warn shape: 500,50 509,72 491,72',
      'good at 0.8: 400×4 at 500,97',
    ])
  })

  it('have only what lies within the stretch and in sight', () => {
    expect(drawn(picture(episodes, { from: 450, to: 550, now: 550, top: 28 }))).toEqual([
      'warn: 1000×17 at 0,23',
      'surface “reconnect, 1 back-off (backing off)” at 5,32',
      'warn shape: 500,22 509,44 491,44',
    ])
  })
})

describe('a deadline on the timeline', () => {
  const { start, enter, hear, end, wait, records } = tellStory()
  start(dock)
  enter(dock, 'online.open.streaming')
  hear(dock, 'drain', { within: 600 })
  wait(500)
  const shownAt = (now: number) =>
    drawn(picture(episodesOf({ before: [], records }), { now })).filter((each) => /^text/.test(each))

  it('is an outline of all of it, and solid in what is left, which shrinks, with how long that is', () => {
    expect([200, 500, 600].map((now) => shownAt(now).slice(1))).toEqual([
      ['text outline: 599×5 at 0.5,69.5', 'text: 400×5 at 200,70', 'text “400 ms left” at 205,60'],
      ['text outline: 599×5 at 0.5,69.5', 'text: 100×5 at 500,70', 'text “100 ms left” at 505,60'],
      ['text outline: 599×5 at 0.5,69.5'],
    ])
  })

  it.each([
    { left: 15_000, shown: 60_000, room: 15_000 },
    { left: 15_000, shown: 10_000, room: 10_000 },
    { left: 100, shown: 60_000, room: 9_000 },
    { left: 0, shown: 60_000, room: 0 },
    { left: -5, shown: 60_000, room: 0 },
  ])('has room ahead for what is left of it: of $left ms beside $shown ms, $room ms', ({ left, shown, room }) => {
    expect(roomAhead(left, shown)).toBe(room)
  })

  it('that is the last to end is the latest', () => {
    const { hear, wait, records: told } = tellStory()
    hear(writer, 'drain', { within: 900 })
    hear(dock, 'drain', { within: 600 })
    wait(50)
    expect(latestDeadline(episodesOf({ before: [], records: told }))).toBe(900)
    expect(latestDeadline([])).toBe(0)
  })

  it('is over as soon as the actor has ended', () => {
    end(dock)
    expect(shownAt(500).slice(1)).toEqual(['text outline: 499×5 at 0.5,69.5'])
  })
})

describe('a violated invariant on the timeline', () => {
  it.each([
    { monotonic: 100, name: 'a row is in one file', left: 112 },
    { monotonic: 900, name: 'a row is in one file', left: 768 },
    // 165 characters of 6 pixels: from its beginning on where there is room on neither side.
    { monotonic: 900, name: 'a row is in one file, '.repeat(8).slice(0, 165), left: 3 },
  ])('is a mark with its name on that side where there is room, over what is below: at $left', (each) => {
    const { monotonic, name, left } = each
    const { start, wait, say, records } = tellStory()
    start(writer, 'csv-writer')
    wait(monotonic)
    say(writer, { type: 'invariant.violated', invariant: name, detail: 'row 8 is in two' })
    expect(drawn(picture(episodesOf({ before: [], records })))).toEqual([
      `bad shape: ${monotonic},22 ${monotonic + 9},44 ${monotonic - 9},44`,
      `surface: ${name.length * 6 + 6}×19 at ${left - 3},24`,
      `bad “${name}” at ${left},34`,
    ])
  })
})

describe('a gap on the timeline', () => {
  const lacking: Episode = {
    path: '',
    kind: 'gap',
    label: '2 records missing',
    tone: 'warn',
    from: 0,
    to: 0,
    why: null,
  }
  const gap = (from: number, to: number): Episode => ({ ...lacking, from, to })
  const bar: Episode = { path: dock, kind: 'start', label: 'start', tone: 'busy', from: 100, to: 900, why: null }

  it('is a hatched band over the lanes, from the axis to the last, and at least six pixels wide', () => {
    // 56 pixels high: a stripe for each 8 of width and height, and its two sides.
    expect(drawn(picture([bar, gap(200, 280)]))).toEqual([
      'busy: 800×17 at 100,51',
      'surface “start” at 105,60',
      'warn at 0.15: 80×56 at 200,20',
      'warn lines: 19',
    ])
    expect(drawn(picture([gap(500, 500)]))[0]).toBe('warn at 0.15: 6×56 at 497,20')
  })

  it('is drawn as far as it lies within the stretch', () => {
    const within = { from: 250, to: 1_250, now: 1_250 }
    expect(drawn(picture([gap(200, 280)], within))[0]).toBe('warn at 0.15: 30×56 at 0,20')
    expect(drawn(picture([gap(100, 200)], within))).toEqual([])
  })

  it('is told at its place in every lane', () => {
    const shown = picture([bar, gap(200, 280)])
    const at = (x: number, y: number) => episodeAt(shown, x, y, 1_000)?.label
    expect([at(240, 30), at(240, 60), at(240, 10), at(300, 30), at(300, 60)]).toEqual([
      ...['2 records missing', '2 records missing', undefined, undefined, 'start'],
    ])
  })
})

describe('the axis of the timeline', () => {
  it('names moments by how far from now they are, and has a line between lanes', () => {
    const sheet = recordingSheet(1_000, 76)
    drawTimeline(sheet, picture([], { from: -59_000, to: 13_000, now: 1_000 }), (name) => name)
    expect(sheet.drawn).toEqual([
      'muted “−1 min” at 3.5,10',
      'muted “−50 s” at 142.5,10',
      'muted “−40 s” at 281.5,10',
      'muted “−30 s” at 420.5,10',
      'muted “−20 s” at 559.5,10',
      'muted “−10 s” at 697.5,10',
      'muted “now” at 836.5,10',
      // Three of lanes, and one of a moment that has no room for its name.
      'line lines: 11',
    ])
  })

  it('stays above the lanes that are scrolled, with lines only between those in sight', () => {
    const sheet = recordingSheet(1_000, 76)
    const lanes = Array.from({ length: 100 }, (_, index) => `root/cameras/dock-${index}`)
    drawTimeline(sheet, picture([], { lanes, from: 0, to: 100, now: 1_000, top: 1_400 }), (name) => name)
    // Three of lanes, and two of moments.
    expect(sheet.drawn.at(-1)).toBe('line lines: 5')
  })

  it('calls a moment of the past by its time', () => {
    const sheet = recordingSheet(1_000, 76)
    const nowWords = '00:00:34'
    drawTimeline(sheet, picture([], { from: -9_000, to: 13_000, now: 1_000, nowWords }), (name) => name)
    expect(sheet.drawn).toContain('muted “00:00:34” at 458.5,10')
  })
})

describe('the place of the pointer', () => {
  it('tells the episode there, and none beside it', () => {
    const bar: Episode = { path: dock, kind: 'start', label: 'start', tone: 'busy', from: 100, to: 200, why: null }
    const shown = picture([bar])
    const at = (x: number, y: number) => episodeAt(shown, x, y, 1_000)?.label
    expect([at(150, 60), at(203, 60), at(204, 60), at(150, 40)]).toEqual(['start', 'start', undefined, undefined])
  })

  it('is of the lane that has been scrolled there, and of none on the axis', () => {
    const bar: Episode = { path: writer, kind: 'start', label: 'start', tone: 'busy', from: 100, to: 200, why: null }
    const shown = picture([bar], { top: 14 })
    expect([19, 20, 33, 34].map((y) => episodeAt(shown, 150, y, 1_000)?.label)).toEqual([
      undefined,
      'start',
      'start',
      undefined,
    ])
  })
})
