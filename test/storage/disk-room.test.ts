import { describe, expect, it } from 'vitest'
import { DiskError } from '../../src/domain/disk-error.ts'
import { minutes, seconds } from '../../src/domain/units.ts'
import { fileName, header, type Incarnation, line, lines, never, request, Writing } from './support/writing.ts'

const marks = { warnBelow: 5_000_000, pauseBelow: 1_000_000 }

/** A writer on a disk that has `free` bytes, with a camera's first row in an open file. */
async function startWriting(free: number, options: ConstructorParameters<typeof Writing>[1] = { marks }) {
  const writing = new Writing(undefined, options)
  let freeBytes = free
  writing.disk.freeBytes = async () => freeBytes
  const writer = await writing.started()
  const leave = async (bytes: number, wait = seconds(5)) => {
    freeBytes = bytes
    await writing.pass(wait)
  }
  return { writing, writer, leave }
}

const wordsOf = ({ events }: Incarnation): string[] =>
  events.map((event) => `${event.type}: ${'why' in event ? event.why : ''}`)

describe('a disk with little room left', () => {
  it('is told of, with when rows will have to wait, and rows go on', async () => {
    const { writing, writer, leave } = await startWriting(9_000_000)
    for (let left = 8_500_000; left >= 4_500_000; left -= 500_000) await leave(left, seconds(15))
    await writing.append(request(1))
    expect(writing.queue.requests).toMatchObject({ written: 1, waiting: 0 })
    expect(wordsOf(writer)).toEqual([
      'disk.low: the disk has 4.5 MB free, and rows have to wait in about 2 minutes if it goes on like this',
    ])
    expect(writing.watch.room).toEqual({ level: 'low', freeBytes: 4_500_000, fullIn: seconds(105) })
  })

  it('is told of again every ten minutes, and once when there is enough', async () => {
    const { writer, leave } = await startWriting(4_000_000)
    await leave(4_000_000, seconds(599))
    expect(writer.events).toHaveLength(1)
    await leave(4_000_000, seconds(6))
    expect(writer.events).toHaveLength(2)
    await leave(5_400_000, minutes(1))
    expect(writer.events).toHaveLength(2)
    await leave(5_500_000)
    expect(wordsOf(writer).slice(2)).toEqual(['disk.enough: the disk has 5.5 MB free'])
  })

  it('that comes and goes is told of once a minute', async () => {
    const { writer, leave } = await startWriting(9_000_000)
    for (let turn = 0; turn < 12; turn++) await leave(turn % 2 === 0 ? 4_000_000 : 9_000_000)
    expect(wordsOf(writer)).toEqual(['disk.low: the disk has 4.0 MB free'])
  })
})

describe('a disk with less room than rows may take', () => {
  const why = 'the disk has 900 kB free, less than disk.pauseBelow (1.0 MB); rows wait until 1.1 MB are free'

  it('holds rows back, still seals, says so, and goes on when a tenth more is free', async () => {
    const { writing, writer, leave } = await startWriting(9_000_000, {
      marks: { ...marks, warnBelow: 0 },
      rotation: { ...never, interval: seconds(60) },
    })
    await writing.append(request(1))
    await leave(900_000)
    await writing.append(request(2))
    await leave(900_000, minutes(1))
    expect(writing.sealedLines()).toEqual([line(1)])
    expect(writing.queue.requests).toMatchObject({ written: 1, waiting: 1 })
    expect(writer.events[0]).toEqual({ type: 'writer.blocked', why })
    await leave(1_050_000)
    expect(writing.queue.requests).toMatchObject({ written: 1, waiting: 1 })
    await leave(1_100_000, seconds(1))
    expect(writing.queue.requests).toMatchObject({ written: 2, waiting: 0 })
    expect(wordsOf(writer).at(-1)).toBe('writer.resumed: ')
  })

  it('is written to all the same at a stop', async () => {
    const { writing, writer } = await startWriting(900_000)
    await writing.append(request(1))
    expect(writing.queue.requests.waiting).toBe(1)
    await writing.finished(writer)
    expect(writer.ended).toEqual({ output: { drained: true } })
    expect(writing.sealedLines()).toEqual([line(1)])
  })

  it('that does not say how much it has holds nothing back', async () => {
    const { writing, leave } = await startWriting(9_000_000)
    writing.disk.freeBytes = async () => {
      throw new DiskError('statfs', '.', 'EIO')
    }
    await leave(0)
    await writing.append(request(1))
    expect(writing.queue.requests.waiting).toBe(0)
    expect(writing.watch.room).toEqual({ level: 'enough', freeBytes: undefined, fullIn: undefined })
  })
})

