import { afterEach, describe, expect, it } from 'vitest'
import type { CsvRequest } from '../../src/domain/csv-row.ts'
import { milliseconds, seconds } from '../../src/domain/units.ts'
import type { RowQueue } from '../../src/storage/row-queue.ts'
import { type DiskCall, type DiskFault, MemoryDisk } from '../fakes/memory-disk.ts'
import type { Survives } from '../fakes/memory-inodes.ts'
import { splitFrames } from './support/split-frames.ts'
import { type Incarnation, line, request, Writing } from './support/writing.ts'

/** A file is full after three requests of 12 rows, which are longer than a sector. */
const rowsEach = 12
const options = {
  rotation: { everyRequest: false, rows: 3 * rowsEach, bytes: Infinity, interval: seconds(60) },
  commitEvery: milliseconds(50),
}

/** The requests that each queue took, in order. */
const taken = new Map<RowQueue, CsvRequest[]>()
afterEach(() => taken.clear())

/** Two cameras, five requests each, in commits of one, two and several; what the queue refuses doesn't count. */
async function produce(writing: Writing, firstFrame: number): Promise<void> {
  const mine = taken.get(writing.queue) ?? []
  taken.set(writing.queue, mine)
  for (const frames of [[0], [1, 2], [3, 4]]) {
    for (const frame of frames) {
      for (const camera of ['dock-1', 'dock-2']) {
        const each = request(firstFrame + frame, rowsEach, camera)
        if (writing.queue.append(each)) mine.push(each)
      }
    }
    await writing.pass(50)
  }
}

const linesOf = ({ cameraId, rows }: CsvRequest): string[] =>
  rows.map((row) => line(row[3] as number, row[4] as number, cameraId))

/** The first day: a start, work, a finish. */
async function day(writing: Writing): Promise<Incarnation> {
  const writer = await writing.started()
  await produce(writing, 0)
  await writing.finished(writer)
  return writer
}

/** A start on what is left, which nothing disturbs. */
async function quietDay(writing: Writing): Promise<void> {
  writing.disk.onCall = () => undefined
  const writer = await writing.started(2)
  await produce(writing, 100)
  await writing.finished(writer)
  expect(writer.ended).toEqual({ output: { drained: true } })
}

/** The rows that were accepted before the power went, by the counts of the queue that is gone with it. */
function acceptedLines(writing: Writing): string[] {
  return ['dock-1', 'dock-2'].flatMap((camera) => {
    const lines = (taken.get(writing.queue) ?? []).filter(({ cameraId }) => cameraId === camera).flatMap(linesOf)
    return lines.slice(0, writing.queue.rows(request(0, 1, camera).cameraId).accepted)
  })
}

const allLines = (writing: Writing): string[] => (taken.get(writing.queue) ?? []).flatMap(linesOf)

function expectEachOnce(writing: Writing, accepted: string[], possible: string[]): void {
  const found = writing.sealedLines()
  const once = new Set(found)
  expect(found.length).toBe(once.size)
  expect(accepted.filter((each) => !once.has(each))).toEqual([])
  const may = new Set(possible)
  expect(found.filter((each) => !may.has(each))).toEqual([])
  expect(writing.sealedFiles().flatMap((content) => splitFrames(content, rowsEach))).toEqual([])
  expect(Object.keys(writing.disk.files()).filter((path) => path.endsWith('.open'))).toEqual([])
}

/** A coin that falls the same way each time (mulberry32). */
function coin(seed: number): () => boolean {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) & 1) === 0
  }
}

/** A power cut goes through a frame. */
function firstSectors(count: number): Survives {
  let sectors = 0
  return (change) => change !== 'write' || sectors++ < count
}

const survivors: [string, () => Survives][] = [
  ['nothing that was not synced', () => () => false],
  ...[1, 2, 3].map((count): [string, () => Survives] => [`the first sectors (${count})`, () => firstSectors(count)]),
  ['everything', () => () => true],
  ...[1, 2].map((seed): [string, () => Survives] => [`a random part (${seed})`, () => coin(seed)]),
]

