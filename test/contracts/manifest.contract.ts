import { beforeEach, describe, expect, it } from 'vitest'
import { type FileState, legalChanges, perState } from '../../src/domain/file-state.ts'
import { IllegalFileStateError } from '../../src/domain/illegal-file-state-error.ts'
import { cameraId } from '../../src/domain/ids.ts'
import type { SealedFile } from '../../src/domain/sealed-file.ts'
import { type EpochMs, epochMs } from '../../src/domain/units.ts'
import type { FileEntry, FileQuery, Manifest } from '../../src/ports/manifest.ts'

const sealed = (name: string, rows = 1, priority = 5): SealedFile => ({
  path: `dock-1/model/${name}.csv`,
  bytes: 100,
  sha256: name.padEnd(64, '0'),
  rows,
  priority,
})

const at = (ms: number): EpochMs => epochMs(1_800_000_000_000 + ms)
const none = perState(() => 0)
const later = { dueAt: at(500), ambiguous: false, blame: 'server', why: 'the server was away', at: at(10) } as const

/** What every manifest promises. `open` gives an empty one, on which `beginBoot` has not been called. */
export function manifestContract(open: () => Promise<Manifest>): void {
  let manifest: Manifest
  beforeEach(async () => {
    manifest = await open()
    await manifest.beginBoot(at(0))
  })

  const claimOne = async () => {
    await manifest.add(sealed('a'), at(1))
    const [entry] = await manifest.claim(1, at(2))
    if (entry === undefined) throw new Error('nothing was claimed')
    return entry
  }

  describe('an empty manifest', () => {
    it('has nothing, counts nothing and has nothing due', async () => {
      expect(await manifest.has('dock-1/model/a.csv')).toBe(false)
      expect(await manifest.counts()).toEqual(none)
      expect(await manifest.rowCounts()).toEqual(none)
      expect(await manifest.nextDue()).toBeUndefined()
      expect(await manifest.oldestUndelivered()).toBeUndefined()
      expect(await manifest.claim(100, at(0))).toEqual([])
    })
    it('counts boots from 1, each once', async () => {
      expect(await manifest.beginBoot(at(1))).toBe(2)
      expect(await manifest.beginBoot(at(2))).toBe(3)
    })
  })

  describe('a sealed file that is added', () => {
    it('is pending and due at once, even for a clock that was set back', async () => {
      await manifest.add(sealed('a', 7), at(1))
      expect(await manifest.has('dock-1/model/a.csv')).toBe(true)
      expect(await manifest.counts()).toEqual({ ...none, pending: 1 })
      expect(await manifest.rowCounts()).toEqual({ ...none, pending: 7 })
      const claimed = await manifest.claim(100, at(-1_000_000))
      expect(claimed).toEqual([
        {
          ...sealed('a', 7),
          ...{ id: claimed[0]?.id, state: 'sending', attempts: 0, faults: 0, ambiguous: false, isNameSynced: false },
          ...{ sealedAt: at(1), dueAt: 0, changedAt: at(-1_000_000), why: undefined },
        },
      ])
    })
    it('is not added twice', async () => {
      await manifest.add(sealed('a', 7), at(1))
      await manifest.add(sealed('a', 7), at(2))
      expect(await manifest.counts()).toEqual({ ...none, pending: 1 })
    })
    it('is not added again after it was delivered', async () => {
      const { id } = await claimOne()
      await manifest.delivered(id, at(3))
      await manifest.add(sealed('a'), at(4))
      expect(await manifest.counts()).toEqual({ ...none, delivered: 1 })
    })
    it('refuses another content under the same path, and keeps what it has', async () => {
      await manifest.add(sealed('a'), at(1))
      await expect(manifest.add({ ...sealed('a'), sha256: 'f'.repeat(64) }, at(2))).rejects.toThrow(
        IllegalFileStateError,
      )
      expect(await manifest.claim(2, at(3))).toMatchObject([{ sha256: sealed('a').sha256 }])
    })
  })

  describe('claiming', () => {
    it('gives the oldest first, at most as many as asked, each once', async () => {
      for (const name of ['a', 'b', 'c']) await manifest.add(sealed(name), at(1))
      const names = async (limit: number) => (await manifest.claim(limit, at(2))).map(({ path }) => path)
      expect(await names(2)).toEqual(['dock-1/model/a.csv', 'dock-1/model/b.csv'])
      expect(await names(2)).toEqual(['dock-1/model/c.csv'])
      expect(await names(2)).toEqual([])
    })
    it('gives those of a higher priority first, however young', async () => {
      await manifest.add(sealed('a', 1, 5), at(1))
      await manifest.add(sealed('b', 1, 9), at(2))
      await manifest.add(sealed('c', 1, 0), at(3))
      await manifest.add(sealed('d', 1, 9), at(4))
      const names = async (limit: number) => (await manifest.claim(limit, at(5))).map(({ path }) => path)
      expect(await names(3)).toEqual(['dock-1/model/b.csv', 'dock-1/model/d.csv', 'dock-1/model/a.csv'])
      expect(await names(3)).toEqual(['dock-1/model/c.csv'])
    })
    it('goes by the time since a file is due, which for one that was not tried is its age', async () => {
      for (const name of ['a', 'b', 'c']) await manifest.add(sealed(name), at(1))
      const [a, b, c] = await manifest.claim(3, at(2))
      const again = (file: FileEntry | undefined, ms: number) =>
        manifest.retry(file?.id ?? -1, { ...later, dueAt: at(ms) })
      await again(a, 600)
      await again(b, 500)
      await again(c, 601)
      await manifest.add(sealed('d'), at(550))
      await manifest.add(sealed('e'), at(600))
      const names = async (limit: number) =>
        (await manifest.claim(limit, at(700))).map(({ path }) => path.slice(-5, -4)).join('')
      expect([await names(1), await names(3), await names(9)]).toEqual(['b', 'dae', 'c'])
    })
    it('gives first what another uploader had in hand, and what somebody has told to be sent again', async () => {
      for (const name of ['a', 'b', 'c']) await manifest.add(sealed(name), at(1))
      const [a, b] = await manifest.claim(2, at(2))
      await manifest.retry(a?.id ?? -1, later)
      await manifest.retry(b?.id ?? -1, later)
      await manifest.claim(1, at(3))
      await manifest.claim(1, at(500))
      await manifest.release(at(501))
      await manifest.resend(b?.id ?? -1, 'asked for', at(502))
      expect((await manifest.claim(9, at(503))).map(({ id }) => id)).toEqual([1, 2, 3])
    })
    it('gives nobody the same file when two claim at once', async () => {
      for (const name of ['a', 'b', 'c']) await manifest.add(sealed(name), at(1))
      const claims = await Promise.all([manifest.claim(2, at(2)), manifest.claim(2, at(2))])
      expect(claims.map((claim) => claim.map(({ path }) => path))).toEqual([
        ['dock-1/model/a.csv', 'dock-1/model/b.csv'],
        ['dock-1/model/c.csv'],
      ])
    })
    it('does not give a file before it is due', async () => {
      const { id } = await claimOne()
      await manifest.retry(id, later)
      expect(await manifest.nextDue()).toBe(at(500))
      expect(await manifest.claim(1, at(499))).toEqual([])
      expect(await manifest.claim(1, at(500))).toMatchObject([{ id, attempts: 1, ambiguous: false }])
    })
    it('gives a file that is due later where it is asked to, as of now', async () => {
      const { id } = await claimOne()
      await manifest.retry(id, later)
      expect(await manifest.claim(1, at(3), at(499))).toEqual([])
      expect(await manifest.claim(1, at(3), at(500))).toMatchObject([{ id, state: 'sending', changedAt: at(3) }])
      expect((await manifest.history(id)).at(-1)).toMatchObject({ to: 'sending', at: at(3) })
    })
    it('gives none that is longer than asked for', async () => {
      await manifest.add({ ...sealed('a'), bytes: 101 }, at(1))
      await manifest.add(sealed('b'), at(1))
      expect(await manifest.claim(2, at(2), at(2), 99)).toEqual([])
      expect(await manifest.claim(2, at(2), at(2), 100)).toMatchObject([sealed('b')])
      expect(await manifest.claim(2, at(2), at(2), Infinity)).toMatchObject([{ bytes: 101 }])
    })
    it('says that the next is due when the earliest of the pending is', async () => {
      const { id } = await claimOne()
      await manifest.add(sealed('b'), at(1))
      const [second] = await manifest.claim(1, at(2))
      await manifest.retry(id, later)
      await manifest.retry(second?.id ?? -1, { ...later, dueAt: at(400) })
      expect(await manifest.nextDue()).toBe(at(400))
    })
  })

  describe('a try that did not succeed', () => {
    it('counts as an attempt unless it was the session’s, and as a fault where it was the file’s own', async () => {
      const { id } = await claimOne()
      await manifest.retry(id, { ...later, dueAt: at(10), blame: 'session' })
      expect(await manifest.claim(1, at(10))).toMatchObject([{ attempts: 0 }])
      await manifest.retry(id, { ...later, dueAt: at(20), blame: 'server' })
      expect(await manifest.claim(1, at(20))).toMatchObject([{ attempts: 1, faults: 0 }])
      await manifest.retry(id, { ...later, dueAt: at(30), blame: 'file' })
      expect(await manifest.claim(1, at(30))).toMatchObject([{ attempts: 2, faults: 1 }])
    })
    it('keeps that it is ambiguous until a try says otherwise', async () => {
      const { id } = await claimOne()
      await manifest.retry(id, { ...later, ambiguous: true })
      expect(await manifest.claim(1, at(500))).toMatchObject([{ ambiguous: true }])
      await manifest.retry(id, { ...later, ambiguous: false })
      expect(await manifest.claim(1, at(500))).toMatchObject([{ ambiguous: false }])
    })
  })

  describe('what was left in sending', () => {
    it('is pending, ambiguous and due at once after the next boot, its attempts kept', async () => {
      const { id } = await claimOne()
      await manifest.retry(id, later)
      await manifest.claim(1, at(500))
      expect(await manifest.beginBoot(at(600))).toBe(2)
      expect(await manifest.counts()).toEqual({ ...none, pending: 1 })
      expect(await manifest.claim(1, at(0))).toMatchObject([{ id, attempts: 1, ambiguous: true }])
    })
    it('is released the same way for another uploader in the same boot', async () => {
      const { id } = await claimOne()
      await manifest.add(sealed('b'), at(3))
      expect(await manifest.release(at(4))).toBe(1)
      expect(await manifest.release(at(4))).toBe(0)
      expect(await manifest.claim(2, at(5))).toMatchObject([{ id, ambiguous: true }, { ambiguous: false }])
    })
  })

  describe('a file that waits to be packed', () => {
    it('is held and not claimed until it is packed, and then never', async () => {
      await manifest.add(sealed('a', 2), at(1), 'held')
      await manifest.add(sealed('b', 3), at(2), 'held')
      expect(await manifest.claim(9, at(3))).toEqual([])
      expect(await manifest.nextDue()).toBeUndefined()
      const into = sealed('both', 5)
      await manifest.pack([sealed('a').path, sealed('b').path], into, at(4))
      expect(await manifest.counts()).toEqual({ ...none, packed: 2, pending: 1 })
      expect(await manifest.rowCounts()).toEqual({ ...none, packed: 5, pending: 5 })
      expect(await manifest.claim(9, at(5))).toMatchObject([into])
    })
    it('is not packed twice, and asking again for what was done does nothing', async () => {
      await manifest.add(sealed('a'), at(1), 'held')
      await manifest.pack([sealed('a').path], sealed('both'), at(2))
      await manifest.pack([sealed('a').path], sealed('both'), at(3))
      await expect(manifest.pack([sealed('a').path], sealed('other'), at(4))).rejects.toThrow(IllegalFileStateError)
      expect(await manifest.counts()).toEqual({ ...none, packed: 1, pending: 1 })
    })
    it('is packed once where it is named twice', async () => {
      await manifest.add(sealed('a'), at(1), 'held')
      await manifest.pack([sealed('a').path, sealed('a').path], sealed('both'), at(2))
      expect(await manifest.members(2)).toMatchObject([sealed('a')])
      expect((await manifest.history(1)).map(({ to }) => to)).toEqual(['held', 'packed'])
    })
    it('is told with what it went into', async () => {
      for (const name of ['a', 'b', 'c']) await manifest.add(sealed(name), at(1), 'held')
      await manifest.pack([sealed('b').path, sealed('a').path], sealed('both'), at(2))
      expect(await manifest.members(4)).toMatchObject([sealed('a'), sealed('b')])
      expect(await manifest.members(1)).toEqual([])
    })
    it('is packed with all others or not at all', async () => {
      await manifest.add(sealed('a'), at(1), 'held')
      await manifest.add(sealed('b'), at(1))
      for (const other of ['b', 'unknown']) {
        const packing = manifest.pack([sealed('a').path, sealed(other).path], sealed('both'), at(2))
        await expect(packing).rejects.toThrow(IllegalFileStateError)
      }
      expect(await manifest.counts()).toEqual({ ...none, held: 1, pending: 1 })
    })
    it('is refused where it is no longer what was sealed, and then sent again or given up as any other', async () => {
      for (const name of ['a', 'b']) await manifest.add(sealed(name), at(1), 'held')
      for (const name of ['a', 'b']) await manifest.refuseHeld(sealed(name).path, 'it is gone', at(2))
      expect(await manifest.counts()).toEqual({ ...none, refused: 2 })
      expect(await manifest.oldestUndelivered()).toBeUndefined()
      expect((await manifest.history(1)).at(-1)).toMatchObject({ from: 'held', to: 'refused', why: 'it is gone' })
      await manifest.resend(1, 'asked for', at(3))
      await manifest.giveUp(2, 'it is gone', at(3))
      expect(await manifest.claim(9, at(4))).toMatchObject([sealed('a')])
      expect(await manifest.counts()).toEqual({ ...none, sending: 1, lost: 1 })
    })
    it('is not refused twice, nor any that is not held', async () => {
      await manifest.add(sealed('a'), at(1), 'held')
      await manifest.add(sealed('b'), at(1))
      await manifest.refuseHeld(sealed('a').path, 'it is gone', at(2))
      await manifest.refuseHeld(sealed('a').path, 'it is gone', at(3))
      expect(await manifest.history(1)).toHaveLength(2)
      for (const name of ['b', 'unknown'])
        await expect(manifest.refuseHeld(sealed(name).path, 'it is gone', at(4))).rejects.toThrow(IllegalFileStateError)
      expect(await manifest.counts()).toEqual({ ...none, refused: 1, pending: 1 })
    })
    it('is pending once nobody packs any longer', async () => {
      await manifest.add(sealed('a'), at(1), 'held')
      await manifest.add(sealed('a'), at(1))
      expect(await manifest.unhold(at(2))).toBe(1)
      expect(await manifest.unhold(at(2))).toBe(0)
      expect(await manifest.claim(9, at(0))).toMatchObject([sealed('a')])
    })
  })

  describe('a picture that is added', () => {
    const image = { cameraId: cameraId('dock-1'), epoch: 2, frame: 7, capturedAt: at(0), widthPx: 640, heightPx: 480 }
    it('is a file like any other, and not added twice', async () => {
      await manifest.addImage(sealed('a', 0), image, at(1))
      await manifest.addImage(sealed('a', 0), image, at(2))
      await expect(manifest.addImage({ ...sealed('a'), sha256: 'f'.repeat(64) }, image, at(3))).rejects.toThrow(
        IllegalFileStateError,
      )
      expect(await manifest.claim(9, at(4))).toMatchObject([sealed('a', 0)])
    })
  })

  describe('a file that was delivered', () => {
    it('is found once it has been so for long enough, the longest first', async () => {
      for (const name of ['a', 'b', 'c']) await manifest.add(sealed(name), at(1))
      const [a, b, c] = await manifest.claim(3, at(2))
      await manifest.delivered(b?.id ?? -1, at(10))
      await manifest.delivered(a?.id ?? -1, at(20))
      await manifest.delivered(c?.id ?? -1, at(31))
      const names = async (before: EpochMs, limit = 9) =>
        (await manifest.deliveredBefore(before, limit)).map(({ path }) => path.slice(-5, -4))
      expect(await names(at(9))).toEqual([])
      expect(await names(at(10))).toEqual(['b'])
      expect(await names(at(30))).toEqual(['b', 'a'])
      expect(await names(at(30), 1)).toEqual(['b'])
    })
    it('is found page by page, those delivered at the same time too', async () => {
      for (const name of ['a', 'b', 'c', 'd']) await manifest.add(sealed(name), at(1))
      const files = await manifest.claim(4, at(2))
      for (const [index, { id }] of files.entries()) await manifest.delivered(id, at(index === 0 ? 11 : 10))
      const pages: string[][] = []
      for (let after: FileEntry | undefined; pages.length < 9;) {
        const page = await manifest.deliveredBefore(at(20), 2, after)
        if (page.length === 0) break
        pages.push(page.map(({ path }) => path.slice(-5, -4)))
        after = page.at(-1)
      }
      expect(pages).toEqual([
        ['b', 'c'],
        ['d', 'a'],
      ])
    })
    it('is found only by where it was delivered to last, where that is recorded and asked', async () => {
      for (const name of ['a', 'b', 'c']) await manifest.add(sealed(name), at(1))
      const [a, b, c] = await manifest.claim(3, at(2))
      await manifest.delivered(a?.id ?? 0, at(10), 'here')
      await manifest.delivered(b?.id ?? 0, at(11), 'there')
      await manifest.delivered(c?.id ?? 0, at(12))
      const names = async (target?: string) =>
        (await manifest.deliveredBefore(at(20), 9, undefined, target)).map(({ path }) => path.slice(-5, -4))
      expect(await names()).toEqual(['a', 'b', 'c'])
      expect([await names('here'), await names('there'), await names('nowhere')]).toEqual([
        ['a', 'c'],
        ['b', 'c'],
        ['c'],
      ])
      const elsewhere = (targets: string[]) => Promise.all(targets.map((each) => manifest.deliveredElsewhere(each)))
      expect(await elsewhere(['here', 'there', 'nowhere'])).toEqual([1, 1, 2])
      await manifest.resend(b?.id ?? 0, 'asked for', at(13))
      await manifest.claim(1, at(13))
      expect(await elsewhere(['here', 'there', 'nowhere'])).toEqual([0, 1, 1])
      await manifest.delivered(b?.id ?? 0, at(14), 'here')
      expect(await names('here')).toEqual(['a', 'c', 'b'])
      expect(await elsewhere(['here', 'there', 'nowhere'])).toEqual([0, 2, 2])
    })
    it('says whether its name was synced when it was delivered last', async () => {
      const { id } = await claimOne()
      await manifest.delivered(id, at(3), 'here', true)
      const found = async () => (await manifest.deliveredBefore(at(9), 9)).map(({ isNameSynced }) => isNameSynced)
      expect(await found()).toEqual([true])
      await manifest.resend(id, 'asked for', at(4))
      await manifest.claim(1, at(5))
      await manifest.delivered(id, at(6), 'here', false)
      expect(await found()).toEqual([false])
    })
    it('is removed or found to conflict, and then no longer found', async () => {
      await manifest.add(sealed('a'), at(1))
      await manifest.add(sealed('b'), at(1))
      const [a, b] = await manifest.claim(2, at(2))
      for (const file of [a, b]) await manifest.delivered(file?.id ?? -1, at(3))
      await manifest.removed(a?.id ?? -1, 'kept long enough', at(4))
      await manifest.conflict(b?.id ?? -1, 'another file is there now', at(4))
      expect(await manifest.counts()).toEqual({ ...none, removed: 1, conflict: 1 })
      expect(await manifest.deliveredBefore(at(99), 9)).toEqual([])
      await expect(manifest.resend(a?.id ?? -1, 'asked', at(5))).rejects.toThrow(IllegalFileStateError)
      await expect(manifest.removed(b?.id ?? -1, 'again', at(5))).rejects.toThrow(IllegalFileStateError)
    })
  })

  describe('sending a file again', () => {
    const ends: [FileState, (id: number) => Promise<void>][] = [
      ['delivered', (id) => manifest.delivered(id, at(9))],
      ['conflict', (id) => manifest.conflict(id, 'another file is there', at(9))],
      ['refused', (id) => manifest.refuse(id, 'gone', at(9))],
      ['deadLetter', (id) => manifest.deadLetter(id, 'it was refused 8 times', at(9))],
      ['lost', (id) => manifest.refuse(id, 'gone', at(9)).then(() => manifest.giveUp(id, 'given up', at(9)))],
    ]
    it.each(ends)('makes one that was %s due at once, ambiguous, its failures forgotten', async (state, end) => {
      const { id } = await claimOne()
      await manifest.retry(id, { ...later, blame: 'file' })
      await manifest.claim(1, at(500))
      await end(id)
      expect(await manifest.files({ states: [state], limit: 9 })).toMatchObject([{ id, state }])
      await manifest.resend(id, 'asked for', at(600))
      expect(await manifest.claim(1, at(0))).toMatchObject([{ id, attempts: 0, faults: 0, ambiguous: true }])
      const { from, to, why } = (await manifest.history(id)).at(-2) ?? {}
      expect({ from, to, why }).toEqual({ from: state, to: 'pending', why: 'asked for' })
    })
    it('makes one that waits due at once, which is no change of state', async () => {
      const { id } = await claimOne()
      await manifest.retry(id, later)
      const before = await manifest.history(id)
      await manifest.resend(id, 'asked for', at(20))
      expect(await manifest.history(id)).toEqual(before)
      expect(await manifest.counts()).toEqual({ ...none, pending: 1 })
      expect(await manifest.claim(1, at(20))).toMatchObject([{ id, attempts: 0, ambiguous: true }])
    })
    it('is refused while it is in hand, while it is held, and for one that nobody knows', async () => {
      const { id } = await claimOne()
      await manifest.add(sealed('b'), at(1), 'held')
      for (const each of [id, id + 1, id + 2]) {
        await expect(manifest.resend(each, 'asked for', at(20))).rejects.toThrow(IllegalFileStateError)
      }
      expect(await manifest.counts()).toEqual({ ...none, sending: 1, held: 1 })
    })
  })

  describe('giving a file up', () => {
    it('ends one that was refused, and no other', async () => {
      const { id } = await claimOne()
      await expect(manifest.giveUp(id, 'it is gone', at(9))).rejects.toThrow(IllegalFileStateError)
      await manifest.refuse(id, 'gone', at(9))
      await manifest.giveUp(id, 'it is gone', at(10))
      expect(await manifest.counts()).toEqual({ ...none, lost: 1 })
      expect(await manifest.oldestUndelivered()).toBeUndefined()
      expect((await manifest.history(id)).at(-1)).toMatchObject({ from: 'refused', to: 'lost', why: 'it is gone' })
      await expect(manifest.giveUp(id, 'it is gone', at(11))).rejects.toThrow(IllegalFileStateError)
      await expect(manifest.giveUp(id + 1, 'it is gone', at(11))).rejects.toThrow(IllegalFileStateError)
    })
  })

  describe('asking for files', () => {
    beforeEach(async () => {
      const other = { ...sealed('d'), path: 'dock-10/model/d.csv' }
      for (const [index, file] of [sealed('a'), sealed('b'), sealed('c'), other].entries()) {
        await manifest.add(file, at(index))
      }
      await manifest.claim(1, at(10))
    })
    const names = async (query: Partial<FileQuery>) =>
      (await manifest.files({ limit: 9, ...query })).map(({ path }) => path.slice(-5, -4)).join('')
    it('gives them by age, page by page', async () => {
      expect(await names({})).toBe('abcd')
      const [, second] = await manifest.files({ limit: 2 })
      expect(await names({ afterId: second?.id ?? -1, limit: 1 })).toBe('c')
    })
    it('gives the latest first where that is asked for', async () => {
      expect(await names({ newestFirst: true })).toBe('dcba')
      expect(await names({ newestFirst: true, states: ['pending'], limit: 2 })).toBe('dc')
    })
    it('gives the one of a path', async () => {
      const [, second] = await manifest.files({ limit: 2 })
      expect(await manifest.files({ path: second?.path ?? '', limit: 9 })).toEqual([second])
      expect(await names({ path: 'dock-1' })).toBe('')
    })
    it('gives those of some states, of one camera, of an age', async () => {
      expect(await names({ states: ['sending'] })).toBe('a')
      expect(await names({ states: ['sending', 'pending'] })).toBe('abcd')
      expect(await names({ states: [] })).toBe('')
      expect(await names({ cameraId: cameraId('dock-1') })).toBe('abc')
      expect(await names({ cameraId: cameraId('dock-10') })).toBe('d')
      expect(await names({ sealedBefore: at(2) })).toBe('abc')
      expect(await names({ sealedBefore: at(2), states: ['pending'], cameraId: cameraId('dock-1') })).toBe('bc')
    })
  })

  describe('the history of a file', () => {
    it('has every change, with its boot and why', async () => {
      const { id } = await claimOne()
      await manifest.retry(id, later)
      expect(await manifest.history(id)).toEqual([
        { at: at(1), boot: 1, from: undefined, to: 'pending', why: undefined },
        { at: at(2), boot: 1, from: 'pending', to: 'sending', why: undefined },
        { at: at(10), boot: 1, from: 'sending', to: 'pending', why: 'the server was away' },
      ])
      expect(await manifest.history(id + 1)).toEqual([])
    })
    it('keeps of its tries the last 20, and all else', async () => {
      const { id } = await claimOne()
      await manifest.conflict(id, 'another file is there', at(3))
      await manifest.resend(id, 'asked for', at(4))
      for (let ms = 10; ms <= 31; ms++) {
        await manifest.claim(1, at(ms))
        if (ms === 30) await manifest.delivered(id, at(ms))
        if (ms === 30) await manifest.resend(id, 'asked for', at(ms))
        else await manifest.retry(id, { ...later, dueAt: at(ms), at: at(ms) })
      }
      const tries = (from: number, to: number) =>
        Array.from({ length: to - from + 1 }, (_, index) => `sending ${from + index}, pending ${from + index}`)
      const told = (await manifest.history(id)).map((event) => `${event.to} ${event.at - at(0)}`).join(', ')
      expect(told.split('conflict 3, pending 4, ')).toEqual([
        'pending 1, sending 2, ',
        [...tries(11, 29), 'sending 30, delivered 30, pending 30', ...tries(31, 31)].join(', '),
      ])
    })
  })

  describe('the oldest undelivered file', () => {
    it('is the first that was sealed, while it waits, is sent and waits again', async () => {
      const { id } = await claimOne()
      await manifest.add(sealed('b'), at(3))
      expect(await manifest.oldestUndelivered()).toBe(at(1))
      await manifest.retry(id, later)
      expect(await manifest.oldestUndelivered()).toBe(at(1))
    })
    it('is the oldest whatever its priority, and one that is held too', async () => {
      await manifest.add(sealed('c'), at(1), 'held')
      await manifest.add(sealed('a'), at(2))
      await manifest.add({ ...sealed('b'), priority: 9 }, at(3))
      expect(await manifest.oldestUndelivered()).toBe(at(1))
      await manifest.pack([sealed('c').path], sealed('d'), at(4))
      expect(await manifest.oldestUndelivered()).toBe(at(2))
    })
    it('is none that was delivered or set aside', async () => {
      const { id } = await claimOne()
      await manifest.add(sealed('b'), at(3))
      await manifest.delivered(id, at(4))
      expect(await manifest.oldestUndelivered()).toBe(at(3))
      const [next] = await manifest.claim(1, at(5))
      await manifest.conflict(next?.id ?? 0, 'another file is there', at(6))
      expect(await manifest.oldestUndelivered()).toBeUndefined()
    })
  })

  describe('a change of state', () => {
    const ways: [FileState, (id: number) => Promise<void>][] = [
      ['delivered', (id) => manifest.delivered(id, at(9))],
      ['pending', (id) => manifest.retry(id, later)],
      ['conflict', (id) => manifest.conflict(id, 'another file is there', at(9))],
      ['refused', (id) => manifest.refuse(id, 'gone', at(9))],
      ['deadLetter', (id) => manifest.deadLetter(id, 'it was refused 8 times', at(9))],
    ]
    it.each(ways)('is counted as %s, with its rows', async (state, change) => {
      const { id } = await claimOne()
      expect(await manifest.counts()).toEqual({ ...none, sending: 1 })
      await change(id)
      expect(await manifest.counts()).toEqual({ ...none, [state]: 1 })
      expect(await manifest.rowCounts()).toEqual({ ...none, [state]: 1 })
    })
    it.each(ways)('to %s is refused for a file that nobody knows', async (_state, change) => {
      await expect(change(1)).rejects.toThrow(IllegalFileStateError)
    })
    const illegal = ways.flatMap(([from, first]) =>
      ways.flatMap(([to, second]) =>
        legalChanges[from].includes(to) && to !== 'pending' ? [] : [{ from, to, first, second }],
      ),
    )
    it.each(illegal)('from $from to $to is refused and changes nothing', async ({ from, first, second }) => {
      const { id } = await claimOne()
      await first(id)
      await expect(second(id)).rejects.toThrow(IllegalFileStateError)
      expect(await manifest.counts()).toEqual({ ...none, [from]: 1 })
    })
    it('that is refused does not take others with it that were asked at the same time', async () => {
      const { id } = await claimOne()
      const results = await Promise.allSettled([
        manifest.delivered(id, at(9)),
        manifest.delivered(id, at(9)),
        manifest.add(sealed('b'), at(9)),
      ])
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect(await manifest.counts()).toEqual({ ...none, delivered: 1, pending: 1 })
    })
  })
}
