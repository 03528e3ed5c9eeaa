import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { milliseconds, seconds } from '../../src/domain/units.ts'
import { fileName, header, line, lines, never, request, Writing } from './support/writing.ts'

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex')
const open = (sequence: number, camera?: string, openedMs?: number) =>
  `open/${fileName(sequence, camera, openedMs)}.open`
const sealed = (sequence: number, camera = 'dock-1') => `${camera}/model/${fileName(sequence, camera)}`

describe('a request that is appended', () => {
  it('is accepted when its bytes and the name of its file are durable', async () => {
    const writing = new Writing()
    await writing.started()
    await writing.append(request(7, 2))
    expect(writing.queue.requests).toEqual({ queued: 1, written: 1, failed: 0, waiting: 0 })
    expect(writing.queue.rows(request(7).cameraId).accepted).toBe(2)
    writing.disk.crash()
    expect(writing.disk.files()).toEqual({ [open(1)]: header + line(7, 1) + line(7, 2) })
  })

  it.each(['write', 'datasync', 'syncFolder'] as const)('is not accepted while %s has not answered', async (kind) => {
    const writing = new Writing()
    await writing.started()
    writing.disk.onCall = (call) => (call.kind === kind ? { hang: true, done: true } : undefined)
    await writing.append(request(7))
    expect(writing.queue.requests).toEqual({ queued: 1, written: 0, failed: 0, waiting: 1 })
  })

  it('shares the next commit with those that come within `commitEvery`', async () => {
    const writing = new Writing(undefined, { commitEvery: milliseconds(50) })
    await writing.started()
    const syncs = () => writing.disk.calls.filter(({ kind }) => kind === 'datasync').length
    await writing.append(request(1))
    expect([writing.queue.requests.written, syncs()]).toEqual([1, 1])
    await writing.append(request(2))
    await writing.append(request(3))
    await writing.pass(49)
    expect([writing.queue.requests.written, syncs()]).toEqual([1, 1])
    await writing.pass(1)
    expect([writing.queue.requests.written, syncs()]).toEqual([3, 2])
  })

  it('waits no longer once the queue is half full', async () => {
    const writing = new Writing(undefined, { commitEvery: milliseconds(50), bound: 6 })
    await writing.started()
    await writing.append(request(1))
    await writing.append(request(2), request(3))
    expect(writing.queue.requests.written).toBe(1)
    await writing.append(request(4))
    expect(writing.queue.requests.written).toBe(4)
  })

  it('is written whole by a disk that takes a few bytes at a time', async () => {
    const writing = new Writing()
    writing.disk.maxWrite = 7
    await writing.started()
    await writing.append(request(7, 2))
    expect(writing.disk.files()).toEqual({ [open(1)]: header + line(7, 1) + line(7, 2) })
  })

  it('goes to the file of its camera', async () => {
    const writing = new Writing()
    await writing.started()
    await writing.append(request(1), request(1, 1, 'dock-2'), request(2))
    expect(writing.disk.files()).toEqual({
      [open(1)]: header + lines(1, 2),
      [open(2, 'dock-2')]: header + line(1, 1, 'dock-2'),
    })
  })
})

