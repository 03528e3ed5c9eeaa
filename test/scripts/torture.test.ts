import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Chance } from '../../scripts/torture/chance.ts'
import { DiskWitness } from '../../scripts/torture/disk-witness.ts'
import type { Evidence } from '../../scripts/torture/evidence.ts'
import { noStrikes, Strikes } from '../../scripts/torture/strikes.ts'
import { faultsOf, nameOf } from '../../scripts/torture/verdict.ts'
import type { RowsAccepted } from '../../src/logging/acceptance-log.ts'
import { csvColumns } from '../../src/domain/csv-row.ts'
import { cameraId } from '../../src/domain/ids.ts'
import type { SeriesPath } from '../../src/storage/row-queue.ts'
import type { Row } from '../e2e/support/site.ts'

const series: SeriesPath = `${cameraId('dock-1')}/model`
const row = (frame: number, detection = 1, file = 'a.csv'): Row => ({
  ...{ file, boot: 1, camera: 'dock-1', epoch: 1, frame, detection, folder: 'model' },
})
const commit = (first: number, last: number, rows: number): RowsAccepted => ({
  ...{ series, boot: 1, first: [1, first, 1], last: [1, last, 1], requests: last - first + 1, rows },
})

/** Two commits, frames 9 to 12; one file that is everywhere as it should be. */
function evidence(changes: Partial<Evidence> = {}): Evidence {
  const print = { bytes: 500, sha256: 'abc' }
  const everywhere = new Map([['a.csv', print]])
  return {
    commits: [commit(9, 10, 2), commit(11, 12, 2)],
    rows: [row(12), row(9), row(10), row(11)],
    manifest: [{ path: 'a.csv', ...print, state: 'delivered', tries: 1 }],
    ...{ local: everywhere, remote: everywhere, sightings: everywhere },
    seenOnDisk: {
      rows: new Map([[nameOf(row(9)), 'open/a.csv.open']]),
      open: 1,
      faults: [],
    },
    ...changes,
  }
}

const other = new Map([['a.csv', { bytes: 400, sha256: 'abd' }]])

describe('the verdict on a run', () => {
  it('finds nothing where all is well, and does not mind rows that neither the log nor the disk told of', () => {
    expect(faultsOf(evidence())).toEqual([])
    expect(faultsOf(evidence({ rows: [...evidence().rows, row(13)] }))).toEqual([])
  })

  it.each<{ what: string; changes: Partial<Evidence>; fault: string }>([
    {
      what: 'an accepted row in the middle is not there',
      changes: { commits: [commit(9, 12, 4)], rows: [row(9), row(10), row(12)] },
      fault: 'of 4 rows accepted in dock-1/model in boot 1, 1/9/1 to 1/12/1, on the server there are 3',
    },
    {
      what: 'the last accepted row is not there',
      changes: { rows: [row(9), row(10), row(11)] },
      fault:
        'of 2 rows accepted in dock-1/model in boot 1, 1/11/1 to 1/12/1, on the server there are not both of its ends',
    },
    {
      what: 'there is a row that nobody accepted among them',
      changes: { rows: [...evidence().rows, row(9, 2)] },
      fault: 'of 2 rows accepted in dock-1/model in boot 1, 1/9/1 to 1/10/1, on the server there are 3',
    },
    {
      what: 'a row is in two files',
      changes: { rows: [...evidence().rows, row(10, 1, 'b.csv')] },
      fault: 'row dock-1/model 1 1/10/1 is on the server more than once, again in b.csv',
    },
    {
      what: 'a row that the disk held after a kill is not there, though the log never told of it',
      changes: {
        seenOnDisk: { rows: new Map([[nameOf(row(13)), 'open/a.csv.open']]), open: 1, faults: [] },
      },
      fault: 'row dock-1/model 1 1/13/1 stood in open/a.csv.open after a kill, and is not on the server',
    },
    {
      what: 'the log and the disk did not agree after a kill',
      changes: { seenOnDisk: { rows: new Map(), open: 0, faults: ['of 2 rows there is 1'] } },
      fault: 'of 2 rows there is 1',
    },
    {
      what: 'a file is not delivered',
      changes: { manifest: evidence().manifest.map((file) => ({ ...file, state: 'pending' })) },
      fault: 'a.csv is pending in the manifest',
    },
    {
      what: 'the server has another content',
      changes: { remote: other, sightings: other },
      fault: 'a.csv is 400 bytes, abd on the server, 500 bytes, abc in the manifest',
    },
    {
      what: 'a file is gone here',
      changes: { local: new Map() },
      fault: 'a.csv is not there here, 500 bytes, abc in the manifest',
    },
    {
      what: 'the manifest does not know a file on the server',
      changes: { remote: new Map([...evidence().remote, ['b.csv', { bytes: 1, sha256: 'b' }]]) },
      fault: 'b.csv is on the server and not in the manifest',
    },
    {
      what: 'the manifest does not know a file here',
      changes: { local: new Map([...evidence().local, ['b.csv', { bytes: 1, sha256: 'b' }]]) },
      fault: 'b.csv is here and not in the manifest',
    },
    {
      what: 'a file was seen before it was whole',
      changes: { sightings: other },
      fault: 'a.csv had 400 bytes when it was first seen on the server, and 500 in the end',
    },
    {
      what: 'nobody saw the files come',
      changes: { sightings: new Map() },
      fault: 'of 1 files on the server only 0 were seen while it ran',
    },
  ])('says where $what', ({ changes, fault }) => {
    expect(faultsOf(evidence(changes))).toEqual([fault])
  })
})