async function callsOfADay(): Promise<DiskCall[]> {
  const writing = new Writing(new MemoryDisk(), options)
  await day(writing)
  expect(writing.sealedLines().sort()).toEqual(allLines(writing).sort())
  return writing.disk.calls
}

const at = (number: number, fault: DiskFault) => (call: DiskCall) => (call.number === number ? fault : undefined)

describe('a power cut', () => {
  it.each(survivors)(
    'after any call keeps every accepted row in one file, once, with %s surviving',
    async (_, survives) => {
      for (const { number } of await callsOfADay()) {
        for (const answered of [true, false]) {
          const writing = new Writing(new MemoryDisk(), options)
          writing.disk.onCall = (call) => {
            if (call.number > number) return { hang: true }
            return call.number === number && !answered ? { hang: true, done: true } : undefined
          }
          await day(writing)
          const [accepted, possible] = [acceptedLines(writing), allLines(writing)]
          writing.restart(survives())
          await quietDay(writing)
          expectEachOnce(writing, [...accepted, ...allLines(writing)], [...possible, ...allLines(writing)])
        }
      }
    },
    60_000,
  )

  it('takes back nothing of what the scan after a kill has handed over', async () => {
    for (const { number } of await callsOfADay()) {
      const writing = new Writing(new MemoryDisk(), options)
      writing.disk.onCall = (call) => (call.number > number ? { hang: true } : undefined)
      await day(writing)
      const accepted = acceptedLines(writing)
      writing.killed()
      await writing.scan()
      writing.disk.crash()
      const found = writing.sealedLines()
      expect(found.length).toBe(new Set(found).size)
      expect(accepted.filter((each) => !found.includes(each))).toEqual([])
    }
  })

  it.each([{ ms: 900 }, { ms: 1500 }, { ms: 4000 }])(
    'after a file could not be cut for $ms ms finds no row in it that another one has',
    async ({ ms }) => {
      const rotation = { ...options.rotation, interval: seconds(1) }
      const writing = new Writing(new MemoryDisk(), { ...options, rotation })
      const writer = await writing.started()
      await produce(writing, 0)
      const [growing] = writing.queue.ledger.openFiles.keys()
      writing.disk.onCall = ({ kind, path }) => (kind === 'datasync' && path === growing ? { fail: 'EIO' } : undefined)
      await produce(writing, 10)
      await writing.pass(ms)
      const [accepted, possible] = [acceptedLines(writing), allLines(writing)]
      writer.stop.abort(new Error('dead'))
      writing.restart((change) => change !== 'truncate')
      await quietDay(writing)
      expectEachOnce(writing, [...accepted, ...allLines(writing)], [...possible, ...allLines(writing)])
    },
  )

  it('after a sync has failed and dropped what it was to write takes back nothing that was accepted since', async () => {
    const syncs = (await callsOfADay()).filter(({ kind }) => kind === 'datasync')
    for (const { number } of syncs) {
      for (const later of [3, 6, 12, 24, 48]) {
        const writing = new Writing(new MemoryDisk(), options)
        writing.disk.onCall = (call) => {
          if (call.number > number + later) return { hang: true }
          if (call.number !== number) return undefined
          writing.disk.drop(call.path)
          return { fail: 'EIO' }
        }
        await day(writing)
        const [accepted, possible] = [acceptedLines(writing), allLines(writing)]
        writing.restart()
        await quietDay(writing)
        expectEachOnce(writing, [...accepted, ...allLines(writing)], [...possible, ...allLines(writing)])
      }
    }
  })

  it('during the scan that follows one loses nothing either', async () => {
    const calls = await callsOfADay()
    for (let seed = 1; seed <= 60; seed++) {
      const writing = new Writing(new MemoryDisk(), options)
      const first = 1 + ((seed * 7919) % calls.length)
      writing.disk.onCall = ({ number }) => (number > first ? { hang: true } : undefined)
      await day(writing)
      const [accepted, possible] = [acceptedLines(writing), allLines(writing)]
      writing.restart(coin(seed))
      const second = writing.disk.calls.length + 1 + (seed % 25)
      writing.disk.onCall = ({ number }) => (number > second ? { hang: true } : undefined)
      await writing.started(2)
      writing.restart(coin(seed + 1))
      await quietDay(writing)
      expectEachOnce(writing, [...accepted, ...allLines(writing)], [...possible, ...allLines(writing)])
    }
  }, 60_000)
})