describe('a file that is sealed', () => {
  it('has its final name, durably, and stands in the manifest with its size, digest and rows', async () => {
    const writing = new Writing()
    const writer = await writing.started()
    await writing.append(request(1), request(2, 2))
    await writing.finished(writer)
    const content = header + line(1) + line(2, 1) + line(2, 2)
    writing.disk.crash()
    expect(writing.disk.files()).toEqual({ [sealed(1)]: content })
    expect(writing.manifest.file(sealed(1))).toMatchObject({
      ...{ path: sealed(1), bytes: content.length, sha256: sha256(content), rows: 3, priority: 6, state: 'pending' },
    })
    expect(writer.events).toEqual([
      { type: 'file.sealed', path: sealed(1), rows: 3, bytes: content.length, sha256: sha256(content) },
    ])
    expect(writer.ended).toEqual({ output: { drained: true } })
    expect(writing.queue.ledger.openFiles.size).toBe(0)
  })

  it('is synced, closed, renamed, synced as a name and handed over, in this order', async () => {
    const writing = new Writing()
    const writer = await writing.started()
    await writing.append(request(1))
    const before = writing.disk.calls.length
    const { manifest, disk } = writing
    const add = manifest.add.bind(manifest)
    let handedOver: number | undefined
    manifest.add = (...file) => {
      handedOver = disk.calls.length
      return add(...file)
    }
    await writing.finished(writer)
    expect(disk.calls.slice(before, handedOver).map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      `datasync ${open(1)}`,
      `close ${open(1)}`,
      'makeFolder dock-1/model',
      'syncFolder .',
      'syncFolder dock-1',
      `rename ${open(1)}`,
      'syncFolder dock-1/model',
      'syncFolder open',
    ])
  })

  it('is tried again where the manifest cannot take it yet, and is said once', async () => {
    const writing = new Writing()
    const writer = await writing.started()
    await writing.append(request(1))
    writing.disk.failNext('rename', 'EIO')
    writer.finish.abort()
    await writing.settled()
    expect(writer.events).toEqual([
      { type: 'writer.blocked', why: `dock-1/model waits: rename of ${open(1)} failed: EIO` },
    ])
    await writing.pass(100)
    expect(writer.events.slice(1)).toMatchObject([
      { type: 'file.sealed', path: sealed(1), rows: 1 },
      { type: 'writer.resumed' },
    ])
  })

  it('is one file where a rename was done and reported as failed', async () => {
    const writing = new Writing()
    const writer = await writing.started()
    await writing.append(request(1))
    writing.disk.onCall = ({ kind }) => {
      if (kind !== 'rename') return undefined
      writing.disk.onCall = () => undefined
      return { fail: 'EIO', done: true }
    }
    await writing.finished(writer)
    expect(writing.disk.files()).toEqual({ [sealed(1)]: header + line(1) })
    expect(writing.sealedLines()).toEqual([line(1)])
  })
})

describe('rotation', () => {
  it('gives every request a file of its own where it is told to', async () => {
    const writing = new Writing(undefined, { rotation: { ...never, everyRequest: true } })
    await writing.started()
    await writing.append(request(1), request(2))
    expect(writing.disk.files()).toEqual({ [sealed(1)]: header + line(1), [sealed(2)]: header + line(2) })
  })

  it('seals a file that has its rows, not one that lacks one', async () => {
    const writing = new Writing(undefined, { rotation: { ...never, rows: 3 } })
    await writing.started()
    await writing.append(request(1), request(2))
    expect(writing.disk.files()).toEqual({ [open(1)]: header + lines(1, 2) })
    await writing.append(request(3), request(4))
    expect(writing.disk.files()).toEqual({ [sealed(1)]: header + lines(1, 2, 3), [open(2)]: header + line(4) })
  })

  it('never splits a request, whose rows may go over the bound', async () => {
    const writing = new Writing(undefined, { rotation: { ...never, rows: 3 } })
    await writing.started()
    await writing.append(request(1, 2), request(2, 2), request(3))
    expect(writing.disk.files()).toEqual({
      [sealed(1)]: header + line(1, 1) + line(1, 2) + line(2, 1) + line(2, 2),
      [open(2)]: header + line(3),
    })
  })

  it('seals a file that has its bytes, not one that lacks one', async () => {
    const two = (header + lines(1, 2)).length
    for (const [bytes, isSealed] of [
      [two, true],
      [two + 1, false],
    ] as const) {
      const writing = new Writing(undefined, { rotation: { ...never, bytes } })
      await writing.started()
      await writing.append(request(1), request(2))
      expect(Object.keys(writing.disk.files())).toEqual([isSealed ? sealed(1) : open(1)])
    }
  })

  it('seals an idle file after its interval, not before', async () => {
    const writing = new Writing(undefined, { rotation: { ...never, interval: seconds(60) } })
    const writer = await writing.started()
    await writing.append(request(1))
    await writing.pass(59_999)
    expect(Object.keys(writing.disk.files())).toEqual([open(1)])
    await writing.pass(1)
    expect(Object.keys(writing.disk.files())).toEqual([sealed(1)])
    expect(writer.events).toMatchObject([{ type: 'file.sealed', path: sealed(1), rows: 1 }])
    await writing.pass(60_000)
    expect(Object.keys(writing.disk.files())).toEqual([sealed(1)])
  })
})