describe('the room that is set aside', () => {
  const reserveBytes = 100_000
  const reserve = 'belay.reserve'
  const reserved = ({ disk }: Writing) => disk.files()[reserve]?.length

  /** A disk whose reserve is held, with one row written and `spare` bytes beyond that. */
  async function startOnFullDisk(spare: number) {
    const writing = new Writing(undefined, { reserveBytes, rotation: { ...never, interval: seconds(60) } })
    const writer = await writing.started()
    await writing.append(request(1))
    writing.disk.capacity = reserveBytes + (header + line(1)).length + spare
    return { writing, writer }
  }

  it('is held before the first row is written', async () => {
    const writing = new Writing(undefined, { reserveBytes })
    await writing.started()
    await writing.append(request(1))
    const calls = writing.disk.calls.map(({ kind, path }) => `${kind} ${path}`)
    expect(calls.indexOf(`datasync ${reserve}`)).toBeGreaterThan(-1)
    expect(calls.indexOf(`datasync ${reserve}`)).toBeLessThan(
      calls.findIndex((call) => call.startsWith('create open/')),
    )
    expect(Buffer.byteLength(writing.disk.files()[reserve] ?? '')).toBeGreaterThanOrEqual(reserveBytes)
  })

  it('says that there is no room for it, whatever else fails when it lets go of what it has', async () => {
    const writing = new Writing(undefined, { reserveBytes })
    const writer = await writing.started()
    writing.disk.capacity = reserveBytes / 2
    const refused: Record<string, string> = { close: 'EIO' }
    writing.disk.onCall = ({ kind, path }) => {
      const code = path === reserve ? refused[kind] : undefined
      if (code === undefined) return undefined
      delete refused[kind]
      if (kind === 'close') refused['unlink'] = 'EROFS'
      return { fail: code }
    }
    await writing.append(request(1))
    expect(writer.events.at(-1)).toMatchObject({
      type: 'writer.blocked',
      why: expect.stringContaining('ENOSPC') as string,
    })
    expect(refused).toEqual({})
    writing.disk.capacity = Infinity
    await writing.pass(seconds(1))
    expect(writing.queue.requests.waiting).toBe(0)
    expect(reserved(writing)).toBeGreaterThan(0)
  })

  it('is given up when the disk is full, so that files are sealed; no row takes it', async () => {
    const { writing, writer } = await startOnFullDisk(10)
    await writing.append(request(2))
    expect(reserved(writing)).toBeUndefined()
    await writing.pass(minutes(2))
    expect(writing.sealedLines()).toEqual([line(1)])
    expect(writing.queue.requests).toMatchObject({ written: 1, waiting: 1 })
    expect(writer.events).toContainEqual(expect.objectContaining({ type: 'writer.blocked' }))
  })

  it('is held again when there is room, and then rows go on', async () => {
    const { writing, writer } = await startOnFullDisk(10)
    await writing.append(request(2))
    writing.disk.capacity -= 50_000
    await writing.pass(seconds(5))
    expect(writing.queue.requests.waiting).toBe(1)
    writing.disk.capacity = Infinity
    await writing.pass(seconds(1))
    expect(writing.queue.requests.waiting).toBe(0)
    expect(reserved(writing)).toBeGreaterThan(0)
    expect(writer.events.at(-1)).toEqual({ type: 'writer.resumed' })
  })

  it('takes what is queued at a stop', async () => {
    const { writing, writer } = await startOnFullDisk(10)
    await writing.append(request(2), request(3))
    expect(writing.queue.requests.waiting).toBe(2)
    await writing.finished(writer)
    expect(writer.ended).toEqual({ output: { drained: true } })
    expect(writing.sealedLines().join('')).toBe(lines(1, 2, 3))
  })

  it('is given up where others have filled the disk and no row is written', async () => {
    const writing = new Writing(undefined, { reserveBytes, marks })
    await writing.started()
    writing.disk.freeBytes = async () => 2_000_000
    await writing.append(request(1))
    expect(reserved(writing)).toBeGreaterThan(0)
    writing.disk.freeBytes = async () => 99_999
    await writing.pass(seconds(5))
    expect(reserved(writing)).toBeUndefined()
  })
  it.each([
    { free: 900_000, pauseBelow: 1_000_000, what: 'rows wait, and there is more free than it holds' },
    { free: 100_000, pauseBelow: 1_000_000, what: 'rows wait, and there is as much free as it holds' },
    { free: 99_999, pauseBelow: 50_000, what: 'rows are written still' },
  ])('stays where $what', async ({ free, pauseBelow }) => {
    const writing = new Writing(undefined, { reserveBytes, marks: { warnBelow: 0, pauseBelow } })
    await writing.started()
    writing.disk.freeBytes = async () => 2_000_000
    await writing.append(request(1))
    writing.disk.freeBytes = async () => free
    await writing.pass(seconds(5))
    expect(writing.watch.room.freeBytes).toBe(free)
    expect(reserved(writing)).toBeGreaterThan(0)
  })
})

