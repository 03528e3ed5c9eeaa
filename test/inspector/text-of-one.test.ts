import { describe, expect, it } from 'vitest'
import { textOfOne } from '../../inspector/src/daemon/text-of-one.ts'

const file = (name: string, text = async () => `of ${name}`) => ({ name, text })

describe('the file that is opened', () => {
  it('is the one that is given', async () => {
    expect(await textOfOne([file('a.jsonl')])).toEqual({ name: 'a.jsonl', text: 'of a.jsonl' })
  })

  it.each([
    {
      of: 'several',
      files: [file('a.jsonl'), file('b.jsonl')],
      words: 'One recording is shown at a time, and 2 files were given: open one of them.',
    },
    {
      of: 'one that cannot be read',
      files: [file('folder', () => Promise.reject(new DOMException('it is a folder', 'NotReadableError')))],
      words: 'folder cannot be read: it is a folder',
    },
    { of: 'none', files: [], words: 'No file was given.' },
  ])('is none of $of, and it is said why', async ({ files, words }) => {
    await expect(textOfOne(files)).rejects.toThrow(words)
  })
})
