import { describe, expect, it } from 'vitest'
import { seconds } from '../../src/domain/units.ts'
import { HungThreads } from '../../src/frame-path/hung-threads.ts'
import { WedgeWatch } from '../../src/frame-path/wedge-watch.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

/** Two that hang are too many, once they have for five seconds. */
function startWatch() {
  const clock = new VirtualClock()
  const told = { wedged: 0 }
  const onWedged = (): void => void told.wedged++
  const watch = new WedgeWatch({
    hung: new HungThreads(),
    most: 2,
    patience: seconds(5),
    clock,
    onReturn: () => undefined,
    onWedged,
  })
  /** One more hangs, until what this returns is called. */
  const hang = (): (() => Promise<void>) => {
    let end = (): void => undefined
    const ended = new Promise<void>((resolve) => (end = resolve))
    watch.add(ended)
    return async () => {
      end()
      await clock.advanceAsync(0)
    }
  }
  return { clock, told, watch, hang }
}

describe('threads of which too many hang', () => {
  it('are waited for from the one that made them too many, whoever hangs after it', async () => {
    const { clock, told, hang } = startWatch()
    hang()
    await clock.advanceAsync(60_000)
    hang()
    await clock.advanceAsync(4_999)
    hang()
    expect(told.wedged).toBe(0)
    await clock.advanceAsync(1)
    expect(told.wedged).toBe(1)
    await clock.advanceAsync(60_000)
    expect(told.wedged).toBe(1)
  })

  it('are not given up once enough have come back, however many they were', async () => {
    const { clock, told, hang } = startWatch()
    const [first, second] = [hang(), hang()]
    await clock.advanceAsync(1_000)
    hang()
    await first()
    await second()
    await clock.advanceAsync(60_000)
    expect(told.wedged).toBe(0)
    expect(clock.pending).toBe(0)
  })

  it('have their whole time when they are too many again', async () => {
    const { clock, told, hang } = startWatch()
    hang()
    const back = hang()
    await clock.advanceAsync(4_000)
    await back()
    hang()
    await clock.advanceAsync(4_999)
    expect(told.wedged).toBe(0)
    await clock.advanceAsync(1)
    expect(told.wedged).toBe(1)
  })

  it('are not waited for once the watch finishes', async () => {
    const { clock, told, watch, hang } = startWatch()
    hang()
    hang()
    watch.finish()
    hang()
    await clock.advanceAsync(60_000)
    expect(told.wedged).toBe(0)
  })
})