describe('a disk that is full', () => {
  it('keeps whole accepted rows, holds the rest back, says so, and goes on when there is room', async () => {
    const writing = new Writing()
    const writer = await writing.started()
    await writing.append(request(1))
    writing.disk.capacity = (header + lines(1)).length + 10
    await writing.append(request(2), request(3))
    expect(writing.disk.files()).toEqual({ [open(1)]: header + line(1) })
    expect(writing.queue.requests).toEqual({ queued: 3, written: 1, failed: 0, waiting: 2 })
    expect(writer.events).toEqual([
      {
        type: 'writer.blocked',
        why: `dock-1/model waits: write of ${open(1)} failed: ENOSPC. The disk of the data folder is full: delete what else is on it, or give it more room`,
      },
    ])
    await writing.pass(60_000)
    expect(writing.queue.requests.waiting).toBe(2)
    expect(writer.events.length).toBe(1)
    writing.disk.capacity = Infinity
    await writing.pass(1000)
    expect(writing.disk.files()).toEqual({ [open(1)]: header + lines(1, 2, 3) })
    expect(writing.queue.requests).toEqual({ queued: 3, written: 3, failed: 0, waiting: 0 })
    expect(writer.events.slice(1)).toEqual([{ type: 'writer.resumed' }])
  })

  it('still hands over what it has', async () => {
    const writing = new Writing(undefined, { rotation: { ...never, interval: seconds(60) } })
    await writing.started()
    await writing.append(request(1))
    writing.disk.capacity = (header + lines(1)).length
    await writing.append(request(2))
    await writing.pass(60_000)
    expect(writing.sealedLines()).toEqual([line(1)])
    writing.disk.capacity = Infinity
    await writing.pass(61_000)
    expect(writing.sealedLines()).toEqual(lines(1, 2).split(/(?<=\n)/))
  })

  it('takes the waits from the schedule', async () => {
    const writing = new Writing()
    await writing.started()
    writing.disk.capacity = 0
    const tries: number[] = []
    writing.disk.onCall = ({ kind }) => {
      if (kind === 'write') tries.push(writing.clock.monotonic())
      return undefined
    }
    await writing.append(request(1))
    await writing.pass(3600)
    expect(tries).toEqual([0, 100, 300, 700, 1500, 2500, 3500])
  })
})

