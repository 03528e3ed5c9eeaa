import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { DiskError } from '../../src/domain/disk-error.ts'
import type { DiskCallKind } from '../fakes/memory-disk.ts'
import type { ScanReport } from '../../src/storage/scan-report.ts'
import { describeScan } from '../../src/storage/scan-report.ts'
import { fileName, header, line, lines, request, Writing } from './support/writing.ts'

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex')
const open = `open/${fileName(1)}.open`
const sealed = `dock-1/model/${fileName(1)}`
const nothing: ScanReport = { mended: [], adopted: [], setAside: [], removed: [], unread: [], left: [] }

const on = (files: Record<string, string | Uint8Array>): Writing => {
  const writing = new Writing()
  for (const [path, content] of Object.entries(files)) writing.disk.put(path, content)
  return writing
}

describe('an empty data folder', () => {
  it('gets its folder for open files, and is in order', async () => {
    const writing = new Writing()
    const report = await writing.scan()
    expect(report).toEqual(nothing)
    expect(describeScan(report)).toBe('the data folder was in order')
    expect(await writing.disk.list('.')).toEqual([{ name: 'open', kind: 'folder' }])
  })
})

describe('a file that was open', () => {
  it('is sealed and handed over as it is where it ends with a whole row', async () => {
    const writing = on({ [open]: header + lines(1, 2) })
    expect(await writing.scan()).toEqual({ ...nothing, mended: [{ path: sealed, rows: 2, tornBytes: 0 }] })
    writing.disk.crash()
    expect(writing.disk.files()).toEqual({ [sealed]: header + lines(1, 2) })
    expect(writing.manifest.file(sealed)).toMatchObject({
      ...{
        bytes: (header + lines(1, 2)).length,
        sha256: sha256(header + lines(1, 2)),
        rows: 2,
        priority: 6,
        state: 'pending',
      },
    })
  })

  it.each([
    ['a row that lacks its line end', line(2).slice(0, -1)],
    ['half a row', line(2).slice(0, 20)],
    ['a row that lacks a cell', '1,dock-1,1,2,1,2026-01-01T00:00:00.000Z,m,particle,0.5,1,2,3\n'],
    ['a row that has a cell too many', '1,dock-1,1,2,1,2026-01-01T00:00:00.000Z,m,particle,0.5,1,2,3,4,5\n'],
    ['a row of another camera', line(2, 1, 'dock-2')],
    ['zeros, as a power cut leaves them', '\0'.repeat(512)],
    ['zeros inside a row', line(2).replace('particle', '\0'.repeat(8))],
    ['zeros and a whole row behind them', '\0'.repeat(512) + line(3)],
    ['a quote that is never closed', '1,dock-1,1,2,1,t,m,"part\n' + line(3)],
  ])('is cut before %s, which is kept', async (_, tail) => {
    const writing = on({ [open]: header + line(1) + tail })
    expect(await writing.scan()).toEqual({ ...nothing, mended: [{ path: sealed, rows: 1, tornBytes: tail.length }] })
    expect(writing.queue.ledger.tornBytes).toBe(tail.length)
    writing.disk.crash()
    expect(writing.disk.files()).toEqual({
      [`open/${fileName(1)}.torn`]: tail,
      [sealed]: header + line(1),
    })
  })

  it.each([
    ['in its next row', line(2, 3).slice(0, 20)],
    ['right behind what names it', '1,dock-1,1,2,'],
    ['with zeros behind what names it', `1,dock-1,1,2,${'\0'.repeat(512)}`],
    ['with a row that is there, and not whole', line(2, 3).replace('particle', '\0'.repeat(8)) + line(2, 4)],
  ])('loses a frame that was cut through with all its rows, %s: it was never accepted', async (_, tail) => {
    const torn = line(2) + line(2, 2) + tail
    const writing = on({ [open]: header + line(1) + torn })
    expect(await writing.scan()).toEqual({ ...nothing, mended: [{ path: sealed, rows: 1, tornBytes: torn.length }] })
    expect(writing.queue.ledger.tornBytes).toBe(torn.length)
    writing.disk.crash()
    expect(writing.disk.files()).toEqual({ [`open/${fileName(1)}.torn`]: torn, [sealed]: header + line(1) })
  })

  it('is removed where that was its only frame', async () => {
    const torn = line(1) + line(1, 2).slice(0, 20)
    const writing = on({ [open]: header + torn })
    expect(await writing.scan()).toEqual({ ...nothing, removed: [{ path: open, tornBytes: torn.length }] })
    expect(writing.disk.files()).toEqual({ [`open/${fileName(1)}.torn`]: torn })
  })

  it.each([
    ['nothing', ''],
    ['what may name another', '1,dock-1,1,2'],
    ['zeros in the midst of what names a frame', `1,dock-1,1,${'\0'.repeat(512)}`],
    ['a row of a later frame', line(20).slice(0, 20)],
    ['a row of a later life of its camera', '1,dock-1,2,2,1'],
    ['a row of a later boot', '12,dock-1,1,2,1'],
  ])('keeps its last frame where behind it stands %s: it may have been accepted', async (_, tail) => {
    const frame = line(2) + line(2, 2)
    const writing = on({ [open]: header + line(1) + frame + tail })
    expect(await writing.scan()).toEqual({ ...nothing, mended: [{ path: sealed, rows: 3, tornBytes: tail.length }] })
    expect(writing.disk.files()[sealed]).toBe(header + line(1) + frame)
  })

  it('is cut where a row ends, not where a cell has a line end', async () => {
    const quoted = (frame: number) => `1,dock-1,1,${frame},1,2026-01-01T00:00:00.000Z,m,"a ""b"",\nc",0.5,1,2,3,4\n`
    const tornBytes = quoted(3).indexOf('\n') + 1
    const writing = on({ [open]: header + quoted(2) + quoted(3).slice(0, tornBytes) })
    expect(await writing.scan()).toEqual({ ...nothing, mended: [{ path: sealed, rows: 1, tornBytes }] })
    expect(writing.disk.files()[sealed]).toBe(header + quoted(2))
  })

  it('is cut in a file of many chunks', async () => {
    const many = Array.from({ length: 5000 }, (_, frame) => line(frame)).join('')
    const writing = on({ [open]: header + many + 'x'.repeat(100_000) })
    expect(await writing.scan()).toEqual({ ...nothing, mended: [{ path: sealed, rows: 5000, tornBytes: 100_000 }] })
    expect(writing.manifest.file(sealed)?.sha256).toBe(sha256(header + many))
    expect(writing.disk.files()[`open/${fileName(1)}.torn`]).toBe('x'.repeat(100_000))
  })

  it.each([
    ['nothing', ''],
    ['a header', header],
    ['a header and half a row', header + line(1).slice(0, 20)],
  ])('is removed where it holds %s', async (_, content) => {
    const writing = on({ [open]: content })
    const torn = content.slice(header.length)
    expect(await writing.scan()).toEqual({ ...nothing, removed: [{ path: open, tornBytes: torn.length }] })
    expect(writing.queue.ledger.tornBytes).toBe(torn.length)
    writing.disk.crash()
    expect(writing.disk.files()).toEqual(torn === '' ? {} : { [`open/${fileName(1)}.torn`]: torn })
  })

  it.each([
    ['half a header', header.slice(0, 20)],
    ['another header', header.replace('score', 'grade') + line(1)],
    ['the header of a newer Belay, which has a column more', header.replace('\n', ',text\n') + line(1)],
    ['a header that ends as on Windows', header.replace('\n', '\r\n') + line(1)],
    ['zeros', '\0'.repeat(200)],
  ])('is set aside where it begins with %s', async (_, content) => {
    const writing = on({ [open]: content })
    const path = `open/${fileName(1)}.broken`
    const report = await writing.scan()
    expect(report).toEqual({ ...nothing, setAside: [{ path, why: 'its header is not ours' }] })
    expect(describeScan(report)).toBe(`set aside: ${path} (its header is not ours)`)
    writing.disk.crash()
    expect(writing.disk.files()).toEqual({ [path]: content })
  })

  it('is set aside, rows and all, whichever one byte of its header is another', async () => {
    const path = `open/${fileName(1)}.broken`
    for (let position = 0; position < header.length; position++) {
      const content = `${header.slice(0, position)}#${header.slice(position + 1)}${line(1)}`
      const writing = on({ [open]: content })
      expect(await writing.scan()).toEqual({ ...nothing, setAside: [{ path, why: 'its header is not ours' }] })
      expect(writing.disk.files()).toEqual({ [path]: content })
    }
  })

  it('is removed where a power cut in a rename has left it under both names', async () => {
    const writing = on({ [open]: header + line(1), [sealed]: header + line(1) })
    expect(await writing.scan()).toEqual({ ...nothing, removed: [{ path: open, tornBytes: 0 }], adopted: [sealed] })
    expect(writing.disk.files()).toEqual({ [sealed]: header + line(1) })
  })

  it('is set aside where another file has its final name, which is not touched', async () => {
    const writing = on({ [open]: header + line(1), [sealed]: header + line(2) })
    const path = `open/${fileName(1)}.broken`
    expect(await writing.scan()).toEqual({
      ...nothing,
      setAside: [{ path, why: `${sealed} is there already, and differs` }],
      adopted: [sealed],
    })
    expect(writing.disk.files()).toEqual({ [path]: header + line(1), [sealed]: header + line(2) })
  })

  it('is left alone under a name that is not ours', async () => {
    const writing = on({ 'open/notes.open': 'x', 'open/notes.txt': 'y' })
    const report = await writing.scan()
    expect(report).toEqual({ ...nothing, left: [{ path: 'open/notes.open', why: 'not a name that Belay gives' }] })
    expect(describeScan(report)).toBe('left alone: open/notes.open (not a name that Belay gives)')
    expect(writing.disk.files()).toEqual({ 'open/notes.open': 'x', 'open/notes.txt': 'y' })
  })

  it.each<[DiskCallKind, string, string]>([
    ['open', 'open', 'EACCES'],
    ['length', 'fstat', 'EIO'],
    ['read', 'read', 'EIO'],
    ['truncate', 'truncate', 'EPERM'],
    ['datasync', 'fdatasync', 'EIO'],
    ['close', 'close', 'EIO'],
  ])('is left for another try where its %s fails, and the others are mended', async (kind, call, code) => {
    const other = `open/${fileName(2)}.open`
    const writing = on({ [open]: header + line(1) + 'torn', [other]: header + line(2) })
    writing.disk.failNext(kind, code, open)
    const why = new DiskError(call, open, code).message
    const report = await writing.scan()
    expect(report).toEqual({
      ...nothing,
      unread: [{ path: open, why }],
      mended: [{ path: `dock-1/model/${fileName(2)}`, rows: 1, tornBytes: 0 }],
    })
    const { mended } = await writing.scan()
    expect(mended).toMatchObject([{ path: sealed, rows: 1 }])
    expect(writing.disk.files()[sealed]).toBe(header + line(1))
  })

  it('waits for the next scan where the disk as a whole fails', async () => {
    const writing = on({ [open]: header + line(1) })
    writing.disk.failNext('rename', 'EROFS')
    await expect(writing.scan()).rejects.toEqual(new DiskError('rename', open, 'EROFS'))
    expect(await writing.scan()).toEqual({ ...nothing, mended: [{ path: sealed, rows: 1, tornBytes: 0 }] })
  })

  it('is mended on a full disk too, which has no room for the torn bytes', async () => {
    const writing = on({ [open]: header + line(1) + 'torn' })
    writing.disk.capacity = (header + line(1)).length + 6
    expect(await writing.scan()).toEqual({ ...nothing, mended: [{ path: sealed, rows: 1, tornBytes: 4 }] })
    expect(writing.disk.files()).toEqual({ [sealed]: header + line(1) })
  })

  it('is mended on a disk on which no file can be made any more', async () => {
    const writing = on({ [open]: header + line(1) + 'torn' })
    writing.disk.failNext('create', 'ENOSPC', '.torn')
    expect(await writing.scan()).toEqual({ ...nothing, mended: [{ path: sealed, rows: 1, tornBytes: 4 }] })
    expect(writing.disk.files()).toEqual({ [sealed]: header + line(1) })
  })

  it('is mended so too where the file for them cannot even be closed', async () => {
    const writing = on({ [open]: header + line(1) + 'torn' })
    writing.disk.failNext('close', 'EIO', '.torn')
    writing.disk.failNext('write', 'ENOSPC', '.torn')
    expect(await writing.scan()).toEqual({ ...nothing, mended: [{ path: sealed, rows: 1, tornBytes: 4 }] })
    expect(writing.disk.files()).toEqual({ [sealed]: header + line(1) })
  })

  it('is set aside on a full disk where there is nothing but torn bytes behind its header', async () => {
    const content = header + line(1).slice(0, 20)
    const writing = on({ [open]: content })
    writing.disk.capacity = content.length + 6
    const path = `open/${fileName(1)}.broken`
    const why = 'what stands behind its header is no whole row, and cannot be kept: the disk has no room'
    expect(await writing.scan()).toEqual({ ...nothing, setAside: [{ path, why }] })
    expect(writing.disk.files()).toEqual({ [path]: content })
  })

  it.each([
    ['write', 'EIO'],
    ['datasync', 'EIO'],
    ['close', 'EIO'],
  ] as const)(
    'is mended where only the torn bytes cannot be kept (%s: %s), which nobody was promised',
    async (kind, code) => {
      const writing = on({ [open]: header + line(1) + 'torn' })
      writing.disk.failNext(kind, code, '.torn')
      expect(await writing.scan()).toEqual({ ...nothing, mended: [{ path: sealed, rows: 1, tornBytes: 4 }] })
      expect(writing.disk.files()).toEqual({ [sealed]: header + line(1) })
    },
  )

  it('is set aside where those are all that it has, and the disk does not keep them', async () => {
    const content = header + line(1).slice(0, 20)
    const writing = on({ [open]: content })
    writing.disk.failNext('datasync', 'EIO', '.torn')
    const path = `open/${fileName(1)}.broken`
    const why = `what stands behind its header is no whole row, and cannot be kept: fdatasync of open/${fileName(1)}.torn failed: EIO`
    expect(await writing.scan()).toEqual({ ...nothing, setAside: [{ path, why }] })
    expect(writing.disk.files()).toEqual({ [path]: content })
  })

  it('has its torn bytes kept whole where an earlier scan was cut off in the middle of that', async () => {
    const writing = on({ [open]: header + line(1) + 'torn', [`open/${fileName(1)}.torn`]: 'to' })
    await writing.scan()
    expect(writing.disk.files()[`open/${fileName(1)}.torn`]).toBe('torn')
  })
})

