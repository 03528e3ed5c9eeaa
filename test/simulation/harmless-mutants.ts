import type { Harmless } from './mutant.ts'

/** Not found out, and not worth being: each has its test where the line is that it breaks. */
export const harmless: readonly Harmless[] = [
  {
    name: 'the name of a sealed file is not synced',
    file: 'storage/seal-file.ts',
    find: '  await disk.syncFolder(folder)\n  await disk.syncFolder(openFolder)\n',
    replace: '',
    because:
      'a rename whose new name is lost leaves the old one, by which the start scan finds the file and seals it again, before any uploader runs',
  },
  {
    name: 'an older life is believed',
    file: 'supervision/child-events.ts',
    find: 'return child?.epoch === epoch ? child : undefined',
    replace: 'return child',
    because: 'no life says anything once its end was told: a mutant of `plain-mutants.ts` lets one say it twice',
  },
]
