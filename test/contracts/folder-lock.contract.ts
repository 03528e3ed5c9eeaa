import { expect, it } from 'vitest'
import { ManifestInUseError } from '../../src/domain/manifest-errors.ts'
import type { Manifest } from '../../src/ports/manifest.ts'

/** What every manifest promises that can be opened. `makeFolder` gives what opens one and the same, each time that it is called. */
export function folderLockContract(makeFolder: () => Promise<() => Promise<Manifest>>): void {
  it('is open once: a second opener is refused, of the same process too, until the first has closed it', async () => {
    const open = await makeFolder()
    const first = await open()
    await expect(open()).rejects.toThrow(ManifestInUseError)
    await first.close()
    const second = await open()
    await expect(open()).rejects.toThrow(ManifestInUseError)
    await second.close()
  })
}
