import { describe, expect, it } from 'vitest'
import { UnansweredError } from '../../inspector/src/daemon/ask.ts'
import { HistoryKeeper } from '../../inspector/src/history/history-keeper.ts'
import { historyWords, type HistoryStatus } from '../../inspector/src/history/history-status.ts'
import { History } from '../../inspector/src/history/history.ts'
import { epochMs } from '../../src/domain/units.ts'
import type { FeedRecord } from '../../src/inspection-feed/record.ts'
import { NotARecordingError, type Recording } from '../../src/inspection-feed/recording.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'
import { tellStory } from './page-records.ts'
import { startedAt } from '../inspection-feed/sample-state.ts'

const dock = 'root/cameras/dock-1'

/** Records that were told, and a daemon whose recording comes when the test says so. */
function startPage(told = 40) {
  const { records, enter } = tellStory()
  for (let each = 1; each <= told; each++) enter(dock, `s${each}`)
  const [history, clock] = [new History(), new VirtualClock()]
  const asked: { readonly answer: (records: readonly FeedRecord[]) => void; readonly fail: (error?: Error) => void }[] =
    []
  const ask = () =>
    new Promise<Recording>((resolve, reject) => {
      asked.push({
        answer: (held) =>
          resolve({
            header: { type: 'recording', version: 1, source: 'daemon', madeBy: 'belay', actors: [] },
            records: held,
            isTorn: false,
            missing: 0,
          }),
        fail: (error: Error = new UnansweredError()) => reject(error),
      })
    })
  const problems: (string | undefined)[] = []
  const said: HistoryStatus[] = []
  const keeper = new HistoryKeeper(history, ask, clock, {
    unreadable: (words) => problems.push(words),
    status: (status) => said.push(status),
  })
  const answer = async (held: readonly FeedRecord[]) => {
    asked.at(-1)?.answer(held)
    await settle()
  }
  return { records, history, clock, keeper, asked, answer, problems, said }
}

