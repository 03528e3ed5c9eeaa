import { setImmediate as nextTurn } from 'node:timers/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { Buffers } from '../../src/delivery/buffers.ts'
import { type Chunk, readSealed } from '../../src/delivery/read-sealed.ts'
import { SealedFileChangedError } from '../../src/domain/delivery-errors.ts'
import { DiskError } from '../../src/domain/disk-error.ts'
import type { Disk } from '../../src/ports/disk.ts'
import { MemoryDisk } from '../fakes/memory-disk.ts'
import { settle } from '../fakes/virtual-clock.ts'
import { sealed } from './start-delivery.ts'

const content = 'boot,camera\n7,dock-1\n'
const file = sealed(1, content)

let disk: MemoryDisk
beforeEach(() => {
  disk = new MemoryDisk()
  disk.put(file.path, content)
})

const next = async (chunks: AsyncGenerator<Chunk, void>): Promise<Chunk> => {
  const { value } = await chunks.next()
  if (value === undefined) throw new Error('there are no more chunks')
  return value
}

/** The n-th read of the file that is opened next. */
const failRead = (number: number): void => {
  disk.onCall = (call) => (call.number === 1 + number ? { fail: 'EIO' } : undefined)
}

const calls = (): string[] => disk.calls.map(({ kind }) => kind)

/** All of it, each buffer given back at once. */
async function readAll(from: Disk, bytesEach: number): Promise<string> {
  const buffers = new Buffers(bytesEach)
  let text = ''
  for await (const { bytes } of readSealed(from, file, buffers)) {
    text += Buffer.from(bytes).toString()
    buffers.giveBack(bytes)
  }
  return text
}

/** The same disk, whose reads give `most` bytes at a time. */
function piecemeal(most: number): Disk {
  const open = disk.open
  disk.open = async (path) => {
    const opened = await open(path)
    return {
      ...opened,
      readEach: ([into], position) => opened.readEach(into ? [into.subarray(0, most)] : [], position),
    }
  }
  return disk
}

describe('a sealed file that fits into a buffer', () => {
  it('is read by one call', async () => {
    expect(await readAll(disk, 1000)).toBe(content)
    expect(calls()).toEqual(['open', 'read', 'close'])
  })

  it('is read by one call too where it fills the buffer', async () => {
    expect(await readAll(disk, content.length)).toBe(content)
    expect(calls()).toEqual(['open', 'read', 'close'])
  })
})

describe('a disk that gives less than it is asked for', () => {
  it.each([1, 4, 7, 20, 21])('is asked again until all is there: %i bytes at a time', async (most) => {
    const inPieces = piecemeal(most)
    expect(await readAll(inPieces, 8)).toBe(content)
    expect(await readAll(inPieces, 1000)).toBe(content)
  })

  it.each([4, 8, 20])('does not hide that the file is longer: %i bytes at a time', async (most) => {
    disk.put(file.path, `${content}.`)
    await expect(readAll(piecemeal(most), 1000)).rejects.toThrow(/longer than 21 bytes/)
  })

  it('does not hide that the file is shorter', async () => {
    disk.put(file.path, content.slice(1))
    await expect(readAll(piecemeal(4), 1000)).rejects.toThrow(/20 bytes long, 21 were sealed/)
  })
})

describe('a sealed file of several buffers', () => {
  const reads = (): number => calls().filter((kind) => kind === 'read').length

  it('is read four buffers at a time, one call ahead of its reader and no more', async () => {
    const chunks = readSealed(disk, file, new Buffers(2))
    for (const [position, text, most] of [
      [0, 'bo', 2],
      [2, 'ot', 2],
      [4, ',c', 2],
      [6, 'am', 2],
      [8, 'er', 3],
    ] as const) {
      const chunk = await next(chunks)
      expect([chunk.position, Buffer.from(chunk.bytes).toString()]).toEqual([position, text])
      await settle()
      expect(reads()).toBe(most)
    }
    await chunks.return()
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 20, 21, 22])(
    'comes whole and in order from buffers of %i bytes',
    async (bytesEach) => {
      expect(await readAll(disk, bytesEach)).toBe(content)
    },
  )

  it('is asked for its end where it fills all four', async () => {
    const four = sealed(1, 'boot')
    disk.put(four.path, 'boot')
    const texts: string[] = []
    for await (const { bytes } of readSealed(disk, four, new Buffers(1))) texts.push(Buffer.from(bytes).toString())
    expect(texts).toEqual(['b', 'o', 'o', 't'])
    expect(calls()).toEqual(['open', 'read', 'read', 'close'])
  })

  it('needs eight buffers where its reader gives each back', async () => {
    const buffers = new Buffers(1)
    const seen = new Set<ArrayBufferLike>()
    for await (const { bytes } of readSealed(disk, file, buffers)) {
      seen.add(bytes.buffer)
      await settle()
      buffers.giveBack(bytes)
    }
    expect(seen.size).toBe(8)
  })

  it('gives back the buffers that nothing was read into', async () => {
    const buffers = new Buffers(6)
    const four = (): Uint8Array[] => Array.from({ length: 4 }, () => buffers.take())
    const spare = four()
    for (const each of spare) buffers.giveBack(each)
    disk.put(file.path, '')
    await expect(readSealed(disk, file, buffers).next()).rejects.toThrow(/0 bytes long, 21 were sealed/)
    const known = new Set(spare.map(({ buffer }) => buffer))
    expect(four().filter(({ buffer }) => known.has(buffer))).toHaveLength(4)
  })

  it('tells of a read ahead that failed when its turn comes, and is closed', async () => {
    failRead(2)
    const chunks = readSealed(disk, file, new Buffers(5))
    for (let taken = 0; taken < 4; taken++) await next(chunks)
    await nextTurn()
    await expect(chunks.next()).rejects.toThrow(new DiskError('read', file.path, 'EIO'))
    expect(calls()).toEqual(['open', 'read', 'read', 'close'])
  })

  it('is closed where no more of it is wanted, once the read ahead has its answer', async () => {
    let answer: () => void = () => undefined
    const until = new Promise<void>((resolve) => (answer = resolve))
    disk.onCall = ({ number }) => (number === 3 ? { hang: true, until } : undefined)
    const chunks = readSealed(disk, file, new Buffers(2))
    await next(chunks)
    const ended = chunks.return()
    await settle()
    expect(calls()).toEqual(['open', 'read', 'read'])
    answer()
    await ended
    expect(calls()).toEqual(['open', 'read', 'read', 'close'])
  })

  it('is closed where no more of it is wanted and the read ahead has failed, of which nobody hears', async () => {
    failRead(2)
    const chunks = readSealed(disk, file, new Buffers(2))
    await next(chunks)
    await nextTurn()
    expect(await chunks.return()).toEqual({ done: true, value: undefined })
    expect(calls()).toEqual(['open', 'read', 'read', 'close'])
  })

  it('is refused where it has grown, and closed', async () => {
    disk.put(file.path, `${content}.`)
    await expect(readAll(disk, 4)).rejects.toThrow(SealedFileChangedError)
    expect(calls().at(-1)).toBe('close')
  })
})
