import { describe, expect, it } from 'vitest'
import { BytesAtOnce } from '../../../src/adapters/sftp/bytes-at-once.ts'
import { milliseconds, seconds } from '../../../src/domain/units.ts'
import { settle, VirtualClock } from '../../fakes/virtual-clock.ts'

/** As long as the longest write of ours. */
const bytes = 126_976

/** Requests of 30 s at most over a line; `answer` answers the oldest that is under way. */
const startLine = () => {
  const clock = new VirtualClock()
  const line = new BytesAtOnce(clock, seconds(30))
  const underway: { readonly name: number; readonly settle: (error?: Error) => void }[] = []
  let sent = 0
  const send = (count: number, size = bytes) => {
    for (let left = count; left > 0; left--) {
      const name = ++sent
      const answered = line.pass(
        size,
        () =>
          new Promise<void>((resolve, reject) =>
            underway.push({ name, settle: (error) => (error === undefined ? resolve() : reject(error)) }),
          ),
      )
      answered.catch(() => undefined)
    }
  }
  const answer = async (count = underway.length) => {
    for (const request of underway.splice(0, count)) request.settle()
    await settle()
  }
  const lose = async () => {
    for (const request of underway.splice(0)) request.settle(new Error('the line is cut'))
    await settle()
  }
  return { clock, underway, send, answer, lose }
}

describe('bytes over a line', () => {
  it('are under way at once for one large file; what is more waits in its turn', async () => {
    const { underway, send, answer } = startLine()
    send(8)
    expect(underway).toHaveLength(8)
    send(4)
    await settle()
    expect(underway).toHaveLength(8)
    send(1, 1)
    await answer(1)
    expect(underway.map(({ name }) => name)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  it('are twice as many with each round of answers while these are quick, and others wait', async () => {
    const { clock, underway, send, answer } = startLine()
    send(100)
    for (const expected of [8, 16, 32]) {
      expect(underway).toHaveLength(expected)
      clock.advance(milliseconds(3_749))
      await answer()
    }
  })

  it('are no more where answers take an eighth of the deadline, nor fewer where they take a quarter', async () => {
    const { clock, underway, send, answer } = startLine()
    send(100)
    for (const wait of [3_750, 7_500]) {
      clock.advance(milliseconds(wait))
      await answer()
      expect(underway).toHaveLength(8)
    }
  })

  it('are no more where nothing waits', async () => {
    const { underway, send, answer } = startLine()
    for (let round = 0; round < 4; round++) {
      send(8)
      await answer()
    }
    send(20)
    expect(underway).toHaveLength(8)
  })

  it('are half as many with each round of answers that takes longer, down to one request', async () => {
    const { clock, underway, send, answer } = startLine()
    send(100)
    for (const expected of [8, 4, 2, 1, 1]) {
      expect(underway).toHaveLength(expected)
      clock.advance(milliseconds(7_501))
      await answer()
    }
    for (const expected of [1, 2, 4]) {
      expect(underway).toHaveLength(expected)
      await answer()
    }
  })

  it('are half as many after a session that was lost while they waited for long', async () => {
    const { clock, underway, send, lose } = startLine()
    send(8)
    clock.advance(seconds(30))
    await lose()
    send(8)
    expect(underway).toHaveLength(4)
  })

  it('are as many after a session that was lost with what had just been sent', async () => {
    const { clock, underway, send, lose } = startLine()
    send(8)
    clock.advance(milliseconds(7_500))
    await lose()
    send(8)
    expect(underway).toHaveLength(8)
  })

  it('go by themselves where a single request has more than all that may be under way', () => {
    const { underway, send } = startLine()
    send(2, 2_000_000)
    expect(underway).toHaveLength(1)
  })
})