describe('a reserve that is larger than the room at which rows wait', () => {
  const reserveBytes = 100_000
  const options = { reserveBytes, marks: { warnBelow: 0, pauseBelow: 10_000 } }
  const reserve = 'belay.reserve'
  const timesTaken = ({ disk: { calls } }: Writing) =>
    calls.filter(({ kind, path }) => kind === 'create' && path === reserve).length

  /** A disk whose reserve is held, with one row written, on which others leave `spare` bytes. */
  async function startBesideOthers(spare: number) {
    const writing = new Writing(undefined, options)
    writing.disk.capacity = 1_000_000
    const writer = await writing.started()
    await writing.append(request(1))
    writing.disk.capacity = writing.disk.used + spare
    await writing.pass(seconds(5))
    return { writing, writer }
  }

  it('is given up once, and its own room lets no row go on', async () => {
    const { writing, writer } = await startBesideOthers(9_000)
    await writing.append(request(2))
    await writing.pass(minutes(1))
    expect(timesTaken(writing)).toBe(1)
    expect(writing.disk.paths).not.toContain(reserve)
    expect(writing.queue.requests).toMatchObject({ written: 1, waiting: 1 })
    expect(writing.watch.room).toMatchObject({ level: 'none', freeBytes: 109_000 })
    expect(wordsOf(writer)).toEqual([
      'writer.blocked: the disk has 9.0 kB free, less than disk.pauseBelow (10 kB); rows wait until 11 kB are free',
      'writer.blocked: the disk has 109 kB free, less than disk.pauseBelow (10 kB) and what is to be set aside as disk.reserve (100 kB); rows wait until 111 kB are free',
    ])
  })

  it('is held again when there is room for it and a tenth more than the mark', async () => {
    const { writing } = await startBesideOthers(9_000)
    await writing.append(request(2))
    writing.disk.capacity += 1_999
    await writing.pass(seconds(5))
    expect(writing.queue.requests.waiting).toBe(1)
    writing.disk.capacity += 1
    await writing.pass(seconds(1))
    expect(writing.queue.requests.waiting).toBe(0)
    expect(timesTaken(writing)).toBe(2)
  })

  it('is room that rows may count on where an earlier process has set it aside', async () => {
    const writing = new Writing(undefined, options)
    writing.disk.put(reserve, 'x'.repeat(reserveBytes))
    writing.disk.capacity = reserveBytes + 10_200
    const writer = await writing.started()
    await writing.append(request(1))
    expect(wordsOf(writer)).toEqual([])
    expect(writing.queue.requests.waiting).toBe(0)
  })

  it('is no row’s where it was never set aside', async () => {
    const writing = new Writing(undefined, options)
    writing.disk.capacity = 109_999
    await writing.started()
    await writing.append(request(1))
    expect(writing.queue.requests.waiting).toBe(1)
    expect(timesTaken(writing)).toBe(0)
  })
})

