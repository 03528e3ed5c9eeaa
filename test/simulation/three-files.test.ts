import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { seconds } from '../../src/domain/units.ts'
import type { Survives } from '../fakes/memory-inodes.ts'
import { splitFrames } from '../storage/support/split-frames.ts'
import { unpackArchive } from '../support/unpack-archive.ts'
import { Day, type Death, type Habits, Plant, rowsEach } from './day.ts'
import { isFinalName } from './shown.ts'

/** A coin that falls the same way each time (mulberry32). */
function coin(seed: number): () => boolean {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) & 1) === 0
  }
}

const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')

/** Final names on the server, each with its content. */
const shown = ({ server }: Plant): [string, Buffer][] =>
  [...server.nodes].flatMap(([path, node]) => (isFinalName(path) && node !== 'folder' ? [[path, node.content]] : []))

/** The CSV files that the server shows, those in archives too. */
const results = (plant: Plant): string[] =>
  shown(plant).flatMap(([path, content]) =>
    path.endsWith('.csv') ? [content.toString()] : unpackArchive(path, content).map(([, text]) => text),
  )

/** Fails as soon as the server shows what is not a whole sealed file. */
function watchServer(plant: Plant): void {
  plant.server.onChange = () => {
    for (const [path, content] of shown(plant)) {
      if (sha256(content) !== plant.manifest.file(path)?.sha256) throw new Error(`${path} is shown, and is not whole`)
    }
  }
}

/** As `frame/detection`, sorted. */
const rowsOf = (content: string): string[] =>
  content
    .split('\n')
    .slice(1, -1)
    .map((row) => row.split(',').slice(3, 5).join('/'))

/** The calls of a day on which nothing goes wrong. */
async function callsOfADay(habits?: Habits): Promise<readonly string[]> {
  const plant = new Plant(undefined, habits)
  watchServer(plant)
  const day = new Day(plant, 1)
  await day.live(0)
  expect(results(plant)).toHaveLength(3)
  expect(results(plant).flatMap(rowsOf).sort()).toEqual(day.rows('all').sort())
  return day.calls
}

/** Days that each end in a death, each followed by a power cut that leaves what `survives`, and then one in peace. */
async function live(deaths: readonly Death[], survives: Survives, habits: Habits = {}): Promise<void> {
  const plant = new Plant(survives, habits)
  watchServer(plant)
  const days: Day[] = []
  for (const [index, death] of [...deaths, undefined].entries()) {
    const day = new Day(plant, index + 1, death)
    days.push(day)
    await day.live(100 * index)
    // A server that dies alone has come back during the day.
    if (death !== undefined && death.of !== 'server') plant.powerCut(death.of)
  }
  const last = days.at(-1)
  const accepted = days.flatMap((day) => day.rows(day === last ? 'all' : 'accepted'))
  const possible = new Set(days.flatMap((day) => day.rows('all')))
  const arrived = results(plant).flatMap(rowsOf)
  const once = new Set(arrived)
  const removes = habits.keepFor !== undefined
  const end = removes ? 'removed' : 'delivered'
  const entries = await plant.manifest.files({ limit: 1000 })
  const wrong = {
    doubled: arrived.length - once.size,
    lost: accepted.filter((row) => !once.has(row)),
    invented: arrived.filter((row) => !possible.has(row)),
    split: results(plant).flatMap((content) => splitFrames(content, rowsEach)),
    undelivered: entries.filter(({ state }) => state !== end && state !== 'packed'),
    // Cut off between the record of a removal and its doing, a copy of what the server has stays; `belay verify` tells of it.
    differing: shown(plant).filter(([path, content]) => {
      const local = plant.disk.content(path)
      if (removes && local === undefined) return false
      return local === undefined || !content.equals(local) || (removes && deaths.length === 0)
    }),
    open: plant.disk.paths.filter((path) => path.endsWith('.open') || path.startsWith('packing/')),
    temporary: Object.keys(plant.server.tree()).filter((path) => path.endsWith('.part')),
  }
  expect(wrong, JSON.stringify(deaths)).toEqual({
    ...{ doubled: 0, lost: [], invented: [], split: [], undelivered: [], differing: [], open: [], temporary: [] },
  })
}

/** More than there are after any cut; in all they are about ten thousand. */
const mostCombinations = 1024

