import { describe, expect, it } from 'vitest'
import { milliseconds, seconds } from '../../src/domain/units.ts'
import { fileName, header, line, lines, never, request, Writing } from './support/writing.ts'

const open = (sequence: number) => `open/${fileName(sequence)}.open`
const sealed = (sequence: number) => `dock-1/model/${fileName(sequence)}`
const everyRequest = { ...never, everyRequest: true }

describe('a series whose files cannot be sealed', () => {
  const stuck = (writing: Writing): void => {
    writing.disk.onCall = ({ kind, path }) =>
      kind === 'rename' && path.includes('dock-1') ? { fail: 'EACCES' } : undefined
  }

  it('takes no place of another camera, which goes on to be written', async () => {
    const writing = new Writing(undefined, { rotation: everyRequest, cameras: ['dock-1', 'dock-2'] })
    await writing.started()
    stuck(writing)
    for (let frame = 0; frame < 300; frame++) writing.queue.append(request(frame))
    await writing.settled()
    // Eight are written and wait to be sealed; behind them stands what the queue holds of one series.
    expect(writing.queue.requests).toEqual({ queued: 150, written: 8, failed: 0, waiting: 142 })
    await writing.append(request(1, 1, 'dock-2'))
    expect(writing.sealedLines()).toEqual([line(1, 1, 'dock-2')])
    expect(writing.queue.rows(request(1).cameraId)).toEqual({
      ...{ produced: 300, accepted: 8, refused: { 'queue-full': 150, 'writer-down': 0 }, failed: 0, queued: 142 },
    })
  })

  it('lets others share their commits as before', async () => {
    const writing = new Writing(undefined, {
      ...{ rotation: everyRequest, cameras: ['dock-1', 'dock-2'], commitEvery: milliseconds(50) },
    })
    await writing.started()
    stuck(writing)
    for (let frame = 0; frame < 300; frame++) writing.queue.append(request(frame))
    await writing.pass(50)
    await writing.append(request(1, 1, 'dock-2'))
    const { written } = writing.queue.requests
    await writing.append(request(2, 1, 'dock-2'))
    expect(writing.queue.requests.written).toBe(written)
    await writing.pass(50)
    expect(writing.queue.requests.written).toBeGreaterThan(written)
  })
})

describe('a file that cannot be sealed', () => {
  it('holds up none of the later ones', async () => {
    const writing = new Writing(undefined, { rotation: everyRequest })
    const writer = await writing.started()
    writing.disk.onCall = ({ kind, path }) => (kind === 'rename' && path === open(1) ? { fail: 'EIO' } : undefined)
    await writing.append(request(1), request(2), request(3))
    await writing.pass(100)
    expect(writing.disk.files()).toEqual({
      [open(1)]: header + line(1),
      [sealed(2)]: header + line(2),
      [sealed(3)]: header + line(3),
    })
    expect(writer.events[0]).toEqual({
      ...{ type: 'writer.blocked', why: `dock-1/model waits: rename of ${open(1)} failed: EIO` },
    })
    writing.disk.onCall = () => undefined
    await writing.pass(seconds(1))
    expect(writing.sealedLines().sort()).toEqual([line(1), line(2), line(3)])
  })
})

describe('a file that somebody removed before it was sealed', () => {
  const rotation = { ...never, interval: seconds(60) }

  it('is given up, loudly, and what comes after it is written and sealed', async () => {
    const writing = new Writing(undefined, { rotation })
    const writer = await writing.started()
    await writing.append(request(1, 2))
    await writing.disk.unlink(open(1))
    await writing.pass(seconds(60))
    expect(writer.events).toEqual([
      {
        type: 'request.failed',
        why: `dock-1/model has lost 2 accepted rows: ${open(1)} is gone, and nothing stands under its final name`,
      },
    ])
    expect(writing.queue.ledger.openFiles.size).toBe(0)
    await writing.append(request(2))
    await writing.finished(writer)
    expect(writing.sealedLines()).toEqual([line(2)])
    expect(writer.ended).toEqual({ output: { drained: true } })
  })

  it('waits while the folder of open files is not there either, as on a disk that is not mounted', async () => {
    const writing = new Writing(undefined, { rotation })
    const writer = await writing.started()
    await writing.append(request(1))
    const { list } = writing.disk
    writing.disk.onCall = ({ kind }) => (kind === 'rename' ? { fail: 'ENOENT' } : undefined)
    writing.disk.list = async () => []
    await writing.pass(seconds(120))
    expect(writer.events.map(({ type }) => type)).toEqual(['writer.blocked'])
    writing.disk.list = list
    writing.disk.onCall = () => undefined
    await writing.pass(seconds(1))
    expect(writing.sealedLines()).toEqual([line(1)])
  })
})

describe('a folder of sealed files that somebody removed', () => {
  it('is made again', async () => {
    const writing = new Writing(undefined, { rotation: everyRequest })
    await writing.started()
    await writing.append(request(1))
    let isGone = true
    writing.disk.onCall = ({ kind, path }) => {
      if (kind === 'makeFolder' && path === 'dock-1/model') isGone = false
      return kind === 'rename' && isGone ? { fail: 'ENOENT' } : undefined
    }
    await writing.append(request(2))
    await writing.pass(seconds(1))
    expect(writing.sealedLines()).toEqual(lines(1, 2).split(/(?<=\n)/))
  })
})
