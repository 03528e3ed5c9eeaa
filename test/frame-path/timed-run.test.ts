import { beforeEach, describe, expect, it } from 'vitest'
import { InferenceError } from '../../src/domain/inference-errors.ts'
import type { InferenceAnswer } from '../../src/domain/inference-task.ts'
import { milliseconds, seconds } from '../../src/domain/units.ts'
import { CutOff } from '../../src/frame-path/cut-off.ts'
import { outcomeOf } from '../../src/frame-path/timed-run.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'

/** Counts who waits in it. */
class CountedCutOff extends CutOff {
  waiting = 0

  override add(hear: () => void): void {
    super.add(hear)
    this.waiting++
  }

  override delete(hear: () => void): void {
    super.delete(hear)
    this.waiting--
  }
}

let clock: VirtualClock
let cutOff: CountedCutOff
beforeEach(() => {
  clock = new VirtualClock()
  cutOff = new CountedCutOff()
})

const answer: InferenceAnswer = { findings: [], elapsed: milliseconds(3) }
const outcome = (run: Promise<InferenceAnswer>) => outcomeOf(run, { clock, deadline: seconds(2), cutOff })

describe('a run', () => {
  const died = new Error('the thread is gone')
  const noNumber = new InferenceError('bolts', 'NaN')
  it.each([
    { how: 'its answer', run: () => Promise.resolve(answer), is: { type: 'answered', answer } },
    {
      how: 'a model that failed',
      run: () => Promise.reject(noNumber),
      is: { type: 'failed', error: noNumber },
    },
    { how: 'a thread that is gone', run: () => Promise.reject(died), is: { type: 'died', error: died } },
  ])('ends with $how, and leaves nothing that waits', async ({ run, is }) => {
    const ended = outcome(run())
    expect([cutOff.waiting, clock.pending]).toEqual([1, 1])
    expect(await ended).toEqual(is)
    expect([cutOff.waiting, clock.pending]).toEqual([0, 0])
  })

  it('ends at its deadline, and leaves nothing that waits', async () => {
    const ended = outcome(new Promise(() => undefined))
    clock.advance(seconds(2))
    expect(await ended).toEqual({ type: 'timeout' })
    expect([cutOff.waiting, clock.pending]).toEqual([0, 0])
  })

  it('ends with its pool, and leaves nothing that waits', async () => {
    const ended = outcome(new Promise(() => undefined))
    cutOff.make()
    expect(await ended).toEqual({ type: 'cut-off' })
    expect([cutOff.waiting, clock.pending]).toEqual([0, 0])
    expect(await outcome(Promise.resolve(answer))).toEqual({ type: 'cut-off' })
  })
})

describe('the end of a pool', () => {
  it('is heard by who waits for it, and not by who has stopped', async () => {
    const heard: string[] = []
    const made = new CutOff()
    const [first, second] = [() => heard.push('first'), () => heard.push('second')]
    made.add(first)
    made.add(second)
    made.delete(first)
    made.make()
    await settle()
    expect([heard, made.isMade]).toEqual([['second'], true])
  })
})
