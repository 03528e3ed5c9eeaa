import { beforeEach, describe, expect, it } from 'vitest'
import { ManifestFailedError } from '../../src/domain/manifest-errors.ts'
import { epochMs } from '../../src/domain/units.ts'
import type { Manifest } from '../../src/ports/manifest.ts'
import { pair, sealedAs } from './pairs.ts'

/** A transaction that takes in a file with this in its path is done, and fails at its COMMIT. */
export const unlucky = 'unlucky'

const at = epochMs(1_800_000_000_000)

export interface GroupCommits {
  /** An empty manifest, whose unlucky transactions fail. */
  readonly open: () => Promise<Manifest>
  /**
   * A process that takes in pair after pair, both of a pair in the same turn, and dies amid one; `known`: so many it has
   * been told of. The manifest as the next one opens it.
   */
  readonly dieAmidPairs: () => Promise<{ readonly manifest: Manifest; readonly known: number }>
}

/** What a manifest promises of calls that share a transaction: they stand or fall together. */
export function groupCommitContract({ open, dieAmidPairs }: GroupCommits): void {
  describe('changes that are asked for in the same turn', () => {
    let manifest: Manifest
    const add = (path: string): Promise<void> => manifest.add(sealedAs(path), at)
    const isThere = (path: string): Promise<boolean> => manifest.has(sealedAs(path).path)
    beforeEach(async () => {
      manifest = await open()
      await manifest.beginBoot(at)
    })

    it('all fail where their commit does, whichever of them it was, and leave nothing', async () => {
      await add('before')
      const asked = [manifest.claim(1, at), add('a'), add(unlucky), manifest.has('b'), add('c')]
      for (const result of await Promise.allSettled(asked)) {
        expect(result).toMatchObject({ status: 'rejected', reason: expect.any(ManifestFailedError) as unknown })
      }
      expect(await manifest.files({ limit: 9 })).toMatchObject([{ ...sealedAs('before'), state: 'pending' }])
      expect((await manifest.history(1)).map(({ to }) => to)).toEqual(['pending'])
    })

    it('are all done by the next commit, when they are asked for again', async () => {
      await Promise.allSettled([add('a'), add(unlucky)])
      await Promise.all([add('a'), add('b')])
      expect(await manifest.counts()).toMatchObject({ pending: 2 })
    })

    it('see one another, in the order in which they were asked for', async () => {
      const [before, , after, claimed] = await Promise.all([
        isThere('a'),
        add('a'),
        isThere('a'),
        manifest.claim(1, at),
      ])
      expect({ before, after }).toEqual({ before: false, after: true })
      expect(claimed).toMatchObject([sealedAs('a')])
    })

    it('take no part in the failure of a commit that was under way before', async () => {
      const failing = add(unlucky)
      const refused = expect(failing).rejects.toThrow(ManifestFailedError)
      // The turn is over, and what was asked for in it on its way.
      await Promise.resolve()
      await Promise.resolve()
      const later = [add('a'), add('b')]
      await refused
      await Promise.all(later)
      expect(await manifest.counts()).toMatchObject({ pending: 2 })
    })

    it('are there together or not at all for whoever opens it after a crash', { timeout: 60_000 }, async () => {
      const { manifest: found, known } = await dieAmidPairs()
      const there = new Set((await found.files({ limit: 1_000_000 })).map(({ path }) => path))
      expect(known).toBeGreaterThan(2)
      expect(there.size % 2).toBe(0)
      for (let number = 1; number <= there.size / 2; number++) {
        for (const { path } of pair(number)) expect(there).toContain(path)
      }
      // Durable when a call has resolved; at most the one pair beyond that was under way.
      expect(there.size / 2).toBeGreaterThanOrEqual(known)
    })
  })
}
