import sharp from 'sharp'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { PreviewThread } from '../../../src/adapters/preview/preview-thread.ts'
import { previewRequest } from '../../../src/adapters/preview/preview-request.ts'
import { threadEntry } from '../../../src/adapters/worker-entry.ts'
import type { Fit, PictureSize } from '../../../src/domain/frame.ts'
import { PreviewError } from '../../../src/domain/http-errors.ts'
import type { InspectedPicture } from '../../../src/domain/inspected-picture.ts'
import type { PreviewRequest } from '../../../src/workers/preview-protocol.ts'
import { inspected } from './inspected.ts'

function startThread(entry?: URL, endsAfterMs?: number): PreviewThread {
  const thread = new PreviewThread(entry, endsAfterMs)
  onTestFinished(() => thread.close())
  return thread
}

/** Red, green and blue at a place of the picture. */
async function colourAt(jpeg: Uint8Array, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true })
  const at = (y * info.width + x) * info.channels
  return [...data.subarray(at, at + 3)]
}

const sizeOf = async (jpeg: Uint8Array): Promise<PictureSize> => {
  const { width, height } = await sharp(jpeg).metadata()
  return { width, height }
}

const requestOf = (looked: InspectedPicture): PreviewRequest => previewRequest(looked, looked.hold().picture)

async function encoded(thread: PreviewThread, picture: InspectedPicture): Promise<Uint8Array> {
  const jpeg = await thread.encode(() => requestOf(picture))
  if (jpeg === undefined) throw new Error('Nothing was encoded')
  return jpeg
}

/** A program that says at once that it has worked so long; its JPEGs are one byte, the number of its thread. */
const replying = (elapsed: number): URL =>
  new URL(`data:text/javascript,
    import { parentPort, threadId } from 'node:worker_threads';
    parentPort.on('message', () => parentPort.postMessage({ type: 'encoded', jpeg: Uint8Array.of(threadId), elapsed: ${elapsed} }))`)

describe('a preview', () => {
  it.each([
    { fit: 'letterbox', size: { width: 64, height: 64 }, shown: { width: 64, height: 32 } },
    { fit: 'stretch', size: { width: 64, height: 64 }, shown: { width: 64, height: 32 } },
    { fit: 'letterbox', size: { width: 96, height: 32 }, shown: { width: 64, height: 32 } },
  ] satisfies { fit: Fit; size: PictureSize; shown: PictureSize }[])(
    'of a camera of 128x64, brought to $size.width x $size.height by $fit, has the shape of the camera and no bars',
    async ({ fit, size, shown }) => {
      const jpeg = await encoded(
        startThread(),
        inspected({ region: { x: 100, y: 50, width: 128, height: 64 }, size, fit }),
      )
      expect(await sizeOf(jpeg)).toEqual(shown)
    },
  )

  it('has the colours of the planes, and each box where the camera has it, by its outline', async () => {
    const planes = new Uint8Array(64 * 64 * 3).fill(200, 0, 64 * 64).fill(40, 2 * 64 * 64)
    const box = { x: 132, y: 66, width: 64, height: 32, label: 'bolt', score: 0.9 }
    const picture = inspected({ planes, detections: [box], region: { x: 100, y: 50, width: 128, height: 64 } })
    const jpeg = await encoded(startThread(), picture)
    const near = (expected: number) => expect.closeTo(expected, -1.5) as number
    // In the middle of the box, which is not filled, and outside of it.
    expect(await colourAt(jpeg, 32, 16)).toEqual([near(200), near(0), near(40)])
    expect(await colourAt(jpeg, 4, 4)).toEqual([near(200), near(0), near(40)])
    // Its left edge, at a quarter of the picture's width, is of another colour than what it lies on.
    const [, green = 0, blue = 0] = await colourAt(jpeg, 16, 16)
    expect(green + blue).toBeGreaterThan(100)
  })
})

describe('the thread of previews', () => {
  it('takes one processor at most', async () => {
    // Where this is set, sharp itself leaves it at all processors. It counts for the whole process.
    vi.stubEnv('MALLOC_ARENA_MAX', '2')
    onTestFinished(() => void vi.unstubAllEnvs())
    sharp.concurrency(2)
    await encoded(startThread(), inspected())
    expect(sharp.concurrency()).toBe(1)
  })

  it('is asked for its picture when it has time, and answers in turn', async () => {
    const thread = startThread()
    const asked: number[] = []
    const ask = (number: number) =>
      thread.encode(() => {
        asked.push(number)
        return requestOf(inspected())
      })
    const both = [ask(1), ask(2)]
    await both[0]
    expect(asked).toEqual([1])
    await both[1]
    expect(asked).toEqual([1, 2])
  })

  it('rests nine times as long as it has worked before the next', async () => {
    const thread = startThread(replying(30))
    await encoded(thread, inspected())
    const startedAt = performance.now()
    await encoded(thread, inspected())
    // Eight times as long would be 240; the rest began a moment before it was timed.
    expect(performance.now() - startedAt).toBeGreaterThan(255)
  })

  it('rests no longer than half a second: what took long may have waited for a processor, not worked', async () => {
    // Nine times as long would be longer than any test may last.
    const thread = startThread(replying(100_000))
    await encoded(thread, inspected())
    const startedAt = performance.now()
    await encoded(thread, inspected())
    // The rest began a moment before it was timed.
    expect(performance.now() - startedAt).toBeGreaterThan(480)
  })

  it('is ended when nobody has asked for some time, and begins again when it is asked again', async () => {
    const thread = startThread(replying(0), 20)
    const first = await encoded(thread, inspected())
    expect(first).toHaveLength(1)
    await expect.poll(() => encoded(thread, inspected()), { interval: 100 }).not.toEqual(first)
  })

  it('encodes nothing where there is nothing after all', async () => {
    expect(await startThread().encode(() => undefined)).toBeUndefined()
  })

  it('says why a picture cannot be encoded, and goes on with the next', async () => {
    const thread = startThread()
    const wrong = { ...requestOf(inspected()), region: { x: 0, y: 0, width: 1000, height: 1000 } }
    await expect(thread.encode(() => wrong)).rejects.toThrow(PreviewError)
    expect(await encoded(thread, inspected())).toBeInstanceOf(Uint8Array)
  })

  it('says that it cannot be had where its program fails', async () => {
    const broken = new URL("data:text/javascript,throw new Error('no libvips here')")
    await expect(startThread(broken).encode(() => requestOf(inspected()))).rejects.toThrow(
      'The preview cannot be made: no libvips here. Inspection goes on without it',
    )
  })

  it('gives up what it has in hand when it is closed, and begins again when it is asked again', async () => {
    const thread = startThread(threadEntry('preview'))
    const given = encoded(thread, inspected())
    given.catch(() => undefined)
    await Promise.resolve()
    await thread.close()
    await expect(given).rejects.toThrow('its thread ended')
    expect(await encoded(thread, inspected())).toBeInstanceOf(Uint8Array)
  })
})
