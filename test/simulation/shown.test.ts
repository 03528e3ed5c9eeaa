import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { expect, it } from 'vitest'
import { resultsIn } from './shown.ts'

it('finds each file that the server shows, those in archives too, whatever their length, and names that stand twice', async () => {
  const files = [
    ['a.csv', ''],
    ['b.csv', 'x'.repeat(512)],
    ['c.csv', 'boot\n1\n'],
    ['a.csv', 'boot\n'],
  ] as const
  const tar = pack()
  for (const [name, text] of files) tar.entry({ name }, text)
  tar.finalize()
  const shown = new Map([
    ['dock-1/a.tar.gz', gzipSync(await buffer(tar))],
    ['dock-1/d.csv.gz', gzipSync('boot\n')],
    ['dock-1/e.csv', Buffer.from('e')],
  ])
  expect(resultsIn(shown)).toEqual({
    ...Object.fromEntries(files.map(([name, text], place) => [`dock-1/a.tar.gz/${place}/${name}`, text])),
    ...{ 'dock-1/d.csv.gz/0/d.csv': 'boot\n', 'dock-1/e.csv': 'e' },
  })
})
