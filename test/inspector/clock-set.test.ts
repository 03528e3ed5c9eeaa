import { describe, expect, it } from 'vitest'
import { History } from '../../inspector/src/history/history.ts'
import { statesBefore } from '../../inspector/src/history/machine-history.ts'
import { pastScene, presentScene, uptimeAt } from '../../inspector/src/history/scene.ts'
import { epochMs, minutes } from '../../src/domain/units.ts'
import { daemonState } from '../inspection-feed/sample-state.ts'
import { tellStory } from './page-records.ts'

const [lost, crashed] = ['root/cameras/lost', 'root/cameras/crashed']

/** Who waits to try again while the wall clock is set. */
function tell(by: number) {
  const { clock, records, say, wait, start, enter, end } = tellStory()
  const begun = clock.now()
  for (const path of ['root', 'root/cameras']) start(path, null)
  const started = { decision: 'start', cause: 'boot', restartsLeft: 5, reason: 'starting' } as const
  for (const path of [lost, crashed]) {
    say(path, { type: 'supervisor.decided', ...started })
    start(path)
  }
  enter(lost, 'online.connecting')
  enter(crashed, 'online.connecting')
  wait(10_000)
  const nextTryAt = epochMs(clock.now() + minutes(5))
  say(lost, {
    ...{ type: 'state.entered', from: 'connecting', to: 'backingOff', nodes: ['backingOff'], event: 'test', why: null },
    nextTryAt,
  })
  enter(crashed, 'crashed')
  end(crashed, 'failed')
  const decided = { decision: 'back_off', cause: 'exit', restartsLeft: 4, reason: 'a bug', nextTryAt } as const
  say(crashed, { type: 'supervisor.decided', ...decided })
  wait(60_000)
  clock.step(by)
  say('root', { type: 'gauges.read', values: {} })
  wait(1_000)
  say('root', { type: 'gauges.read', values: {} })
  const history = new History()
  history.load([], records)
  const now = clock.now()
  /** As the daemon has it: the moment of its start by the clock as that stands now. */
  const live = daemonState({ startedAt: begun, runningSince: epochMs(now - clock.monotonic()), at: now })
  return { history, live, now }
}

describe('a wall clock that was set before the moment that is looked at', () => {
  it.each([9, -9].map((hours) => hours * minutes(60)))('by %d ms changes no duration', (by) => {
    const { history } = tell(by)
    const scene = pastScene(history, 70_500)
    const durations = scene.state.actors
      .filter(({ kind }) => kind === 'machine')
      .map(({ path, state, since, nextTryAt }) => ({
        ...{ path, state, for: scene.now - since },
        tryIn: nextTryAt === null ? null : nextTryAt - scene.now,
        before: statesBefore(scene, path).map((past) => [past.state, past.until - past.since, scene.now - past.until]),
      }))
    const both = { for: 60_500, tryIn: minutes(5) - 60_500, before: [['connecting', 10_000, 60_500]] }
    expect(durations).toEqual([
      { path: lost, state: 'backingOff', ...both },
      { path: crashed, state: 'backing_off', ...both },
    ])
  })

  it.each([9, -9].map((hours) => hours * minutes(60)))('by %d ms changes not how long Belay had run', (by) => {
    const { history, live, now } = tell(by)
    for (const moment of [5_000, 70_500]) {
      const past = pastScene(history, moment)
      expect(uptimeAt(past, history, live, now)).toBe(moment)
    }
    expect(uptimeAt(presentScene(history, live, now + 500, true), history, live, now + 500)).toBe(71_500)
  })
})
