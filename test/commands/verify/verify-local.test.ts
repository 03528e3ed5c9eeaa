import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Finding } from '../../../src/commands/verify/verify-finding.ts'
import { verifyFolder } from '../../../src/commands/verify/verify-folder.ts'
import { verifyManifest } from '../../../src/commands/verify/verify-manifest.ts'
import type { SealedFile } from '../../../src/domain/sealed-file.ts'
import { epochMs } from '../../../src/domain/units.ts'
import { headerLine } from '../../../src/storage/csv-format.ts'
import { sealed } from '../../delivery/start-delivery.ts'
import { MemoryDisk } from '../../fakes/memory-disk.ts'
import { MemoryManifest } from '../../fakes/memory-manifest.ts'

const content = `${headerLine('model').toString()}1,dock-1,1,1,0,t,particles,,,,,,\n`
const file = sealed(1, content)

/** A data folder with these files, and a manifest that has file 1 as it is said to have been sealed, and delivered. */
async function startFolder(files: Readonly<Record<string, string>>, as: Partial<SealedFile> = {}) {
  const [disk, manifest] = [new MemoryDisk(), new MemoryManifest()]
  for (const [path, text] of Object.entries(files)) {
    await disk.makeFolder(dirname(path))
    const created = await disk.create(path)
    if (text !== '') await created.write(Buffer.from(text), 0)
    await created.close()
  }
  await manifest.add({ ...file, ...as }, epochMs(1))
  await manifest.claim(1, epochMs(2))
  await manifest.delivered(1, epochMs(3))
  const look = async (): Promise<Finding[]> => {
    const found: Finding[] = []
    for await (const finding of verifyManifest(manifest, { disk, keepFor: 'forever' })) found.push(finding)
    for await (const finding of verifyFolder(manifest, disk)) found.push(finding)
    return found
  }
  return { disk, look }
}

describe('belay verify of a sealed file', () => {
  it('has nothing to say of one that is what was sealed', async () => {
    const { look } = await startFolder({ [file.path]: content })
    expect(await look()).toEqual([])
  })

  it.each([
    ['longer', `${content}x`],
    ['shorter', content.slice(0, -1)],
  ])('says by how much it is %s', async (_what, found) => {
    const { look } = await startFolder({ [file.path]: found })
    const what = `is delivered, and is ${found.length} bytes long here, ${content.length} were sealed`
    expect(await look()).toEqual([{ path: file.path, what, grade: 'fault' }])
  })

  it.each([0, 2])('counts its rows, of which the manifest has %i', async (rows) => {
    const { look } = await startFolder({ [file.path]: content }, { rows })
    const what = `is delivered, and has 1 row, the manifest says ${rows}`
    expect(await look()).toEqual([{ path: file.path, what, grade: 'fault' }])
  })

  it('does not take one that cannot be read for one that is gone', async () => {
    const { disk, look } = await startFolder({ [file.path]: content })
    disk.failNext('read', 'EIO')
    const what = `is delivered, and cannot be read: read of ${file.path} failed: EIO`
    expect(await look()).toEqual([{ path: file.path, what, grade: 'fault' }])
  })
})

describe('belay verify of a file that was left open', () => {
  const path = `open/${file.path.split('/')[2]?.replace('000001', '000002')}.open`

  it('tells one that nothing was written to yet from one that is not ours', async () => {
    const { look } = await startFolder({ [file.path]: content, [path]: '' })
    const what = 'was left open with 0 rows; the next start removes it'
    expect(await look()).toEqual([{ path, what, grade: 'mendable' }])
  })

  it('counts the rows of a frame that was cut through as torn, as the next start does', async () => {
    const text = content.toString()
    const row = text.split('\n')[1] ?? ''
    const { look } = await startFolder({ [file.path]: content, [path]: text + row.slice(0, -1) })
    const torn = text.length - text.indexOf('\n') - 1 + row.length - 1
    const what = `was left open with 0 rows and ${torn} torn bytes; the next start removes it`
    expect(await look()).toEqual([{ path, what, grade: 'mendable' }])
  })

  it('holds a fault to be one that it cannot mend', async () => {
    const { disk, look } = await startFolder({ [file.path]: content, [path]: content })
    disk.failNext('read', 'EIO', path)
    const what = `was left open, and cannot be read: read of ${path} failed: EIO`
    expect(await look()).toEqual([{ path, what, grade: 'fault' }])
  })
})
