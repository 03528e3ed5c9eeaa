import { describe, expect, it } from 'vitest'
import { ManifestClosedError } from '../../src/domain/manifest-errors.ts'
import { cameraId } from '../../src/domain/ids.ts'
import { epochMs, minutes } from '../../src/domain/units.ts'
import { createFileBook } from '../../src/slots/file-book.ts'
import { MemoryManifest } from '../fakes/memory-manifest.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

/** Four files, one a minute, the last a minute ago; the first has failed and is tried again later. */
async function startBook() {
  const clock = new VirtualClock()
  const manifest = new MemoryManifest()
  const began = clock.now()
  await manifest.beginBoot(began)
  for (const [index, camera] of ['dock-1', 'dock-2', 'dock-1', 'dock-1'].entries()) {
    const path = `${camera}/model/${index + 1}.csv`
    await manifest.add({ path, bytes: 99, sha256: `s${index}`, rows: 3, priority: 5 }, clock.now())
    clock.advance(minutes(1))
  }
  await manifest.claim(1, clock.now())
  const dueAt = epochMs(clock.now() + 5_000)
  const at = clock.now()
  await manifest.retry(1, { dueAt, ambiguous: false, blame: 'server', why: 'the disk is full', at })
  return { clock, manifest, began, at, dueAt, book: createFileBook(() => manifest, clock) }
}

describe('the book of files', () => {
  it('lists those that are asked for, says whether there are more, and counts all', async () => {
    const { book } = await startBook()
    const ids = async (question: object, limit = 9) => {
      const { files, more } = await book.list({ ...question, limit })
      return `${files.map(({ id }) => id).join(' ')}${more ? ' …' : ''}`
    }
    expect(await ids({})).toBe('1 2 3 4')
    expect(await ids({}, 4)).toBe('1 2 3 4')
    expect(await ids({}, 3)).toBe('1 2 3 …')
    expect(await ids({ newestFirst: true }, 2)).toBe('4 3 …')
    expect(await ids({ camera: cameraId('dock-2') })).toBe('2')
    expect(await ids({ states: ['deadLetter'] })).toBe('')
    expect(await ids({ olderThan: minutes(3) })).toBe('1 2')
    expect((await book.list({ limit: 1 })).counts).toMatchObject({ pending: 4, deadLetter: 0 })
  })

  it('tells what became of one', async () => {
    const { book, began, at, dueAt } = await startBook()
    expect(await book.history(1)).toEqual({
      file: {
        ...{ id: 1, path: 'dock-1/model/1.csv', camera: 'dock-1', state: 'pending', rows: 3, bytes: 99, sha256: 's0' },
        ...{ attempts: 1, sealedAt: began, changedAt: at, dueAt, why: 'the disk is full' },
      },
      changes: [
        { at: began, boot: 1, from: null, to: 'pending', why: null },
        { at, boot: 1, from: 'pending', to: 'sending', why: null },
        { at, boot: 1, from: 'sending', to: 'pending', why: 'the disk is full' },
      ],
    })
    expect(await book.history(5)).toBeUndefined()
    expect(await book.history('dock-2/model/2.csv')).toEqual(await book.history(2))
    expect(await book.history('dock-2/model/1.csv')).toBeUndefined()
  })

  it('says that the manifest is not open', async () => {
    const book = createFileBook(() => undefined, new VirtualClock())
    await expect(book.list({ limit: 1 })).rejects.toThrow(ManifestClosedError)
    await expect(book.history(1)).rejects.toThrow(ManifestClosedError)
  })
})
