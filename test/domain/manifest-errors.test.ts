import { describe, expect, it } from 'vitest'
import { ManifestFailedError } from '../../src/domain/manifest-errors.ts'

describe('a call of the manifest that fails', () => {
  it.each(['SQLITE_FULL', 'ENOSPC', 'EDQUOT'])(
    'for want of room (%s) says whose disk is full, and what to do',
    (code) => {
      expect(new ManifestFailedError('/var/lib/belay/manifest.sqlite', 'commit', code).message).toBe(
        `Manifest /var/lib/belay/manifest.sqlite: commit failed with ${code}. ` +
          'The disk of the data folder /var/lib/belay is full: delete what else is on it, or give it more room',
      )
    },
  )

  it.each([
    {
      code: 'EACCES',
      advice: 'Let the user that runs Belay own the data folder /var/lib/belay and all in it',
    },
    {
      code: 'SQLITE_CANTOPEN',
      advice: 'Let the user that runs Belay own the data folder /var/lib/belay and all in it',
    },
    { code: 'EROFS', advice: 'The disk of the data folder /var/lib/belay is mounted read-only' },
    {
      code: 'EEXIST',
      advice: 'What stands in the place of the data folder /var/lib/belay is no folder: set `data` to one',
    },
    {
      code: 'SQLITE_NOTADB',
      advice:
        'It is damaged: put a copy of it from backups/ in its place, and leave all else as it is (docs/delivery.md, “A damaged manifest”, says how)',
    },
  ])('with $code says what to do', ({ code, advice }) => {
    expect(new ManifestFailedError('/var/lib/belay/manifest.sqlite', 'mkdir', code).message).toBe(
      `Manifest /var/lib/belay/manifest.sqlite: mkdir failed with ${code}. ${advice}`,
    )
  })

  it('for anything else says only what SQLite said', () => {
    expect(new ManifestFailedError('/var/lib/belay/manifest.sqlite', 'commit', 'SQLITE_IOERR').message).toBe(
      'Manifest /var/lib/belay/manifest.sqlite: commit failed with SQLITE_IOERR',
    )
  })
})
