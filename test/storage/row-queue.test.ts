import { describe, expect, it } from 'vitest'
import { cameraId } from '../../src/domain/ids.ts'
import { RowQueue } from '../../src/storage/row-queue.ts'
import { settle } from '../fakes/virtual-clock.ts'
import { request } from './support/writing.ts'

const dock1 = cameraId('dock-1')
const path = `${dock1}/model` as const
/** Each camera has a signal of its own. */
const never = (): AbortSignal => new AbortController().signal

function opened(bound?: number): RowQueue {
  const queue = new RowQueue(bound)
  queue.open()
  return queue
}

const fill = (queue: RowQueue, count: number): boolean[] =>
  Array.from({ length: count }, (_, frame) => queue.append(request(frame, 2)))

describe('a queue of 200', () => {
  it.each([
    { appended: 199, taken: 199 },
    { appended: 200, taken: 200 },
    { appended: 201, taken: 200 },
  ])('takes $taken of $appended requests, and counts what it refuses', ({ appended, taken }) => {
    const queue = opened()
    const refusals: string[] = []
    queue.onRefused = ({ cameraId }, cause) => refusals.push(`${cameraId} ${cause}`)
    expect(fill(queue, appended).filter((answer) => answer).length).toBe(taken)
    expect(queue.requests).toEqual({ queued: taken, written: 0, failed: 0, waiting: taken })
    expect(queue.rows(dock1)).toEqual({
      produced: appended * 2,
      accepted: 0,
      refused: { 'queue-full': (appended - taken) * 2, 'writer-down': 0 },
      failed: 0,
      queued: taken * 2,
    })
    expect(refusals).toEqual(Array.from({ length: appended - taken }, () => 'dock-1 queue-full'))
  })

  it('keeps a request until it is accepted or failed', () => {
    const queue = opened()
    fill(queue, 5)
    expect([...queue.waiting]).toEqual([path])
    expect(queue.peek(path).length).toBe(5)
    queue.accept(path, 2)
    queue.fail(path, 1)
    expect(queue.peek(path)).toEqual([request(3, 2), request(4, 2)])
    expect(queue.requests).toEqual({ queued: 5, written: 2, failed: 1, waiting: 2 })
    expect(queue.rows(dock1)).toMatchObject({ produced: 10, accepted: 4, failed: 2, queued: 4 })
    queue.accept(path, 2)
    expect([...queue.waiting]).toEqual([])
  })

  it('cannot accept what it does not hold', () => {
    const queue = opened()
    fill(queue, 1)
    expect(() => queue.accept(path, 2)).toThrow(new RangeError('dock-1/model has 1 requests waiting, not 2'))
  })
})

describe('a queue of 200 that knows many series', () => {
  it.each([
    { series: 100, taken: 101, left: 1 },
    { series: 101, taken: 100, left: 1 },
    { series: 150, taken: 51, left: 1 },
    { series: 200, taken: 1, left: 1 },
    { series: 201, taken: 200, left: 0 },
  ])('of $series gives one $taken places, and leaves $left to each of the others', ({ series, taken, left }) => {
    const ids = Array.from({ length: series }, (_, index) => cameraId(`dock-${index + 1}`))
    const known = new Set(ids.map((id) => `${id}/model` as const))
    const queue = new RowQueue(200, () => known)
    queue.open()
    const [first = dock1, ...others] = ids
    const append = (id: string, count: number) =>
      Array.from({ length: count }, (_, frame) => queue.append(request(frame, 1, id))).filter((is) => is).length
    expect(append(first, 300)).toBe(taken)
    expect(others.map((id) => append(id, left + 1))).toEqual(others.map(() => left))
  })
})