describe('a writer that fails with a bug', () => {
  it.each([
    { done: false, is: 'without its effect' },
    { done: true, is: 'with its effect' },
  ])('at any call, $is, leaves its requests to the next one, which writes each once', async ({ done }) => {
    for (const { number } of await callsOfADay()) {
      const writing = new Writing(new MemoryDisk(), options)
      writing.disk.onCall = at(number, { throws: new Error('a bug'), done })
      const writer = await day(writing)
      expect(writer.ended).toEqual({ error: new Error('a bug') })
      await quietDay(writing)
      expectEachOnce(writing, allLines(writing), allLines(writing))
      expect(writing.queue.requests).toMatchObject({ failed: 0, waiting: 0 })
    }
  })

  it('and then loses its power, leaves no row in two files', async () => {
    const calls = await callsOfADay()
    for (let seed = 1; seed <= 80; seed++) {
      const writing = new Writing(new MemoryDisk(), options)
      const first = 1 + ((seed * 7919) % calls.length)
      writing.disk.onCall = at(first, { throws: new Error('a bug'), done: seed % 2 === 0 })
      await day(writing)
      const second = first + 1 + (seed % 60)
      writing.disk.onCall = ({ number }) => (number > second ? { hang: true } : undefined)
      const writer = await writing.started()
      await writing.finished(writer)
      const [accepted, possible] = [acceptedLines(writing), allLines(writing)]
      writing.restart(coin(seed))
      await quietDay(writing)
      expectEachOnce(writing, [...accepted, ...allLines(writing)], [...possible, ...allLines(writing)])
    }
  }, 60_000)
})

describe('a call that is reported as failed', () => {
  it.each([
    { code: 'EIO', done: false },
    { code: 'EIO', done: true },
    { code: 'ENOSPC', done: false },
    { code: 'ENOSPC', done: true },
  ])('($code, done: $done), whichever it is, costs no row and doubles none', async ({ code, done }) => {
    for (const { number, kind } of await callsOfADay()) {
      const writing = new Writing(new MemoryDisk(), options)
      writing.disk.onCall = at(number, { fail: code, done })
      const writer = await day(writing)
      // The scan of an empty folder has no retry of its own: whoever runs it starts it again.
      if (writer.ended && 'error' in writer.ended) {
        expect([kind, writer.ended.error]).toEqual([kind, expect.objectContaining({ systemCode: code })])
      } else {
        expect(writer.ended).toEqual({ output: { drained: true } })
      }
      await quietDay(writing)
      expectEachOnce(writing, allLines(writing), allLines(writing))
      expect(writing.queue.requests).toMatchObject({ failed: 0, waiting: 0 })
    }
  })
})

describe('a writer that is stopped while a call hangs', () => {
  it('lets the next one touch nothing before that call has come back, and does no harm after', async () => {
    for (const { number } of await callsOfADay()) {
      let comeBack = (): void => undefined
      const until = new Promise<void>((resolve) => (comeBack = resolve))
      const writing = new Writing(new MemoryDisk(), options)
      writing.disk.onCall = at(number, { hang: true, until })
      const writer = await writing.started()
      await produce(writing, 0)
      writer.stop.abort(new Error('stopped'))
      await writing.settled()
      const before = writing.disk.calls.length
      const next = await writing.started()
      if (before >= number) expect(writing.disk.calls.length).toBe(before)
      comeBack()
      await writing.settled()
      await writing.finished(next)
      expect(writer.ended).toEqual({ error: new Error('stopped') })
      expect(next.ended).toEqual({ output: { drained: true } })
      expectEachOnce(writing, allLines(writing), allLines(writing))
    }
  })
})
