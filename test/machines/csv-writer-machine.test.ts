import { createActor, fromPromise } from 'xstate'
import { describe, expect, it } from 'vitest'
import { DiskError } from '../../src/domain/disk-error.ts'
import { csvWriterMachine, type Scanned, type WriterFact } from '../../src/machines/csv-writer-machine.ts'
import type { Drained } from '../../src/machines/lifecycle.ts'
import { scriptedEvents } from '../fakes/scripted-events.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'

function startWriter(mayHoldRequests = false) {
  const clock = new VirtualClock()
  const rows = scriptedEvents<WriterFact, Drained>()
  let settleScan: { resolve: (scanned: Scanned) => void; reject: (error: unknown) => void } | undefined
  const writer = createActor(
    csvWriterMachine.provide({
      actors: {
        writeRows: rows.logic,
        scanFolders: fromPromise(() => new Promise<Scanned>((resolve, reject) => (settleScan = { resolve, reject }))),
      },
      delays: { retryDelay: 1000 },
    }),
    { clock, input: { mayHoldRequests } },
  )
  writer.start()
  return {
    writer,
    clock,
    rows,
    state: () => writer.getSnapshot().value,
    isReady: () => writer.getSnapshot().hasTag('ready'),
    scanned: async () => {
      settleScan?.resolve({ summary: 'mended 1 file' })
      await settle()
    },
    scanFailed: async () => {
      settleScan?.reject(new DiskError('list', 'open', 'EIO'))
      await settle()
    },
  }
}

describe('a writer that starts', () => {
  it('is ready once the folders are scanned, not before', async () => {
    const { isReady, scanned, writer, state } = startWriter()
    expect(isReady()).toBe(false)
    await scanned()
    expect(isReady()).toBe(true)
    expect(state()).toEqual({ online: 'writing' })
    expect(writer.getSnapshot().context.why).toBe('mended 1 file')
  })

  it('scans again after a wait when the disk refuses', async () => {
    const { scanFailed, state, clock, isReady } = startWriter()
    await scanFailed()
    expect(state()).toBe('backingOff')
    expect(isReady()).toBe(false)
    await clock.advanceAsync(1000)
    expect(state()).toBe('scanning')
  })
})

describe('a writer on a full disk', () => {
  it('is blocked and says so, until nothing stands in its way any more', async () => {
    const { scanned, rows, state, writer } = startWriter()
    await scanned()
    await rows.tell({ type: 'writer.blocked', why: 'write of open/a failed: ENOSPC' })
    expect(state()).toEqual({ online: 'blocked' })
    expect(writer.getSnapshot().context.why).toBe('write of open/a failed: ENOSPC')
    await rows.tell({ type: 'writer.resumed' })
    expect(state()).toEqual({ online: 'writing' })
    expect(writer.getSnapshot().context.why).toBe('nothing stands in its way any more')
  })

  it.each([
    [{ type: 'request.failed', why: 'dock-1/model has lost 3 rows' }, 'dock-1/model has lost 3 rows'],
    [{ type: 'file.unreadable', path: 'a', why: 'a cannot be read' }, 'a cannot be read'],
    [{ type: 'file.adopted', path: 'a', rows: 1 }, 'a is handed over now'],
  ] as const)(
    'tells what it hears meanwhile beside that, and as the reason once it goes on: %o',
    async (fact, words) => {
      const { scanned, rows, writer } = startWriter()
      await scanned()
      const why = () => writer.getSnapshot().context.why
      for (let times = 0; times < 2; times++) {
        await rows.tell({ type: 'writer.blocked', why: 'belt-2/model waits' })
        await rows.tell(fact)
        expect(why()).toBe(`belt-2/model waits; ${words}`)
        await rows.tell({ type: 'writer.resumed' })
        expect(why()).toBe(words)
      }
      await rows.tell({ type: 'writer.blocked', why: 'belt-2/model waits' })
      await rows.tell({ type: 'writer.resumed' })
      expect(why()).toBe('nothing stands in its way any more')
    },
  )

  it('says what it waits for now, where that is no longer the same', async () => {
    const { scanned, rows, state, writer } = startWriter()
    await scanned()
    await rows.tell({ type: 'writer.blocked', why: 'the disk has 99 MB free' })
    await rows.tell({ type: 'writer.blocked', why: 'rename of open/a failed: EACCES' })
    expect(state()).toEqual({ online: 'blocked' })
    expect(writer.getSnapshot().context.why).toBe('rename of open/a failed: EACCES')
  })
})

