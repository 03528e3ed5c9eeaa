import { describe, expect, it } from 'vitest'
import { minutes, seconds } from '../../src/domain/units.ts'
import { describeScan } from '../../src/storage/scan-report.ts'
import { reserveFile } from '../../src/storage/reserve.ts'
import { fileName, header, line, lines, never, request, Writing } from './support/writing.ts'

const open = (camera: string, sequence = 1) => `open/${fileName(sequence, camera)}.open`
const sealed = (camera: string, sequence = 1) => `${camera}/model/${fileName(sequence, camera)}`
const content = (camera: string, frame = 1) => header + line(frame, 1, camera)

/** As a daemon that was killed leaves it: one file of each camera was open. */
const leftOpen = (options: ConstructorParameters<typeof Writing>[1] = {}): Writing => {
  const writing = new Writing(undefined, options)
  for (const camera of ['dock-1', 'dock-2']) writing.disk.put(open(camera), content(camera))
  return writing
}

const mendedOther = { path: sealed('dock-2'), rows: 1, tornBytes: 0 }

describe('a start while one camera’s folder takes no files', () => {
  it.each([
    ['rename', open('dock-1')],
    ['makeFolder', 'dock-1/model'],
    ['syncFolder', 'dock-1/model'],
    ['open', sealed('dock-1')],
  ] as const)('seals those of the others (%s of %s fails)', async (kind, path) => {
    const writing = leftOpen()
    writing.disk.failNext(kind, 'EACCES', path)
    const report = await writing.scan()
    expect(report.mended).toEqual([mendedOther])
    expect(report.unread[0]).toMatchObject({
      path: open('dock-1'),
      why: expect.stringMatching(/failed: EACCES/) as unknown,
    })
    expect(describeScan(report)).toMatch(/^1 open file sealed, .*; tried again, not delivered yet: open\/dock-1/)
  })

  it('writes rows, and seals what was left as soon as the folder takes it', async () => {
    const writing = leftOpen({ rotation: { ...never, everyRequest: true } })
    writing.disk.put('dock-1', 'a file')
    const writer = await writing.started()
    await writing.append(request(7, 1, 'dock-3'))
    expect(writing.sealedLines()).toEqual([line(1, 1, 'dock-2'), line(7, 1, 'dock-3')])
    await writing.pass(seconds(1))
    const inTheWay = 'ENOTDIR. Something else stands in the place of a folder: move it away'
    expect(writer.events.filter(({ type }) => type === 'file.unreadable')[0]).toEqual({
      ...{ type: 'file.unreadable', path: open('dock-1') },
      why: `${open('dock-1')} is not delivered yet: open of ${sealed('dock-1')} failed: ${inTheWay}; it is tried again`,
    })
    await writing.disk.unlink('dock-1')
    await writing.pass(minutes(5))
    expect(writer.events.at(-1)).toMatchObject({ type: 'file.adopted', path: sealed('dock-1'), rows: 1 })
    expect(writing.disk.files()[sealed('dock-1')]).toBe(content('dock-1'))
    expect(writing.manifest.file(sealed('dock-1'))).toMatchObject({ rows: 1, state: 'pending' })
    const of = (kind: string) => writing.disk.calls.filter((call) => call.kind === kind && call.path === open('dock-1'))
    expect(of('close').length).toBe(of('open').length)
    const calls = writing.disk.calls.length
    await writing.pass(minutes(10))
    expect(writing.disk.calls.slice(calls).filter(({ path }) => path.includes('csv'))).toEqual([])
  })

  it('hands over what got its final name before the folder refused', async () => {
    const writing = leftOpen()
    writing.disk.onCall = ({ kind, path }) =>
      (kind === 'syncFolder' || kind === 'list') && path === 'dock-1/model' ? { fail: 'EACCES' } : undefined
    const writer = await writing.started()
    expect(writing.disk.files()[sealed('dock-1')]).toBe(content('dock-1'))
    expect(writing.manifest.file(sealed('dock-1'))).toBeUndefined()
    writing.disk.onCall = () => undefined
    await writing.pass(100)
    expect(writer.events).toMatchObject([{ type: 'file.adopted', path: sealed('dock-1') }])
  })

  it('says what has been set aside, and what is gone, once it looks again', async () => {
    const writing = leftOpen()
    writing.disk.put('dock-1', 'a file')
    const writer = await writing.started()
    await writing.disk.unlink('dock-1')
    writing.disk.put(sealed('dock-1'), content('dock-1', 2))
    await writing.pass(100)
    const why = `${open('dock-1')} is set aside as ${open('dock-1').replace(/open$/, 'broken')}: ${sealed('dock-1')} is there already, and differs`
    expect(writer.events).toEqual([{ type: 'file.unreadable', path: open('dock-1'), why }])
    const gone = leftOpen()
    gone.disk.put('dock-1', 'a file')
    const other = await gone.started()
    await gone.disk.unlink('dock-1')
    await gone.disk.unlink(open('dock-1'))
    await gone.pass(minutes(5))
    expect(other.events).toEqual([
      { type: 'file.unreadable', path: sealed('dock-1'), why: `${sealed('dock-1')} is left alone: it is gone` },
    ])
  })

  it('cuts a file of this process back to what was accepted: the rest is still queued', async () => {
    const writing = new Writing()
    writing.disk.put(open('dock-1'), header + lines(1, 2))
    writing.disk.put('dock-1', 'a file')
    const accepted = { bytes: content('dock-1').length, rows: 1 }
    writing.queue.ledger.note(open('dock-1'), accepted)
    expect((await writing.scan()).unread).toMatchObject([{ path: open('dock-1') }])
    expect(writing.disk.files()[open('dock-1')]).toBe(content('dock-1'))
    expect(writing.queue.ledger.openFiles.get(open('dock-1'))).toEqual(accepted)
    await writing.disk.unlink('dock-1')
    expect((await writing.scan()).mended).toEqual([{ path: sealed('dock-1'), rows: 1, tornBytes: 0 }])
    expect(writing.queue.ledger.openFiles.size).toBe(0)
  })
})

