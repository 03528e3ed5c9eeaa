import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemWorld } from '../../../src/commands/system-world.ts'
import type { PictureSize } from '../../../src/domain/frame.ts'
import { createFeed } from '../../../src/inspection-feed/feed.ts'
import { RecordRing } from '../../../src/inspection-feed/record-ring.ts'
import type { Shown } from '../../../src/inspection-feed/shown.ts'
import { configOf, smallConfig } from '../../config/small-config.ts'
import { MemoryFrameSink } from '../../fakes/memory-frame-sink.ts'
import { createPinoLog } from '../../../src/adapters/pino-log.ts'
import { seen } from '../prometheus/support.ts'
import { drawHalves, makeClip } from '../../support/make-clip.ts'

const clipSize = { width: 320, height: 180 }
const target = { width: 64, height: 64 }
let folder: string
let clip: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-world-'))
  clip = join(folder, 'halves.mp4')
  await makeClip(clip, { size: clipSize, rate: 20, frames: 20, draw: drawHalves(clipSize) })
})
afterAll(() => rm(folder, { recursive: true }))

const red = [220, 30, 30].map((value) => expect.closeTo(value, -1.2) as number)
const blue = [30, 30, 220].map((value) => expect.closeTo(value, -1.2) as number)
const grey = [114, 114, 114]

const pixel = (picture: Uint8Array | undefined, { width, height }: PictureSize, x: number, y: number) =>
  [0, 1, 2].map((plane) => picture?.[plane * width * height + y * width + x])

describe('the page of a world', () => {
  it('goes on counting when it is opened anew', async () => {
    const config = await configOf(smallConfig)
    const log = createPinoLog({ level: 'error', format: 'json', destination: join(folder, 'log') })
    const world = systemWorld({ config: { ...config, http: { ...config.http, port: 0 } }, log })
    const { state, readiness, tally, logLinesDropped, heart } = seenAs()
    const feed = createFeed({ state, clock: world.clock, ring: new RecordRing() })
    const shown = { state, readiness, tally, logLinesDropped, heart, feed } as unknown as Shown
    /** Of the responses that were not found, when one more has been. */
    const notFound = async () => {
      const server = world.httpServer(shown)
      const { url } = await server.listen(new AbortController().signal)
      await fetch(new URL('/nowhere', url))
      const text = await (await fetch(new URL('/metrics', url))).text()
      await server.close()
      return /^belay_http_responses_total\{code="404"\} (\d+)$/m.exec(text)?.[1]
    }
    expect([await notFound(), await notFound()]).toEqual(['1', '2'])
  })
})

/** What `/metrics` asks for. */
function seenAs() {
  const { state, readiness, tally, logLinesDropped, heart } = seen()
  return { state: () => state, readiness: () => readiness, tally, logLinesDropped: () => logLinesDropped, heart }
}

describe('a recording, as its camera is configured', () => {
  it.each([
    { settings: '', pictures: 20, top: grey, left: red, right: blue },
    { settings: 'fit: stretch', pictures: 20, top: red, left: red, right: blue },
    { settings: 'every: 5', pictures: 4, top: grey, left: red, right: blue },
    { settings: 'fps: 10', pictures: 10, top: grey, left: red, right: blue },
    // All of it is right of the middle.
    { settings: 'crop: { x: 200, y: 20, width: 80, height: 80 }', pictures: 20, top: blue, left: blue, right: blue },
  ])('gives its pictures: $settings', async ({ settings, pictures, top, left, right }) => {
    const camera = `source: { type: file, path: ${clip}, lossless: true }\n    ${settings}`
    const config = await configOf(smallConfig.replace(/source: .*/, camera))
    const log = createPinoLog({ level: 'error', format: 'json', destination: join(folder, 'log') })
    const world = systemWorld({ config, log })
    const sink = new MemoryFrameSink(target, { lossless: true })
    const [dock] = config.cameras
    if (dock === undefined) throw new Error('No camera is configured')
    const stream = await world.videoSource(dock, target).open(sink, new AbortController().signal)
    expect((await stream.ended).kind).toBe('finished')
    expect(sink.pictures).toHaveLength(pictures)
    const [picture] = sink.pictures
    expect(pixel(picture, target, 4, 1)).toEqual(top)
    expect(pixel(picture, target, 4, 32)).toEqual(left)
    expect(pixel(picture, target, 60, 32)).toEqual(right)
  })
})