describe('a history whose recording is on its way', () => {
  it('goes on with what the feed has told meanwhile, and asks no second time', async () => {
    const { records, history, keeper, asked, answer } = startPage()
    keeper.begin(startedAt)
    keeper.take(records.slice(10, 20))
    keeper.take(records.slice(20, 30))
    await answer(records.slice(0, 15))
    keeper.take(records.slice(30))
    expect({ held: history.records, asked: asked.length }).toEqual({ held: records, asked: 1 })
  })

  it('asks again where something is missing even then, later and later', async () => {
    const { records, history, keeper, clock, asked, answer } = startPage()
    keeper.begin(startedAt)
    for (const pauseMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      const before = asked.length
      keeper.take(records.slice(10, 20))
      await answer(records.slice(0, 5))
      await clock.advanceAsync(pauseMs - 1)
      expect(asked.length).toBe(before)
      await clock.advanceAsync(1)
      expect(asked.length).toBe(before + 1)
    }
    keeper.take(records.slice(20))
    await answer(records.slice(0, 20))
    expect(history.records).toEqual(records)
  })

  it('asks again where none comes', async () => {
    const { records, history, keeper, clock, asked, answer } = startPage()
    keeper.begin(startedAt)
    asked[0]?.fail()
    await clock.advanceAsync(1_000)
    await answer(records)
    expect({ held: history.records, asked: asked.length }).toEqual({ held: records, asked: 2 })
  })

  it('asks again where it cannot be read, and says what is wrong with it until one can', async () => {
    const { records, keeper, clock, asked, answer, problems } = startPage()
    keeper.begin(startedAt)
    const found = { place: 'type', expected: 'a type', found: 7 }
    asked[0]?.fail(new NotARecordingError(3, found, 'Mend it'))
    await clock.advanceAsync(1_000)
    expect(problems).toEqual(['Line 3, type: expected a type, found 7. Mend it'])
    await answer(records)
    keeper.begin(startedAt)
    await clock.advanceAsync(2_000)
    await answer(records)
    expect(problems.slice(1)).toEqual([undefined])
  })

  it('is kept where the feed of the same daemon has begun anew meanwhile, and nothing is missing', async () => {
    const { records, history, keeper, asked, answer, said } = startPage()
    keeper.begin(startedAt)
    keeper.take(records.slice(10, 20))
    keeper.begin(startedAt)
    keeper.take(records.slice(25, 30))
    await answer(records.slice(0, 28))
    keeper.take(records.slice(30))
    await settle()
    expect({ held: history.records, asked: asked.length }).toEqual({ held: records, asked: 1 })
    expect(said).toEqual([{ kind: 'loading' }, { kind: 'whole' }])
  })

  it('is shown, and asked for again, where the feed has left out what came after it', async () => {
    const { records, history, keeper, clock, asked, answer, said } = startPage()
    keeper.begin(startedAt)
    keeper.take(records.slice(10, 15))
    keeper.begin(startedAt)
    keeper.take(records.slice(20, 25))
    await answer(records.slice(0, 12))
    expect(history.records).toEqual(records.slice(0, 15))
    expect(said).toEqual([{ kind: 'loading' }, { kind: 'loading' }])
    await clock.advanceAsync(1_000)
    keeper.take(records.slice(25))
    await answer(records.slice(0, 25))
    expect({ held: history.records, asked: asked.length }).toEqual({ held: records, asked: 2 })
    expect(said.at(-1)).toEqual({ kind: 'whole' })
  })

  it('is asked for again where nothing had been told by then, and something is missing before what is', async () => {
    const { records, history, keeper, clock, asked, answer } = startPage()
    keeper.begin(startedAt)
    keeper.begin(startedAt)
    await answer(records.slice(0, 12))
    keeper.take(records.slice(14))
    await clock.advanceAsync(1_000)
    await answer(records)
    expect({ held: history.records, asked: asked.length }).toEqual({ held: records, asked: 2 })
  })

  it('says why it is not there, until it is', async () => {
    const { records, keeper, clock, asked, answer, said } = startPage()
    keeper.begin(startedAt)
    asked[0]?.fail(new Error('nothing came for 15 s'))
    await clock.advanceAsync(1_000)
    asked[1]?.fail()
    await clock.advanceAsync(2_000)
    await answer(records)
    expect(said).toEqual([
      { kind: 'loading' },
      { kind: 'failed', why: 'nothing came for 15 s' },
      { kind: 'failed', why: 'the daemon does not answer' },
      { kind: 'whole' },
    ])
    expect(said.map((status) => historyWords(status, false))).toEqual([
      'The history is loading: what has happened until now is not here yet.',
      'The history could not be loaded (nothing came for 15 s), and is asked for again.',
      'The history could not be loaded (the daemon does not answer), and is asked for again.',
      undefined,
    ])
    expect(historyWords({ kind: 'loading' }, true)).toBe('What the page has missed is loading.')
  })

  it('takes none of a daemon that has gone: the feed has begun anew', async () => {
    const { records, history, keeper, clock, answer } = startPage()
    keeper.begin(startedAt)
    keeper.begin(epochMs(startedAt + 1))
    await answer(records)
    expect(history.records).toEqual([])
    await clock.advanceAsync(1_000)
    await answer(records.slice(0, 3))
    expect(history.records).toEqual(records.slice(0, 3))
  })

  it('is left alone once a file is shown instead', async () => {
    const { records, history, keeper, answer } = startPage()
    keeper.begin(startedAt)
    keeper.end()
    history.load([], records.slice(0, 2))
    await answer(records)
    keeper.take(records.slice(2))
    expect(history.records).toEqual(records.slice(0, 2))
  })

  it('is left alone too where the feed begins only after that', () => {
    const { records, history, keeper } = startPage()
    keeper.end()
    history.load([], records.slice(0, 2))
    keeper.begin(startedAt)
    expect(history.records).toEqual(records.slice(0, 2))
  })
})

describe('a history of a daemon', () => {
  it('is empty as soon as another one tells its own', async () => {
    const { records, history, keeper, answer } = startPage()
    keeper.begin(startedAt)
    await answer(records)
    keeper.begin(epochMs(startedAt + 1))
    expect(history.records).toEqual([])
  })

  it('stays while the same one, that had been lost, is asked again', async () => {
    const { records, history, keeper, answer } = startPage()
    keeper.begin(startedAt)
    await answer(records)
    keeper.begin(startedAt)
    expect(history.records).toEqual(records)
  })
})

describe('a history that misses a record', () => {
  it('is loaded anew at once where it was whole for more than a minute', async () => {
    const { records, history, keeper, clock, asked, answer } = startPage()
    keeper.begin(startedAt)
    await answer(records.slice(0, 10))
    await clock.advanceAsync(60_001)
    keeper.take(records.slice(11))
    await settle()
    expect(asked.length).toBe(2)
    await answer(records)
    expect(history.records).toEqual(records)
  })

  it('waits for a second where it was loaded within the last minute', async () => {
    const { records, keeper, clock, asked, answer } = startPage()
    keeper.begin(startedAt)
    await answer(records.slice(0, 10))
    await clock.advanceAsync(60_000)
    keeper.take(records.slice(11))
    await clock.advanceAsync(999)
    expect(asked.length).toBe(1)
    await clock.advanceAsync(1)
    expect(asked.length).toBe(2)
  })
})