/**
 * One death, with what was not synced surviving in each combination; resolves with how many there are. A walk through a tree:
 * what is asked may hang on what was answered, as a name can only go when another has come.
 */
async function cutOff(death: Death, habits?: Habits): Promise<number> {
  const answers: boolean[] = []
  for (let combinations = 1; combinations <= mostCombinations; combinations++) {
    let asked = 0
    await live([death], () => (answers[asked++] ??= false), habits)
    while (answers.at(-1) === true) answers.pop()
    if (answers.length === 0) return combinations
    answers[answers.length - 1] = true
  }
  throw new Error(`More than ${mostCombinations} combinations after ${JSON.stringify(death)}`)
}

/** At each of these calls, before and after its effect; resolves with the most combinations that there were after one cut. */
async function cutOffAtEach(calls: readonly string[], of: Death['of'], habits?: Habits): Promise<number> {
  let most = 0
  for (const [index, call] of calls.entries()) {
    // To a server alone nothing matters but what it is asked.
    if (of === 'server' && !call.startsWith('sftp')) continue
    for (const done of [false, true]) most = Math.max(most, await cutOff({ of, at: index + 1, done }, habits))
  }
  return most
}

describe('a day in the life of three files', () => {
  it('goes through every step from the first row to the record of the delivery', async () => {
    const calls = await callsOfADay()
    const steps = [
      'create open/',
      'write open/',
      'datasync open/',
      'rename open/',
      'syncFolder dock-1/model',
      'manifest add',
    ]
    const further = [
      'manifest claim',
      'sftp open',
      'sftp write',
      'sftp fsync',
      'sftp fstat',
      'sftp close',
      'sftp rename',
    ]
    for (const step of [...steps, ...further, 'manifest delivered']) {
      expect(calls.filter((call) => call.startsWith(step)).length, step).toBeGreaterThanOrEqual(1)
    }
  })

  // After one cut at most: the first rows of an open file in four sectors, or no name for it; a file in eight sectors on the server.
  const deaths = [
    { of: 'daemon', most: 2 ** 4 + 1 },
    { of: 'both', most: 2 ** 8 },
    { of: 'server', most: 2 ** 8 },
  ] as const

  it.each(deaths)(
    'ends with each accepted row delivered once wherever it is cut off, before or after a call’s effect, by the death of: $of',
    async ({ of, most }) => {
      expect(await cutOffAtEach(await callsOfADay(), of)).toBeGreaterThanOrEqual(most)
    },
    240_000,
  )

  it.each(deaths)(
    'ends so too where local files go once they are delivered: none before the server has it, and each in the end; death of: $of',
    async ({ of, most }) => {
      const habits = { keepFor: seconds(1) }
      const calls = await callsOfADay(habits)
      const further = calls.slice((await callsOfADay()).length - 1)
      expect(further.filter((call) => call.startsWith('unlink dock-1/model')).length).toBe(3)
      expect(await cutOffAtEach(calls, of, habits)).toBeGreaterThanOrEqual(most)
    },
    240_000,
  )

  const each = { files: 2, interval: seconds(1) }
  it.each([
    ...(['daemon', 'both', 'server'] as const).map((of) => ({
      of,
      pack: { ...each, as: 'tar' as const },
      archives: 2,
    })),
    ...(['daemon', 'both', 'server'] as const).map((of) => ({
      of,
      pack: { ...each, as: 'gzip' as const },
      archives: 3,
    })),
  ])(
    'ends so too where files are sent as $pack.as: each row is in one archive; death of: $of',
    async ({ of, pack, archives }) => {
      const habits: Habits = { pack }
      const calls = await callsOfADay(habits)
      expect(calls.filter((call) => call.startsWith('manifest pack'))).toHaveLength(archives)
      await cutOffAtEach(calls, of, habits)
    },
    240_000,
  )

  it('ends so too when cut off twice, the second time while the first is being mended', async () => {
    const calls = await callsOfADay()
    for (let seed = 1; seed <= 150; seed++) {
      const of = seed % 2 === 0 ? 'daemon' : 'both'
      const first = { of, at: 1 + ((seed * 7919) % calls.length), done: seed % 4 < 2 } as const
      await live([first, { of, at: 1 + ((seed * 31) % 60), done: seed % 3 === 0 }], coin(seed))
    }
  }, 60_000)
})
