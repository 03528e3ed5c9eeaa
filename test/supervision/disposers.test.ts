import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { longestTimer } from '../../src/supervision/spec.ts'
import { settle } from '../fakes/virtual-clock.ts'
import { puppet, Stage } from './harness.ts'

/** `a`, whose end takes 500 ms to flush and then 900 ms to close its port; `log` says when each begins and ends. */
function stageWithDisposers() {
  const log: string[] = []
  const stage: Stage = new Stage({ intensity: 5, children: [puppet(() => stage, 'a')] })
  stage.start()
  const say = (what: string) => log.push(`${stage.clock.monotonic()} ${what}`)
  const task = (name: string, ms: number) => async (): Promise<void> => {
    say(`${name} begins`)
    await new Promise<void>((resolve) => stage.clock.setTimeout(() => resolve(), ms))
    say(`${name} ends`)
  }
  const { incarnation } = stage.puppet('a')
  incarnation.defer(task('close port', 900))
  incarnation.defer(task('flush', 500))
  return { stage, log, incarnation, task }
}

describe('what is registered while the disposers run', () => {
  it('is done next, and the next life begins after all of them', async () => {
    const { stage, log, incarnation, task } = stageWithDisposers()
    stage.puppet('a').crash()
    await stage.clock.advanceAsync(100)
    incarnation.defer(task('late', 50))
    await stage.clock.advanceAsync(1_349)
    expect(log).toEqual([
      '0 flush begins',
      '500 flush ends',
      '500 late begins',
      '550 late ends',
      '550 close port begins',
    ])
    expect(stage.epochs).toEqual({ a: 1 })
    await stage.clock.advanceAsync(1)
    expect(log.at(-1)).toBe('1450 close port ends')
    expect(stage.epochs).toEqual({ a: 2 })
    expect(stage.clock.pending).toBe(0)
  })

  it('is done once, where a disposer registers it', async () => {
    const { stage, log, incarnation, task } = stageWithDisposers()
    incarnation.defer(() => incarnation.defer(task('late', 50)))
    stage.puppet('a').crash()
    await stage.clock.advanceAsync(1_450)
    expect(log.filter((line) => line.endsWith('begins'))).toEqual([
      '0 late begins',
      '50 flush begins',
      '550 close port begins',
    ])
    expect(stage.epochs).toEqual({ a: 2 })
  })
})

describe('a disposer that never finishes', () => {
  const neverEnding = () => new Promise<void>(() => {})

  const deadlines = [
    { given: 'no deadline', deadline: undefined, time: 1_000 },
    { given: 'a deadline of its own', deadline: 300, time: 300 },
    { given: 'the longest that a timer can count', deadline: longestTimer, time: longestTimer },
    { given: 'more than a timer can count', deadline: longestTimer + 1, time: longestTimer },
  ]
  it.each(deadlines)('is given up after $time ms where it is given $given', async ({ deadline, time }) => {
    const stage: Stage = new Stage({ intensity: 5, children: [puppet(() => stage, 'a')] })
    stage.start()
    stage.puppet('a').incarnation.defer(neverEnding, deadline)
    stage.puppet('a').crash()
    await stage.clock.advanceAsync(time - 1)
    expect(stage.epochs).toEqual({ a: 1 })
    await stage.clock.advanceAsync(1)
    expect(stage.epochs).toEqual({ a: 2 })
  })

  it('is waited for as long as it takes, without a timer, where it is given Infinity', async () => {
    const stage: Stage = new Stage({ intensity: 5, children: [puppet(() => stage, 'a')] })
    stage.start()
    let finish = (): void => undefined
    stage.puppet('a').incarnation.defer(() => new Promise<void>((resolve) => (finish = resolve)), Infinity)
    stage.puppet('a').crash()
    await stage.clock.advanceAsync(86_400_000)
    expect(stage.epochs).toEqual({ a: 1 })
    expect(stage.clock.pending).toBe(0)
    finish()
    await settle()
    expect(stage.epochs).toEqual({ a: 2 })
  })
})

describe('a disposer whose promise is of another realm, or another library', () => {
  let finish = (): void => undefined
  const promises = [
    {
      of: 'another realm',
      make: (): unknown => runInNewContext('new Promise(begin)', { begin: (end: never) => (finish = end) }),
    },
    { of: 'another library', make: (): unknown => ({ then: (end: never) => (finish = end) }) },
  ]

  it.each(promises)('is waited for: of $of', async ({ make }) => {
    const stage: Stage = new Stage({ intensity: 5, children: [puppet(() => stage, 'a')] })
    stage.start()
    stage.puppet('a').incarnation.defer(make as () => Promise<void>)
    stage.puppet('a').crash()
    await stage.clock.advanceAsync(999)
    expect(stage.epochs).toEqual({ a: 1 })
    finish()
    await settle()
    expect(stage.epochs).toEqual({ a: 2 })
    expect(stage.reports.filter(({ cause }) => cause.type === 'fault')).toEqual([])
    expect(stage.clock.pending).toBe(0)
  })
})