describe('a writer that is told to drain', () => {
  it.each([
    ['writing', async () => {}],
    ['blocked', ({ rows }: ReturnType<typeof startWriter>) => rows.tell({ type: 'writer.blocked', why: 'ENOSPC' })],
  ])('writes and seals first, and ends with what it could not, while %s', async (_, arrive) => {
    const started = startWriter()
    await started.scanned()
    await arrive(started)
    started.writer.send({ type: 'drain' })
    expect(started.state()).toEqual({ online: 'draining' })
    expect(started.rows.finishing).toBe(true)
    await started.rows.end({ drained: false, left: '3 requests' })
    expect(started.writer.getSnapshot().output).toEqual({ drained: false, left: '3 requests' })
  })

  it('goes on saying what stands in its way, until nothing does', async () => {
    const { scanned, rows, writer } = startWriter()
    await scanned()
    const why = () => writer.getSnapshot().context.why
    await rows.tell({ type: 'writer.blocked', why: 'write of open/a failed: ENOSPC' })
    writer.send({ type: 'drain' })
    expect(why()).toBe('asked to drain, while write of open/a failed: ENOSPC')
    await rows.tell({ type: 'writer.resumed' })
    expect(why()).toBe('nothing stands in its way any more')
    await rows.tell({ type: 'writer.blocked', why: 'write of open/b failed: ENOSPC' })
    expect(why()).toBe('write of open/b failed: ENOSPC')
  })

  it('backs off no more when the disk fails it while draining, and says what it could not write', async () => {
    const { writer, scanned, rows, state } = startWriter()
    await scanned()
    writer.send({ type: 'drain' })
    await rows.fail(new DiskError('datasync', 'open/a', 'EIO'))
    expect(state()).toBe('stopped')
    expect(writer.getSnapshot().output).toEqual({ drained: false, left: 'datasync of open/a failed: EIO' })
  })

  it('ends at once while scanning', () => {
    const { writer, state } = startWriter()
    writer.send({ type: 'drain' })
    expect(state()).toBe('stopped')
    expect(writer.getSnapshot().output).toEqual({ drained: true })
  })
})

describe('a writer that is told to drain while it scans, and has requests of an earlier life in its queue', () => {
  it('finishes its scan, writes them, and ends', async () => {
    const { writer, rows, state, scanned } = startWriter(true)
    writer.send({ type: 'drain' })
    expect(state()).toBe('scanning')
    await scanned()
    expect(state()).toEqual({ online: 'draining' })
    expect(rows.finishing).toBe(true)
    await rows.end({ drained: true })
    expect(writer.getSnapshot()).toMatchObject({ status: 'done', output: { drained: true } })
  })

  it('says what is left where the scan fails', async () => {
    const { writer, scanFailed } = startWriter(true)
    writer.send({ type: 'drain' })
    await scanFailed()
    expect(writer.getSnapshot().output).toEqual({ drained: false, left: expect.stringContaining('EIO') as string })
  })

  it('tries once more where it backs off', async () => {
    const { writer, state, scanFailed, scanned, rows } = startWriter(true)
    await scanFailed()
    writer.send({ type: 'drain' })
    expect(state()).toBe('scanning')
    await scanned()
    await rows.end({ drained: true })
    expect(writer.getSnapshot().output).toEqual({ drained: true })
  })
})
