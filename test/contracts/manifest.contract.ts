import { beforeEach, describe, expect, it } from 'vitest'
import { IllegalFileStateError } from '../../src/domain/illegal-file-state-error.ts'
import type { SealedFile } from '../../src/domain/sealed-file.ts'
import { type EpochMs, epochMs } from '../../src/domain/units.ts'
import type { FileState, Manifest } from '../../src/ports/manifest.ts'

const sealed = (name: string, rows = 1): SealedFile => ({
  path: `dock-1/model/${name}.csv`,
  bytes: 100,
  sha256: name.padEnd(64, '0'),
  rows,
})

const at = (ms: number): EpochMs => epochMs(1_800_000_000_000 + ms)
const none: Record<FileState, number> = { pending: 0, sending: 0, delivered: 0, conflict: 0, refused: 0 }
const later = { dueAt: at(500), ambiguous: false, counted: true, why: 'the server was away', at: at(10) }

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
        { ...sealed('a', 7), id: claimed[0]?.id, state: 'sending', attempts: 0, ambiguous: false, sealedAt: at(1) },
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
    it('goes by the age of the file, not by the time since it is due', async () => {
      const { id } = await claimOne()
      await manifest.add(sealed('b'), at(3))
      await manifest.retry(id, later)
      const [first] = await manifest.claim(1, at(500))
      expect(first?.id).toBe(id)
      const [second] = await manifest.claim(1, at(500))
      await manifest.retry(id, { ...later, dueAt: at(600) })
      await manifest.retry(second?.id ?? -1, { ...later, dueAt: at(700) })
      expect(await manifest.claim(1, at(700))).toMatchObject([{ id }])
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
    it('counts as an attempt only where it was the file’s own', async () => {
      const { id } = await claimOne()
      await manifest.retry(id, { ...later, dueAt: at(10), counted: false })
      expect(await manifest.claim(1, at(10))).toMatchObject([{ attempts: 0 }])
      await manifest.retry(id, { ...later, dueAt: at(20), counted: true })
      expect(await manifest.claim(1, at(20))).toMatchObject([{ attempts: 1 }])
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

  describe('a change of state', () => {
    const ways: [FileState, (id: number) => Promise<void>][] = [
      ['delivered', (id) => manifest.delivered(id, at(9))],
      ['pending', (id) => manifest.retry(id, later)],
      ['conflict', (id) => manifest.conflict(id, 'another file is there', at(9))],
      ['refused', (id) => manifest.refuse(id, 'gone', at(9))],
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
    it.each(ways.flatMap(([from, first]) => ways.map(([to, second]) => ({ from, to, first, second }))))(
      'from $from to $to is refused and changes nothing',
      async ({ from, first, second }) => {
        const { id } = await claimOne()
        await first(id)
        await expect(second(id)).rejects.toThrow(IllegalFileStateError)
        expect(await manifest.counts()).toEqual({ ...none, [from]: 1 })
      },
    )
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