describe('a start while one camera’s folder is not listed', () => {
  it('takes in what is in those of the others', async () => {
    const writing = new Writing()
    for (const camera of ['dock-1', 'dock-2']) writing.disk.put(sealed(camera), content(camera))
    writing.disk.failNext('list', 'EACCES', 'dock-1/model')
    const report = await writing.scan()
    expect(report.adopted).toEqual([sealed('dock-2')])
    expect(report.unread).toEqual([
      {
        path: 'dock-1/model',
        why: 'readdir of dock-1/model failed: EACCES. Let the user that runs Belay own the data folder and all in it',
      },
    ])
  })

  it('takes in what is in it as soon as it is, and nothing that the writer is about to seal', async () => {
    const writing = new Writing(undefined, { rotation: { ...never, everyRequest: true } })
    for (const sequence of [7, 8]) writing.disk.put(sealed('dock-1', sequence), content('dock-1', sequence))
    const refuse = (kinds: string) => {
      writing.disk.onCall = ({ kind, path }) =>
        kinds.includes(kind) && path === 'dock-1/model' ? { fail: 'EACCES' } : undefined
    }
    refuse('list')
    const writer = await writing.started()
    await writing.pass(250)
    // It has its final name, and is not handed over.
    refuse('list syncFolder')
    await writing.append(request(1))
    refuse('syncFolder')
    await writing.pass(100)
    expect(writing.disk.files()[sealed('dock-1')]).toBeUndefined()
    const growing = writing.disk.paths.filter((path) => path.startsWith('dock-1/') && !/00000[78]/.test(path))
    expect(growing).toHaveLength(1)
    refuse('')
    await writing.pass(minutes(1))
    expect(writer.events.filter(({ type }) => type === 'file.adopted')).toMatchObject(
      [7, 8].map((sequence) => ({ path: sealed('dock-1', sequence) })),
    )
    expect(writer.events.filter(({ type }) => type === 'file.sealed')).toMatchObject([{ path: growing[0] }])
  })
})

describe('a start on a full disk', () => {
  it('gives the reserve up for what was left open', async () => {
    const writing = leftOpen()
    writing.disk.put(reserveFile, 'reserve')
    writing.disk.onCall = ({ kind }) =>
      kind === 'makeFolder' && writing.disk.paths.includes(reserveFile) ? { fail: 'ENOSPC' } : undefined
    expect((await writing.scan()).mended).toHaveLength(2)
    expect(writing.disk.paths).not.toContain(reserveFile)
  })

  it('that stays full has it tried again', async () => {
    const writing = leftOpen()
    writing.disk.onCall = ({ kind }) => (kind === 'rename' ? { fail: 'ENOSPC' } : undefined)
    await expect(writing.scan()).rejects.toMatchObject({ systemCode: 'ENOSPC' })
  })
})