describe('a file that an earlier writer of this process had open', () => {
  it('is cut to what was accepted, and what is cut off is not called torn: it is still queued', async () => {
    const writing = new Writing()
    const writer = await writing.started()
    await writing.append(request(1))
    writing.disk.onCall = ({ kind }) => (kind === 'datasync' ? { throws: new Error('a bug') } : undefined)
    await writing.append(request(2))
    expect(writer.ended).toEqual({ error: new Error('a bug') })
    expect(writing.disk.files()).toEqual({ [open]: header + lines(1, 2) })
    writing.disk.onCall = () => undefined
    expect(await writing.scan()).toEqual({ ...nothing, mended: [{ path: sealed, rows: 1, tornBytes: 0 }] })
    expect(writing.disk.files()).toEqual({ [sealed]: header + line(1) })
    expect(writing.queue.requests.waiting).toBe(1)
    expect(writing.queue.ledger.openFiles.size).toBe(0)
  })

  it.each<[DiskCallKind, string, string]>([
    ['open', 'open', 'EACCES'],
    ['length', 'fstat', 'EIO'],
    ['truncate', 'truncate', 'EPERM'],
    ['datasync', 'fdatasync', 'EIO'],
  ])('is set aside where its %s fails: what is queued may stand in it', async (kind, call, code) => {
    const writing = on({ [open]: header + lines(1, 2) })
    writing.queue.ledger.note(open, { bytes: (header + line(1)).length, rows: 1 })
    writing.disk.failNext(kind, code, open)
    const path = `open/${fileName(1)}.broken`
    const why = new DiskError(call, open, code).message
    expect(await writing.scan()).toEqual({ ...nothing, setAside: [{ path, why }] })
  })

  it('is left for another try where it cannot be read once it is cut', async () => {
    const writing = on({ [open]: header + lines(1, 2) })
    writing.queue.ledger.note(open, { bytes: (header + line(1)).length, rows: 1 })
    writing.disk.failNext('read', 'EIO', open)
    expect((await writing.scan()).unread).toEqual([{ path: open, why: `read of ${open} failed: EIO` }])
    writing.disk.crash()
    expect(writing.disk.files()).toEqual({ [open]: header + line(1) })
    expect((await writing.scan()).mended).toEqual([{ path: sealed, rows: 1, tornBytes: 0 }])
  })

  it('is set aside where it has become shorter than that', async () => {
    const writing = on({ [open]: header })
    writing.queue.ledger.note(open, { bytes: 200, rows: 1 })
    expect(await writing.scan()).toEqual({
      ...nothing,
      setAside: [
        { path: `open/${fileName(1)}.broken`, why: `it has ${header.length} bytes, and 200 had been accepted` },
      ],
    })
  })
})

