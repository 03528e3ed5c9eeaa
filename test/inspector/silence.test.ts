import { describe, expect, it, vi } from 'vitest'
import { watchSilence } from '../../inspector/src/daemon/silence.ts'
import { seconds } from '../../src/domain/units.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

function watch() {
  const clock = new VirtualClock()
  const silent = vi.fn()
  return { clock, silent, silence: watchSilence(clock, seconds(4), silent) }
}

describe('the watch for silence', () => {
  it('tells once where nothing is heard for as long as that', () => {
    const { clock, silent, silence } = watch()
    clock.advance(3_999)
    silence.heard(seconds(4))
    clock.advance(3_999)
    expect(silent).not.toHaveBeenCalled()
    clock.advance(1)
    expect(silent).toHaveBeenCalledOnce()
    clock.advance(60_000)
    expect(silent).toHaveBeenCalledOnce()
  })

  it('does not count time in which the page stood still: what came meanwhile is heard first', () => {
    const { clock, silent, silence } = watch()
    clock.advance(3_500)
    clock.oversleep(60_000)
    clock.advance(0)
    expect(silent).not.toHaveBeenCalled()
    silence.heard(seconds(4))
    clock.advance(3_999)
    expect(silent).not.toHaveBeenCalled()
  })

  it('tells where nothing is heard behind that either', () => {
    const { clock, silent } = watch()
    clock.oversleep(60_000)
    clock.advance(3_999)
    expect(silent).not.toHaveBeenCalled()
    clock.advance(1)
    expect(silent).toHaveBeenCalledOnce()
  })

  it('waits for the next as long as was said, and tells for how long it has', () => {
    const { clock, silent, silence } = watch()
    clock.advance(3_999)
    silence.heard(seconds(30))
    clock.advance(29_999)
    expect(silent).not.toHaveBeenCalled()
    clock.advance(1)
    expect(silent).toHaveBeenCalledExactlyOnceWith(30_000)
  })

  it('tells nothing more once it has ended', () => {
    const { clock, silent, silence } = watch()
    clock.advance(3_999)
    silence.end()
    clock.advance(60_000)
    expect(silent).not.toHaveBeenCalled()
  })
})
