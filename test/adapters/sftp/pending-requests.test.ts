import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { type Answer, PendingRequests } from '../../../src/adapters/sftp/pending-requests.ts'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { seconds } from '../../../src/domain/units.ts'
import type { Clock } from '../../../src/ports/clock.ts'
import { VirtualClock } from '../../fakes/virtual-clock.ts'

const startRequests = <C extends Clock = VirtualClock>(clock: C = new VirtualClock() as unknown as C) => {
  const overdue: string[] = []
  const requests = new PendingRequests(clock, seconds(20), (detail) => overdue.push(detail))
  /** What is sent is not answered until the returned answer is. */
  const send = (path: string) => {
    let answer: Answer<string> | undefined
    const settled = requests
      .request<string>('stat', path, (given) => (answer = given))
      .catch((error: Error) => error.message)
    return { settled, answer: answer as unknown as Answer<string> }
  }
  return { clock, overdue, requests, send }
}

describe('requests without an answer', () => {
  it('are given up at their deadline, and whoever owns the connection is told', async () => {
    const { clock, overdue, send } = startRequests()
    const { settled } = send('a.csv')
    clock.advance(seconds(20) - 1)
    expect(overdue).toEqual([])
    clock.advance(1)
    expect(overdue).toEqual(['no answer to stat within 20000 ms'])
    expect(await settled).toContain('no answer to stat within 20000 ms')
  })

  it('are given up when the connection closes, and those that are still to come', async () => {
    const { overdue, requests, send } = startRequests()
    const before = send('a.csv')
    requests.close('the line is cut')
    expect(await before.settled).toContain('the line is cut')
    expect(await send('b.csv').settled).toContain('the line is cut')
    expect(overdue).toEqual([])
  })
})

describe('an answer that comes a second time', () => {
  it('takes nothing from the request that came after the first', async () => {
    const { clock, requests, send } = startRequests()
    const first = send('a.csv')
    first.answer.resolve('yes')
    expect(await first.settled).toBe('yes')
    const [second, third] = [send('b.csv'), send('c.csv')]
    first.answer.resolve('yes again')
    const fourth = send('d.csv')
    requests.close('the line is cut')
    for (const { settled } of [second, third, fourth]) expect(await settled).toContain('the line is cut')
    clock.advance(seconds(60))
  })
})

describe('requests that have settled', () => {
  it('leave nothing that only a collection of the whole heap would find', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void
    // The virtual clock leaves such a trail itself.
    const { send } = startRequests(systemClock)
    const some = async (count: number) => {
      for (let sent = 0; sent < count; sent += 100) {
        const batch = Array.from({ length: 100 }, (_, index) => send(`${index}.csv`))
        for (const { answer } of batch) answer.resolve('x'.repeat(10))
        await Promise.all(batch.map(({ settled }) => settled))
        if (sent % 1000 === 0) collect({ type: 'minor' })
      }
    }
    await some(1000)
    // What is in use now is old from here on.
    collect()
    const oldBytes = () =>
      getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space')?.space_used_size
    const before = oldBytes() ?? NaN
    await some(20_000)
    expect(((oldBytes() ?? NaN) - before) / 20_000).toBeLessThan(150)
  })
})