describe('a file that stays unwritable', () => {
  it('is left for another one, its accepted rows sealed and none of the rest in it', async () => {
    const writing = new Writing()
    const writer = await writing.started()
    await writing.append(request(1))
    writing.disk.onCall = ({ kind, path }) =>
      kind === 'datasync' && path === open(1) && writing.clock.monotonic() <= 1500 ? { fail: 'EIO' } : undefined
    await writing.append(request(2))
    await writing.pass(10_000)
    expect(writing.disk.files()).toEqual({ [sealed(1)]: header + line(1), [open(2, 'dock-1', 2500)]: header + line(2) })
    expect(writing.queue.requests).toEqual({ queued: 2, written: 2, failed: 0, waiting: 0 })
    expect(writer.events).toMatchObject([
      { type: 'writer.blocked', why: `dock-1/model waits: fdatasync of ${open(1)} failed: EIO` },
      { type: 'file.sealed', path: sealed(1), rows: 1 },
      { type: 'writer.resumed' },
    ])
  })

  it('is set aside where nothing in it was accepted; its request is failed and reported', async () => {
    const writing = new Writing()
    const writer = await writing.started()
    writing.disk.onCall = ({ kind, path }) => (kind === 'write' && path === open(1) ? { fail: 'EIO' } : undefined)
    await writing.append(request(1, 3))
    await writing.pass(2499)
    expect(writing.disk.files()).toEqual({ [open(1)]: '' })
    await writing.pass(1)
    await writing.append(request(2))
    expect(writing.disk.files()).toEqual({
      [`open/${fileName(1)}.failed`]: '',
      [open(2, 'dock-1', 2500)]: header + line(2),
    })
    expect(writing.queue.requests).toEqual({ queued: 2, written: 1, failed: 1, waiting: 0 })
    expect(writing.queue.rows(request(1).cameraId)).toMatchObject({ accepted: 1, failed: 3, queued: 0 })
    expect(writer.events).toEqual([
      { type: 'writer.blocked', why: `dock-1/model waits: write of ${open(1)} failed: EIO` },
      {
        type: 'request.failed',
        why: `dock-1/model has lost 3 rows, see open/${fileName(1)}.failed: write of ${open(1)} failed: EIO`,
      },
      { type: 'writer.resumed' },
    ])
    await writing.finished(writer)
    expect(writing.sealedLines()).toEqual([line(2)])
  })

  it('is set aside with its accepted rows, loudly, where it cannot even be cut', async () => {
    const writing = new Writing()
    const writer = await writing.started()
    await writing.append(request(1))
    writing.disk.onCall = ({ kind, path }) =>
      ['datasync', 'truncate'].includes(kind) && path === open(1) ? { fail: 'EIO' } : undefined
    await writing.append(request(2))
    await writing.pass(60_000)
    expect(Object.keys(writing.disk.files())).toEqual([`open/${fileName(1)}.failed`, open(2, 'dock-1', 7500)])
    expect(writing.queue.requests).toEqual({ queued: 2, written: 2, failed: 0, waiting: 0 })
    expect(writer.events[1]).toEqual({
      type: 'request.failed',
      why: `dock-1/model has 1 accepted row only in open/${fileName(1)}.failed: truncate of ${open(1)} failed: EIO`,
    })
  })

  it('waits with its request while the disk lets nothing be set aside', async () => {
    const writing = new Writing()
    await writing.started()
    writing.disk.onCall = ({ kind }) => (['write', 'rename'].includes(kind) ? { fail: 'EROFS' } : undefined)
    await writing.append(request(1))
    await writing.pass(600_000)
    expect(writing.queue.requests).toEqual({ queued: 1, written: 0, failed: 0, waiting: 1 })
  })

  it.each(['EIO', 'EROFS', 'ESTALE'])(
    'is sealed once the whole disk is back, however long it was away (%s)',
    async (code) => {
      const writing = new Writing()
      const writer = await writing.started()
      await writing.append(request(1))
      writing.disk.onCall = () => ({ fail: code })
      await writing.append(request(2))
      await writing.pass(60_000)
      writing.disk.onCall = () => undefined
      await writing.pass(1000)
      await writing.finished(writer)
      expect(writing.sealedLines()).toEqual([line(1), line(2)])
      expect(writer.events.map(({ type }) => type)).toEqual([
        'writer.blocked',
        'file.sealed',
        'writer.resumed',
        'file.sealed',
      ])
    },
  )

  it('takes its first rows once the whole disk is back, however long it was away', async () => {
    const writing = new Writing()
    const writer = await writing.started()
    let isAway = false
    writing.disk.onCall = ({ kind }) => {
      isAway ||= kind === 'write'
      return isAway ? { fail: 'EIO' } : undefined
    }
    await writing.append(request(1))
    await writing.pass(60_000)
    writing.disk.onCall = () => undefined
    await writing.pass(1000)
    expect(writing.disk.files()).toEqual({ [open(1)]: header + line(1) })
    expect(writing.queue.requests).toEqual({ queued: 1, written: 1, failed: 0, waiting: 0 })
    await writing.finished(writer)
    expect(writing.sealedLines()).toEqual([line(1)])
  })

  it.each([[[]], [[request(1)]]])(
    'is set aside, and takes nothing more, where that was done and reported as failed (%#)',
    async (before) => {
      const writing = new Writing()
      const writer = await writing.started()
      await writing.append(...before)
      writing.disk.onCall = ({ kind, path }) => {
        if (path !== open(1)) return undefined
        if (kind === 'rename') writing.disk.onCall = () => undefined
        if (kind === 'rename') return { fail: 'EIO', done: true }
        return ['write', 'datasync', 'truncate'].includes(kind) ? { fail: 'EIO' } : undefined
      }
      await writing.append(request(2))
      await writing.pass(60_000)
      await writing.append(request(3))
      await writing.finished(writer)
      expect(Object.keys(writing.disk.files()).filter((path) => path.startsWith('open/'))).toEqual([
        `open/${fileName(1)}.failed`,
      ])
      expect(writer.events.filter(({ type }) => type === 'request.failed')).toHaveLength(1)
      expect(writing.sealedLines()).toEqual(before.length === 0 ? [line(3)] : [line(2), line(3)])
    },
  )

  it('does not hold up another camera', async () => {
    const writing = new Writing()
    await writing.started()
    writing.disk.onCall = ({ path }) => (path.includes('dock-1') ? { fail: 'EIO' } : undefined)
    await writing.append(request(1), request(1, 1, 'dock-2'))
    expect(writing.queue.requests).toEqual({ queued: 2, written: 1, failed: 0, waiting: 1 })
  })
})

