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

  it('for anything else says only what SQLite said', () => {
    expect(new ManifestFailedError('/var/lib/belay/manifest.sqlite', 'commit', 'SQLITE_IOERR').message).toBe(
      'Manifest /var/lib/belay/manifest.sqlite: commit failed with SQLITE_IOERR',
    )
  })
})
