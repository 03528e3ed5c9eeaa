import { describe, expect, it } from 'vitest'
import { camerasToChoose } from '../../inspector/src/files/cameras-to-choose.ts'
import type { Choice } from '../../inspector/src/files/files-client.ts'
import { chosenFiles, toldFiles } from '../../inspector/src/files/told-files.ts'
import { tellStory } from './page-records.ts'
import { startedAt } from '../inspection-feed/sample-state.ts'

const everything: Choice = { states: '', camera: '', olderThan: '', order: 'oldest', limit: 100 }

function story() {
  const { hear, wait, records, say } = tellStory()
  hear('root/csv-writer', 'file.sealed', { path: 'dock-1/model/a.csv', rows: 8, bytes: 900, sha256: 'ab12' })
  wait(1_000)
  hear('root/uploader', 'file.failed', {
    path: 'dock-1/model/a.csv',
    why: 'no permission',
    again: true,
    dueAt: startedAt + 5_000,
  })
  hear('root/uploader', 'file.delivered', { path: 'dock-2/model/earlier.csv', rows: 5, bytes: 700, sha256: 'cd34' })
  say('root/uploader', { type: 'gauges.read', values: { uploaded: 1 } })
  wait(1_000)
  hear('root/uploader', 'file.failed', { path: 'dock-1/model/a.csv', why: 'it was changed', again: false })
  hear('root/csv-writer', 'file.adopted', { path: 'dock-2/model/b.csv', rows: 3 })
  return records
}