describe('a disk that does not answer', () => {
  it('is said to block after 5 s, holds up only the files it is asked for, and resumes', async () => {
    const writing = new Writing()
    const writer = await writing.started()
    let answer = (): void => undefined
    const until = new Promise<void>((resolve) => (answer = resolve))
    writing.disk.onCall = ({ kind, path }) =>
      kind === 'datasync' && path.includes('dock-1') ? { hang: true, until } : undefined
    await writing.append(request(1), request(1, 1, 'dock-2'))
    expect(writing.queue.requests.written).toBe(1)
    await writing.pass(4999)
    expect(writer.events).toEqual([])
    await writing.pass(1)
    expect(writer.events).toEqual([
      { type: 'writer.blocked', why: 'dock-1/model waits: the disk has not answered for 5 s' },
    ])
    answer()
    await writing.settled()
    expect(writing.queue.requests.written).toBe(2)
    expect(writer.events.slice(1)).toEqual([{ type: 'writer.resumed' }])
  })
})

describe('a writer that is told to finish', () => {
  it('ends at once where there is nothing', async () => {
    const writing = new Writing()
    const writer = await writing.started()
    writer.finish.abort()
    await writing.settled()
    expect(writer.ended).toEqual({ output: { drained: true } })
    expect(writing.clock.pending).toBe(0)
  })

  it('takes no more, does not wait for the next commit, and tries at once what it was backing off from', async () => {
    const writing = new Writing(undefined, { commitEvery: milliseconds(50) })
    const writer = await writing.started()
    await writing.append(request(1))
    writing.disk.failNext('write', 'ENOSPC')
    await writing.append(request(2))
    await writing.pass(50)
    expect(writing.queue.requests.waiting).toBe(1)
    writer.finish.abort()
    expect(writing.queue.append(request(3))).toBe(false)
    await writing.settled()
    expect(writer.ended).toEqual({ output: { drained: true } })
    expect(writing.sealedLines()).toEqual([line(1), line(2)])
  })

  it('goes on trying until it is stopped, and leaves what it could not write in the queue', async () => {
    const writing = new Writing()
    const writer = await writing.started()
    writing.disk.capacity = 0
    await writing.append(request(1))
    writer.finish.abort()
    await writing.pass(10_000)
    expect(writer.ended).toBeUndefined()
    writer.stop.abort(new Error('deadline'))
    await writing.settled()
    expect(writer.ended).toEqual({ error: new Error('deadline') })
    expect(writing.queue.requests).toEqual({ queued: 1, written: 0, failed: 0, waiting: 1 })
    expect(writing.queue.rows(request(1).cameraId).queued).toBe(1)
    expect(writing.clock.pending).toBe(0)
  })
})

describe('a file that is left while bytes stand beyond its accepted rows', () => {
  it('is cut back to them before it is sealed, and the rest goes to another file', async () => {
    const writing = new Writing()
    await writing.started()
    await writing.append(request(1))
    writing.disk.onCall = ({ kind, path }) =>
      path === open(1) && (kind === 'datasync' || kind === 'truncate') ? { fail: 'EIO' } : undefined
    await writing.append(request(2))
    // Five tries, the last of them after 1.5 s.
    await writing.pass(1_600)
    expect(writing.disk.files()[open(1)]).toBe(header + lines(1, 2))
    writing.disk.onCall = () => undefined
    await writing.pass(1_000)
    expect(writing.disk.files()[sealed(1)]).toBe(header + line(1))
    expect(writing.queue.requests).toMatchObject({ written: 2, waiting: 0 })
  })
})

describe('a writer that a bug has ended', () => {
  it('leaves a queue that refuses what comes, and keeps what is in it', async () => {
    const writing = new Writing()
    const writer = await writing.started()
    writing.disk.onCall = ({ kind }) => (kind === 'datasync' ? { throws: new Error('a bug') } : undefined)
    await writing.append(request(1))
    expect(writer.ended).toEqual({ error: new Error('a bug') })
    expect(writing.queue.append(request(2))).toBe(false)
    expect(writing.queue.rows(request(2).cameraId).refused['writer-down']).toBe(1)
    expect(writing.queue.requests.waiting).toBe(1)
  })
})