describe('files that nobody looked at while they came', () => {
  it('are judged by what is there in the end', () => {
    expect(faultsOf(evidence({ sightings: undefined }))).toEqual([])
  })
})

describe('the witness of the disk', () => {
  const header = csvColumns.model.join(',')
  const line = (frame: number): string => `1,dock-1,1,${frame},1${','.repeat(csvColumns.model.length - 5)}\n`
  const log = (...commits: RowsAccepted[]) =>
    commits.map((each) => ({ level: 'debug', time: '', actor: '', fact: 'rows accepted', ...each }))
  let data: string
  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'belay-witness-'))
    for (const folder of ['open', series, 'backups']) await mkdir(join(data, folder), { recursive: true })
    await writeFile(join(data, series, 'dock-1_model_1.csv'), `${header}\n${line(9)}`)
    await writeFile(
      join(data, 'open/dock-1_model_2.csv.open'),
      `${header}\n${line(10)}${line(11)}${line(12).slice(0, -1)}`,
    )
    await writeFile(join(data, 'open/dock-1_model_3.csv.open'), header)
    await writeFile(join(data, 'backups/dock-1_model_0.csv.open'), `${header}\n${line(8)}`)
  })
  afterEach(() => rm(data, { recursive: true }))

  it('sees each row that a line end follows, in files that are open and in sealed ones, once', async () => {
    const witness = new DiskWitness(data, [series])
    await witness.look(log(commit(9, 11, 3)))
    await witness.look(log())
    expect([...witness.rows]).toEqual([
      ['dock-1/model 1 1/10/1', 'open/dock-1_model_2.csv.open'],
      ['dock-1/model 1 1/11/1', 'open/dock-1_model_2.csv.open'],
      ['dock-1/model 1 1/9/1', `${series}/dock-1_model_1.csv`],
    ])
    expect(witness).toMatchObject({ open: 2, faults: [] })
  })

  it('says which rows the log called accepted though the disk had not taken them', async () => {
    const witness = new DiskWitness(data, [series])
    await witness.look(log(commit(9, 9, 1), commit(10, 12, 3)))
    expect(witness.faults).toEqual([
      'of 3 rows accepted in dock-1/model in boot 1, 1/10/1 to 1/12/1, in the data folder after a kill there are not both of its ends',
    ])
  })
})

describe('the strikes', () => {
  it.each([1, 2, 41, 2026])('have each kind among any thirteen from a deck, whatever the seed: %i', (seed) => {
    const strikes = new Strikes(new Chance(seed))
    for (let deck = 0; deck < 3; deck++) {
      const dealt = noStrikes()
      for (let card = 0; card < 13; card++) dealt[strikes.next()]++
      expect(dealt).toEqual({ daemon: 4, unrecorded: 1, session: 3, listener: 1, server: 2, pause: 2 })
    }
  })

  it('come in another order for another seed', () => {
    const order = (seed: number) => {
      const strikes = new Strikes(new Chance(seed))
      return Array.from({ length: 13 }, () => strikes.next()).join()
    }
    expect(order(1)).toBe(order(1))
    expect(order(1)).not.toBe(order(2))
  })
})

describe('a source of chance', () => {
  it('says the same again for the same seed, and something else for another', () => {
    const five = (seed: number) => {
      const chance = new Chance(seed)
      return Array.from({ length: 5 }, () => chance.pick({ a: 1, b: 2, c: 3 }) + chance.between(5, 6))
    }
    expect(five(7)).toEqual(five(7))
    expect(five(7)).not.toEqual(five(8))
  })

  it('picks by weight, and never what weighs nothing', () => {
    const chance = new Chance(1)
    const picked = Array.from({ length: 4000 }, () => chance.pick({ never: 0, seldom: 1, often: 3 }))
    expect(picked).not.toContain('never')
    expect(picked.filter((each) => each === 'often').length / 4000).toBeCloseTo(0.75, 1)
  })
})