describe('a queue of 200 that knows four series', () => {
  const known = new Set(['dock-1', 'dock-2', 'dock-3', 'dock-4'].map((id) => `${cameraId(id)}/model` as const))
  const started = (): RowQueue => {
    const queue = new RowQueue(200, () => known)
    queue.open()
    return queue
  }
  const append = (queue: RowQueue, camera: string, count: number): number =>
    Array.from({ length: count }, (_, frame) => queue.append(request(frame, 1, camera))).filter((taken) => taken).length

  it('keeps a share for each, whatever one of them brings', () => {
    const queue = started()
    expect(append(queue, 'dock-1', 300)).toBe(125)
    expect(queue.rows(dock1).refused['queue-full']).toBe(175)
    expect(['dock-2', 'dock-3', 'dock-4'].map((camera) => append(queue, camera, 300))).toEqual([25, 25, 25])
    expect(queue.requests.waiting).toBe(200)
  })

  it('keeps none for those that it does not know, and takes them while it has room', () => {
    const queue = started()
    expect(append(queue, 'dock-5', 300)).toBe(100)
    expect(append(queue, 'dock-1', 300)).toBe(25)
  })

  it('holds no more than its bound where a series becomes known that others left no place', () => {
    let isKnown = false
    const queue = new RowQueue(10, () => new Set(isKnown ? known : []))
    queue.open()
    expect(append(queue, 'dock-5', 20)).toBe(10)
    isKnown = true
    expect(append(queue, 'dock-1', 1)).toBe(0)
    expect(queue.requests.waiting).toBe(10)
  })

  it('lets one that waits in by its own share, while another waits on', async () => {
    const queue = started()
    append(queue, 'dock-1', 300)
    const seen: string[] = []
    for (const camera of ['dock-1', 'dock-2']) {
      void queue.room(request(1, 1, camera), never()).then(() => seen.push(camera))
    }
    await settle()
    expect(seen).toEqual(['dock-2'])
    queue.accept(path, 125)
    await settle()
    expect(seen).toEqual(['dock-2', 'dock-1'])
  })

  it('gives each that waits a place of its own, of the common ones too', async () => {
    const queue = started()
    append(queue, 'dock-1', 25 + 79)
    append(queue, 'dock-2', 25)
    append(queue, 'dock-3', 25)
    const seen: boolean[] = []
    for (const camera of ['dock-2', 'dock-3']) {
      const next = request(99, 1, camera)
      void queue.room(next, never()).then(() => seen.push(queue.append(next)))
    }
    await settle()
    expect(seen).toEqual([true])
  })

  it('is half full for the series that has taken half of what it may', () => {
    const queue = started()
    append(queue, 'dock-1', 125)
    expect(queue.isHalfFull(path)).toBe(true)
    append(queue, 'dock-2', 12)
    expect(queue.isHalfFull(`${cameraId('dock-2')}/model`)).toBe(false)
    append(queue, 'dock-2', 1)
    expect(queue.isHalfFull(`${cameraId('dock-2')}/model`)).toBe(true)
  })
})

describe('a queue without a writer', () => {
  it('refuses, counts, and keeps what it has', () => {
    const queue = new RowQueue()
    expect(queue.append(request(1))).toBe(false)
    queue.open()
    expect(queue.append(request(2))).toBe(true)
    queue.close()
    expect(queue.append(request(3))).toBe(false)
    expect(queue.rows(dock1)).toMatchObject({ refused: { 'queue-full': 0, 'writer-down': 2 }, queued: 1 })
    expect(queue.requests).toEqual({ queued: 1, written: 0, failed: 0, waiting: 1 })
  })
})

describe('a request that no start scan would know again', () => {
  const good = request(1)
  it.each([
    ['no row', { ...good, rows: [] }],
    ['a cell too few', { ...good, rows: [good.rows[0]?.slice(1) ?? []] }],
    ['no number first', { ...good, rows: [['x', ...(good.rows[0]?.slice(1) ?? [])]] }],
    ['another camera', { ...good, cameraId: cameraId('dock-2') }],
  ])('is a bug: %s', (_, bad) => {
    const queue = opened()
    expect(() => queue.append(bad)).toThrow(RangeError)
    expect(queue.requests.waiting).toBe(0)
  })
})

describe('a camera that waits for room', () => {
  const rooms = (queue: RowQueue, count: number): { in: number } => {
    const seen = { in: 0 }
    for (let waiter = 0; waiter < count; waiter++) void queue.room(request(1), never()).then(() => seen.in++)
    return seen
  }

  it('is let in below nine tenths, so that the others have a place', async () => {
    for (const [size, isIn] of [
      [179, 1],
      [180, 0],
    ] as const) {
      const queue = opened()
      fill(queue, size)
      const seen = rooms(queue, 1)
      await settle()
      expect(seen.in).toBe(isIn)
    }
  })

  it('is let in when requests are accepted, no more of them than there is room for', async () => {
    const queue = opened()
    fill(queue, 200)
    const seen = rooms(queue, 50)
    queue.accept(path, 19)
    await settle()
    expect(seen.in).toBe(0)
    queue.accept(path, 3)
    for (let turn = 0; turn < 3; turn++) await Promise.resolve()
    expect(seen.in).toBe(2)
  })

  it('finds its place however many ask', async () => {
    const queue = opened(10)
    const answers: boolean[] = []
    for (let frame = 0; frame < 30; frame++) {
      void queue.room(request(1), never()).then(() => answers.push(queue.append(request(frame))))
    }
    await settle()
    expect(answers.length).toBe(9)
    while (queue.requests.waiting > 0) {
      queue.accept(path, Math.min(4, queue.requests.waiting))
      await settle(40)
    }
    expect(answers).toEqual(Array<boolean>(30).fill(true))
  })

  it('is let in although the one before it was let in and never came', async () => {
    const queue = opened(10)
    fill(queue, 8)
    const seen = rooms(queue, 2)
    await settle(40)
    expect(seen.in).toBe(2)
  })

  it('waits for a writer', async () => {
    const queue = new RowQueue()
    const seen = rooms(queue, 1)
    await settle()
    expect(seen.in).toBe(0)
    queue.open()
    await settle()
    expect(seen.in).toBe(1)
  })

  it('stops waiting when it is stopped', async () => {
    const queue = new RowQueue()
    const stop = new AbortController()
    const room = queue.room(request(1), stop.signal)
    stop.abort(new Error('stopped'))
    await expect(room).rejects.toEqual(new Error('stopped'))
    await expect(queue.room(request(1), stop.signal)).rejects.toEqual(new Error('stopped'))
  })
})