describe('a reserve that an earlier configuration has set aside', () => {
  it('is removed where none is wanted', async () => {
    const writing = new Writing()
    writing.disk.put('belay.reserve', 'x'.repeat(1000))
    await writing.started()
    expect(writing.disk.paths).toEqual([])
  })

  it('that cannot be removed holds nothing up, and is tried again', async () => {
    const writing = new Writing()
    writing.disk.put('belay.reserve', 'x'.repeat(1000))
    writing.disk.failNext('unlink', 'EACCES', 'belay.reserve')
    await writing.started()
    await writing.append(request(1))
    expect(writing.queue.requests.waiting).toBe(0)
    expect(writing.disk.paths).toContain('belay.reserve')
    await writing.pass(seconds(5))
    expect(writing.disk.paths).not.toContain('belay.reserve')
  })
})

describe('a writer that waits for something else than at first', () => {
  it('says so once, and not again while it is that', async () => {
    const rotation = { ...never, interval: seconds(60) }
    const { writing, writer, leave } = await startWriting(9_000_000, {
      marks: { ...marks, warnBelow: 0 },
      rotation,
    })
    await writing.append(request(1))
    await leave(900_000)
    await leave(800_000)
    await leave(9_000_000)
    await leave(900_000)
    writing.disk.onCall = ({ kind }) => (kind === 'rename' ? { fail: 'EACCES' } : undefined)
    await leave(800_000, seconds(60))
    await leave(9_000_000, seconds(60))
    writing.disk.onCall = ({ kind }) => (kind === 'rename' ? { fail: 'EROFS' } : undefined)
    await leave(9_000_000, seconds(60))
    const room = 'the disk has 900 kB free, less than disk.pauseBelow (1.0 MB); rows wait until 1.1 MB are free'
    const renamed = (code: string) =>
      expect.stringContaining(`dock-1/model waits: rename of open/${fileName(1)}.open failed: ${code}`) as string
    expect(wordsOf(writer)).toEqual([
      `writer.blocked: ${room}`,
      'writer.resumed: ',
      `writer.blocked: ${room}`,
      renamed('EACCES'),
      renamed('EROFS'),
    ])
  })
})

describe('a look at the disk that the end of its writer cuts off', () => {
  it('is made again by the next writer', async () => {
    const writing = new Writing(undefined, { marks })
    let answer = (): void => undefined
    const until = new Promise<void>((resolve) => (answer = resolve))
    writing.disk.onCall = ({ kind }) => (kind === 'freeBytes' ? { hang: true, until } : undefined)
    const writer = await writing.started()
    writer.stop.abort(new Error('stopped'))
    writing.disk.onCall = () => undefined
    answer()
    await writing.settled()
    writing.disk.capacity = 900_000
    const next = await writing.started()
    expect(wordsOf(next)).toEqual([
      'writer.blocked: the disk has 900 kB free, less than disk.pauseBelow (1.0 MB); rows wait until 1.1 MB are free',
    ])
  })
})
