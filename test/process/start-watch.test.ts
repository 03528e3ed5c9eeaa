import { describe, expect, it } from 'vitest'
import { minutes, seconds } from '../../src/domain/units.ts'
import type { Awaited } from '../../src/inspection-feed/readiness.ts'
import { watchStart } from '../../src/process/start-watch.ts'
import type { LogFields } from '../../src/ports/log.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

function watched(found: Awaited | undefined) {
  const clock = new VirtualClock()
  const lines: { at: number; fact: string; fields: LogFields | undefined }[] = []
  const warn = (fact: string, fields?: LogFields) => void lines.push({ at: clock.monotonic(), fact, fields })
  const end = watchStart({ clock, log: { warn }, awaited: () => found })
  return { clock, lines, end }
}

const awaited = { waitingFor: 'root/csv-writer', state: 'backingOff', why: 'EROFS' }

describe('a start that takes long', () => {
  it('is said after 10 s, with what it waits for and why, and then ever more rarely', () => {
    const { clock, lines } = watched(awaited)
    clock.advance(seconds(10) - 1)
    expect(lines).toEqual([])
    clock.advance(1)
    expect(lines).toEqual([{ at: 10_000, fact: 'still starting', fields: { ...awaited, forSeconds: 10 } }])
    clock.advance(minutes(20))
    expect(lines.map(({ at }) => at / 1000)).toEqual([10, 30, 70, 150, 310, 610, 910, 1_210])
  })

  it('is not said where it waits for nobody', () => {
    const { clock, lines } = watched(undefined)
    clock.advance(minutes(20))
    expect(lines).toEqual([])
  })

  it('is not said any more once it is over, and leaves no timer', () => {
    const { clock, lines, end } = watched(awaited)
    clock.advance(seconds(10))
    end()
    expect(clock.pending).toBe(0)
    clock.advance(minutes(20))
    expect(lines).toHaveLength(1)
  })
})
