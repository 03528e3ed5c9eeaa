import type { Mutant } from './mutant.ts'

const delivered = 'after the faults everything sealed is delivered'
const rows = 'every accepted row is in exactly one file exactly once'
const unverified = 'nothing unverified is deleted'
const told = 'what the manifest says of a file is so'

/** Mistakes that somebody might make where sealed files are packed. */
export const packingMutants: readonly Mutant[] = [
  {
    name: 'files are forgotten before their archive is recorded',
    file: 'storage/packer.ts',
    find: '    try {\n      const packed = await packFiles(',
    replace: '    try {\n      files.splice(0, members.length)\n      const packed = await packFiles(',
    breaks: delivered,
  },
  {
    name: 'what an earlier life held is packed by nobody',
    file: 'storage/packer.ts',
    find: '  #hasLooked = false\n',
    replace: '  #hasLooked = true\n',
    breaks: delivered,
  },
  {
    name: 'a stop leaves to the next start what is held',
    file: 'storage/csv-writer.ts',
    find: 'this.#beside(this.#packer, now, finishing && this.#working.size === 0)',
    replace: 'finishing ? Infinity : this.#beside(this.#packer, now, false)',
    and: { file: 'storage/csv-writer.ts', find: '(this.#packer?.isIdle ?? true)', replace: 'true' },
    breaks: delivered,
  },
  {
    name: 'an archive that the manifest does not know is sent, and what it holds is packed again',
    file: 'storage/adopt-file.ts',
    find: "  if (parsePackedName(fileName) !== undefined) return { outcome: 'known' }\n",
    replace:
      "  if (parsePackedName(fileName) !== undefined) {\n    if (await manifest.has(path)) return { outcome: 'known' }\n" +
      '    const archive = await disk.open(path)\n    const bytes = await archive.length()\n' +
      '    const file = { path, bytes, sha256: await hashOf(archive, bytes), rows: 0, priority: 5 }\n' +
      "    await archive.close()\n    await manifest.add(file, clock.now())\n    return { outcome: 'adopted', file }\n  }\n",
    breaks: delivered,
  },
  {
    name: 'an archive is recorded before it is synced',
    file: 'storage/pack-files.ts',
    find: '    await file.datasync()\n',
    replace: '',
    breaks: rows,
  },
  {
    name: 'an archive is recorded before its name is synced',
    file: 'storage/pack-files.ts',
    find: '  await disk.syncFolder(dirname(path))\n  await disk.syncFolder(packingFolder)\n',
    replace: '',
    breaks: rows,
  },
  {
    name: 'files are deleted once they are packed',
    file: 'storage/pack-files.ts',
    find: '  unrecorded.delete(folder)\n',
    replace: '  unrecorded.delete(folder)\n  for (const path of paths) await world.disk.unlink(path)\n',
    breaks: unverified,
  },
  {
    name: 'a file is deleted before what it was compressed into is synced',
    file: 'storage/pack-files.ts',
    find: '  await renameOnce(disk, growing, path)\n',
    replace: "  if (plan.as === 'gzip') await disk.unlink(first.path)\n  await renameOnce(disk, growing, path)\n",
    breaks: unverified,
  },
  {
    name: 'the files in an archive outlive it',
    file: 'delivery/remove-delivered.ts',
    find: '  const members = (await manifest.members(file.id)).map(({ path }) => path)\n',
    replace: '  const members: string[] = []\n  await manifest.members(file.id)\n',
    breaks: told,
  },
]
