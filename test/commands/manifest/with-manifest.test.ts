import { describe, expect, it } from 'vitest'
import { withManifest } from '../../../src/commands/manifest/with-manifest.ts'
import { ManifestFailedError } from '../../../src/domain/manifest-errors.ts'
import { configOf, smallConfigWith } from '../../config/small-config.ts'
import { MemoryTerminal } from '../memory-terminal.ts'

const file = '/var/lib/belay/manifest.sqlite'

async function complaint(
  sqliteCode: string,
  ours: number,
  owner: number | undefined,
  names = new Map<number, string>(),
) {
  const terminal = new MemoryTerminal()
  const config = await configOf(smallConfigWith('cameras:', 'data: /var/lib/belay\ncameras:'))
  const code = await withManifest(
    config,
    terminal,
    () => Promise.reject(new ManifestFailedError(file, 'access', sqliteCode)),
    () => Promise.reject(new Error('it opened')),
    { ours, ownerOf: async () => owner, nameOf: async (user) => names.get(user) },
  )
  expect(code).toBe(75)
  return terminal.complained
}

describe('a command on the manifest of another user’s data folder', () => {
  const belay = new Map([[998, 'belay']])

  it.each(['EACCES', 'SQLITE_READONLY', 'SQLITE_CANTOPEN'])(
    'that is refused with %s says as whom to run it',
    async (code) => {
      expect(await complaint(code, 1000, 998, belay)).toBe(
        `Manifest ${file}: access failed with ${code}. The data folder belongs to belay: run this as root, or as that user: sudo -u belay …\n`,
      )
    },
  )

  it('names an owner without a name as sudo takes it', async () => {
    expect(await complaint('EACCES', 1000, 998)).toContain("as that user: sudo -u '#998' …\n")
  })

  it.each([
    { who: 'its owner', ours: 998, owner: 998, code: 'EACCES' },
    { who: 'root', ours: 0, owner: 998, code: 'EACCES' },
    { who: 'somebody who cannot look at it', ours: 1000, owner: undefined, code: 'EACCES' },
    { who: 'another, for a full disk', ours: 1000, owner: 998, code: 'SQLITE_FULL' },
  ])('says to $who what it says to the daemon', async ({ ours, owner, code }) => {
    expect(await complaint(code, ours, owner, belay)).toBe(`${new ManifestFailedError(file, 'access', code).message}\n`)
  })
})