describe('a sealed file', () => {
  it('is looked for among files: what lies deeper is nobody’s business', async () => {
    const writing = new Writing()
    writing.disk.put(`dock-1/model/older/${fileName(1)}`, header + line(1))
    expect(await writing.scan()).toEqual(nothing)
  })

  it('that the manifest knows is not even opened', async () => {
    const writing = on({ [open]: header + line(1) })
    await writing.scan()
    const before = writing.disk.calls.length
    expect(await writing.scan()).toEqual(nothing)
    expect(writing.disk.calls.slice(before).filter(({ kind }) => kind === 'open')).toEqual([])
  })

  it('is asked for together with many others, not in a transaction of its own', async () => {
    const paths = Array.from({ length: 1200 }, (_, index) => `dock-1/model/${fileName(index + 1)}`)
    const writing = on(Object.fromEntries(paths.map((path) => [path, header + line(1)])))
    for (const path of paths.slice(1)) {
      await writing.manifest.add({ path, bytes: 1, sha256: 'a', rows: 1, priority: 5 }, writing.clock.now())
    }
    const has = writing.manifest.has.bind(writing.manifest)
    const asked: number[] = []
    let isOpen = false
    writing.manifest.has = async (path) => {
      if (!isOpen) asked.push(0)
      isOpen = true
      asked[asked.length - 1]!++
      await Promise.resolve()
      isOpen = false
      return has(path)
    }
    expect((await writing.scan()).adopted).toEqual([paths[0]])
    expect(asked).toEqual([500, 500, 200, 1])
  })
  it('is taken in before younger ones, in whatever order the disk names them', async () => {
    const paths = [3, 1, 2].map((sequence) => `dock-1/model/${fileName(sequence)}`)
    const writing = on(Object.fromEntries(paths.map((path) => [path, header + line(1)])))
    const { adopted } = await writing.scan()
    expect(adopted).toEqual(paths.toSorted())
    expect(writing.manifest.entries.map(({ path }) => path)).toEqual(paths.toSorted())
  })

  it('that the manifest does not know is taken in', async () => {
    const writing = on({ [sealed]: header + lines(1, 2) })
    expect(await writing.scan()).toEqual({ ...nothing, adopted: [sealed] })
    expect(writing.manifest.file(sealed)).toMatchObject({ rows: 2, priority: 6, sha256: sha256(header + lines(1, 2)) })
  })

  it.each([
    ['dock-1/model/notes.csv', header + line(1), 'not a name that Belay gives'],
    [`dock-2/model/${fileName(1)}`, header + line(1), 'not a name that Belay gives'],
    [sealed, header + line(1) + 'half', 'row 2 is not whole: no file that Belay has sealed'],
    [sealed, header, 'row 1 is not whole: no file that Belay has sealed'],
  ])('%s with %j is left alone', async (path, content, why) => {
    const writing = on({ [path]: content })
    expect(await writing.scan()).toEqual({ ...nothing, left: [{ path, why }] })
    expect(writing.disk.files()).toEqual({ [path]: content })
  })

  it('whose name a power cut could still take back is made durable before the manifest knows it', async () => {
    const writing = new Writing()
    const content = Buffer.from(header + line(1))
    await writing.disk.makeFolder('dock-1/model')
    const file = await writing.disk.create(sealed)
    await file.write(content, 0)
    await file.datasync()
    await file.close()
    expect((await writing.scan()).adopted).toEqual([sealed])
    writing.disk.crash()
    expect(writing.disk.files()).toEqual({ [sealed]: content.toString() })
  })

  it('that cannot be read is told apart from what is left alone, and keeps the others from nothing', async () => {
    const other = `dock-1/model/${fileName(2)}`
    const writing = on({ [sealed]: header + line(1), [other]: header + line(2) })
    writing.disk.failNext('read', 'EIO', sealed)
    const report = await writing.scan()
    expect(report).toEqual({
      ...nothing,
      unread: [{ path: sealed, why: `read of ${sealed} failed: EIO` }],
      adopted: [other],
    })
    expect(describeScan(report)).toBe(
      `1 sealed file taken in; tried again, not delivered yet: ${sealed} (read of ${sealed} failed: EIO)`,
    )
    expect(writing.disk.calls.filter(({ kind }) => kind === 'close')).toHaveLength(2)
  })
})

describe('a scan that is stopped', () => {
  it('ends with the reason, and leaves no file open', async () => {
    const writing = on({ [open]: header + line(1) })
    const stop = new AbortController()
    writing.disk.onCall = ({ kind }) => {
      if (kind === 'read') stop.abort(new Error('stopped'))
      return undefined
    }
    await expect(writing.scan(stop.signal)).rejects.toEqual(new Error('stopped'))
    await writing.settled()
    const opened = writing.disk.calls.filter(({ kind }) => kind === 'open').length
    expect(writing.disk.calls.filter(({ kind }) => kind === 'close').length).toBe(opened)
  })
})
