import { describe, expect, it } from 'vitest'
import { minutes } from '../../src/domain/units.ts'
import { packPlanOf } from '../../src/storage/pack-plan.ts'
import type { DiskCall } from '../fakes/memory-disk.ts'
import { fileName, header, line, lines, request, Writing } from './support/writing.ts'

const path = `dock-1/model/${fileName(1)}`
const why = `${path} is not delivered yet: read of ${path} failed: EIO; it is tried again`

/** A writer at work on a folder with one sealed file that the manifest doesn't know, and that cannot be read. */
async function unreadable(options: ConstructorParameters<typeof Writing>[1] = {}) {
  const writing = new Writing(undefined, options)
  writing.disk.put(path, header + lines(1, 2))
  const tries: number[] = []
  const refuse = (call: DiskCall) => {
    if (call.kind !== 'read' || call.path !== path) return undefined
    tries.push(writing.clock.monotonic())
    return { fail: 'EIO' }
  }
  writing.disk.onCall = refuse
  const writer = await writing.started()
  return { writing, writer, tries, readable: () => (writing.disk.onCall = () => undefined) }
}

describe('a sealed file that the manifest does not know and that cannot be read at the start', () => {
  it('is tried again while the writer runs, later and later up to 5 minutes, and said each time', async () => {
    const { writing, writer, tries } = await unreadable()
    await writing.pass(minutes(12))
    // 100 ms, doubling, in these tests: the first one is the scan's.
    const waits = tries.slice(1).map((at, index) => at - (tries[index] ?? 0))
    expect(waits.slice(0, 4)).toEqual([100, 200, 400, 800])
    expect(Math.max(...waits)).toBeLessThanOrEqual(minutes(5))
    expect(waits).toContain(204_800)
    expect(writer.events).toEqual(tries.slice(1).map(() => ({ type: 'file.unreadable', path, why })))
    expect(writing.manifest.file(path)).toBeUndefined()
    const calls = (kind: string) => writing.disk.calls.filter((call) => call.kind === kind && call.path === path).length
    expect(calls('close')).toBe(calls('open'))
  })

  it('is handed over as soon as it can be read, and not tried any more', async () => {
    const { writing, writer, readable } = await unreadable()
    await writing.pass(99)
    readable()
    expect(writing.manifest.file(path)).toBeUndefined()
    await writing.pass(1)
    expect(writing.manifest.file(path)).toMatchObject({ rows: 2, priority: 6, state: 'pending' })
    const { bytes, sha256 } = writing.manifest.file(path)!
    expect(writer.events).toEqual([{ type: 'file.adopted', path, rows: 2, bytes, sha256 }])
    const calls = writing.disk.calls.length
    await writing.pass(minutes(10))
    expect(writing.disk.calls.slice(calls).filter(({ kind }) => kind === 'open')).toEqual([])
  })

  it('is held and packed where sealed files are', async () => {
    const { writing, writer, readable } = await unreadable({
      pack: packPlanOf({ as: 'gzip', files: 100, interval: minutes(5) }),
    })
    readable()
    await writing.pass(100)
    // Compressed on another thread.
    await expect
      .poll(async () => {
        await writing.settled()
        return writer.events
      })
      .toMatchObject([
        { type: 'file.adopted', path, rows: 2, held: true },
        { type: 'file.archived', path, into: `${path}.gz` },
        { type: 'file.packed', path: `${path}.gz`, files: 1 },
      ])
  })

  it('is tried again where the manifest cannot take it yet', async () => {
    const { writing, readable } = await unreadable()
    readable()
    writing.disk.failNext('syncFolder', 'EROFS', 'dock-1/model')
    await writing.pass(100)
    expect(writing.manifest.file(path)).toBeUndefined()
    await writing.pass(200)
    expect(writing.manifest.file(path)).toMatchObject({ rows: 2 })
  })

  it('is let go of, and said, where somebody took it away or it turns out to be torn', async () => {
    const { writing, writer, readable } = await unreadable()
    readable()
    writing.disk.put(path, header + line(1) + 'half')
    await writing.pass(100)
    const torn = `${path} is left alone: row 2 is not whole: no file that Belay has sealed`
    expect(writer.events).toEqual([{ type: 'file.unreadable', path, why: torn }])
    const gone = await unreadable()
    gone.readable()
    await gone.writing.disk.unlink(path)
    await gone.writing.pass(minutes(10))
    expect(gone.writer.events).toEqual([{ type: 'file.unreadable', path, why: `${path} is left alone: it is gone` }])
  })

  it('is tried once more at a stop, however long that is before its turn', async () => {
    const { writing, writer, readable } = await unreadable()
    await writing.pass(minutes(10))
    readable()
    writer.finish.abort()
    await writing.settled()
    expect(writer.ended).toEqual({ output: { drained: true } })
    expect(writing.manifest.file(path)).toMatchObject({ rows: 2 })
  })

  it('holds up neither rows nor a stop', async () => {
    const { writing, writer } = await unreadable()
    await writing.append(request(7))
    expect(writing.queue.requests.written).toBe(1)
    writer.finish.abort()
    await writing.settled()
    expect(writer.ended).toEqual({ output: { drained: true } })
  })
})

describe('a file that was left open and that cannot be read at the start', () => {
  it('is sealed and handed over as soon as it can be read, without its torn rows', async () => {
    const writing = new Writing()
    const open = `open/${fileName(1)}.open`
    writing.disk.put(open, header + lines(1, 2) + line(3).slice(0, 20))
    writing.disk.onCall = (call) => (call.kind === 'read' && call.path === open ? { fail: 'EIO' } : undefined)
    const writer = await writing.started(2)
    await writing.pass(250)
    const reason = `${open} is not delivered yet: read of ${open} failed: EIO; it is tried again`
    expect(writer.events).toEqual([{ type: 'file.unreadable', path: open, why: reason }])
    writing.disk.onCall = () => undefined
    await writing.pass(100)
    expect(writing.manifest.file(path)).toMatchObject({ rows: 2, priority: 6, state: 'pending' })
    expect(writing.disk.files()).toEqual({
      [path]: header + lines(1, 2),
      [`open/${fileName(1)}.torn`]: line(3).slice(0, 20),
    })
    expect(writing.queue.ledger.tornBytes).toBe(20)
  })
})