describe('the files that records tell of', () => {
  it('are each in the state that was said last, since when and why, with all that became of it', () => {
    const [refused, delivered, adopted] = toldFiles(story())
    expect(refused).toEqual({
      ...{ id: 1, path: 'dock-1/model/a.csv', camera: 'dock-1', state: 'refused', rows: 8, attempts: 1, dueAt: null },
      ...{ bytes: 900, sha256: 'ab12' },
      ...{ sealedAt: startedAt, changedAt: startedAt + 2_000, why: 'it was changed' },
      changes: [
        { at: startedAt, boot: null, from: null, to: 'pending', why: null },
        { at: startedAt + 1_000, boot: null, from: 'pending', to: 'pending', why: 'no permission' },
        { at: startedAt + 2_000, boot: null, from: 'pending', to: 'refused', why: 'it was changed' },
      ],
    })
    expect(delivered).toMatchObject({ camera: 'dock-2', state: 'delivered', sealedAt: null, rows: 5, attempts: 0 })
    expect(delivered).toMatchObject({ bytes: 700, sha256: 'cd34' })
    expect(delivered?.changes).toMatchObject([{ from: 'pending', to: 'delivered' }])
    expect(adopted).toMatchObject({ state: 'pending', rows: 3, bytes: null, sha256: null, sealedAt: startedAt + 2_000 })
  })

  it('are held, packed, in hand and sent again as records say', () => {
    const { hear, wait, records, say } = tellStory()
    const [csv, archive] = ['dock-1/model/a.csv', 'dock-1/model/a.tar.gz']
    const seen = () => toldFiles(records).map(({ path, state, why }) => [path, state, why])
    hear('root/csv-writer', 'file.sealed', { path: csv, rows: 8, held: true })
    expect(seen()).toEqual([[csv, 'held', null]])
    wait(1_000)
    hear('root/csv-writer', 'file.archived', { path: csv, rows: 8, into: archive })
    hear('root/csv-writer', 'file.packed', { path: archive, rows: 8 })
    const packed = [csv, 'packed', `in ${archive}`]
    expect(seen()).toEqual([packed, [archive, 'pending', null]])
    hear('root/uploader', 'file.claimed', { path: archive })
    expect(seen()).toEqual([packed, [archive, 'sending', null]])
    hear('root/uploader', 'file.released', { path: archive, why: 'no answer', dueAt: startedAt + 9_000 })
    expect(seen()).toEqual([packed, [archive, 'pending', 'no answer']])
    hear('root/uploader', 'file.claimed', { path: archive })
    hear('root/uploader', 'file.deadLetter', { path: archive, why: 'it failed ten times' })
    const asked = { type: 'operator.asked', command: 'file.retry', by: '10.0.0.9', file: archive } as const
    say('root/uploader', { ...asked, outcome: 'refused', words: 'File 2 is removed' })
    expect(seen()).toEqual([packed, [archive, 'deadLetter', 'it failed ten times']])
    say('root/uploader', { ...asked, outcome: 'done', words: 'File 2 is due at once' })
    expect(seen()).toEqual([packed, [archive, 'pending', 'File 2 is due at once, asked by 10.0.0.9']])
  })

  it.each([
    ['file.conflict', 'conflict'],
    ['file.deadLetter', 'deadLetter'],
    ['file.unpackable', 'held'],
    ['file.refused', 'refused'],
    ['file.removed', 'removed'],
  ])('are after %s %s', (event, state) => {
    const { hear, records } = tellStory()
    hear('root/uploader', 'file.claimed', { path: 'dock-1/model/a.csv' })
    hear('root/uploader', event, { path: 'dock-1/model/a.csv' })
    expect(toldFiles(records)).toMatchObject([{ state, changes: [{ to: 'sending' }, { from: 'sending', to: state }] }])
  })

  it('are due again with the next session, where an uploader was cut off with them', () => {
    const { hear, records } = tellStory()
    hear('root/uploader', 'file.claimed', { path: 'dock-1/model/a.csv' })
    hear('root/uploader', 'session.opened')
    expect(toldFiles(records)).toMatchObject([{ state: 'pending', why: 'an uploader was cut off with it' }])
  })

  it('are those of a moment of the past where only what had happened is looked at', () => {
    const before = toldFiles(story().filter(({ at }) => at <= startedAt + 1_000))
    expect(before.map(({ path, state, changedAt, dueAt }) => [path, state, changedAt - startedAt, dueAt])).toEqual([
      ['dock-1/model/a.csv', 'pending', 0, startedAt + 5_000],
      ['dock-2/model/earlier.csv', 'delivered', 1_000, null],
    ])
  })

  it.each([
    [{}, ['a.csv', 'earlier.csv', 'b.csv']],
    [{ order: 'newest' }, ['b.csv', 'earlier.csv', 'a.csv']],
    [{ states: 'pending,refused' }, ['a.csv', 'b.csv']],
    [{ camera: 'dock-2' }, ['earlier.csv', 'b.csv']],
    // Of the one that was sealed before the first record nobody knows better.
    [{ olderThan: '10m' }, ['a.csv', 'earlier.csv']],
  ] satisfies [Partial<Choice>, string[]][])('are chosen by %j', (choice, names) => {
    const files = chosenFiles(toldFiles(story()), { ...everything, ...choice }, startedAt + 600_000)
    expect(files.map(({ path }) => path.slice(path.lastIndexOf('/') + 1))).toEqual(names)
  })
})

describe('the cameras whose files can be chosen', () => {
  const of = (...cameras: string[]) => cameras.map((camera) => ({ camera }))

  it('are those of the configuration, and those that were taken out and have left files', () => {
    const cameras = { configured: ['dock-2', 'dock-1'], seen: new Set<string>() }
    expect(camerasToChoose(cameras, [], '')).toEqual(['dock-2', 'dock-1'])
    expect(camerasToChoose(cameras, of('old-2', 'dock-1', 'old-1'), '')).toEqual(['dock-2', 'dock-1', 'old-1', 'old-2'])
    // Its list has files of no other.
    expect(camerasToChoose(cameras, of('old-2'), 'old-2')).toEqual(['dock-2', 'dock-1', 'old-1', 'old-2'])
  })

  it('have the one that is chosen among them, though it has no file', () => {
    expect(camerasToChoose({ configured: [], seen: new Set() }, [], 'gone')).toEqual(['gone'])
  })
})
