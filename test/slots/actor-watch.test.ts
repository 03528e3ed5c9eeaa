import { describe, expect, it } from 'vitest'
import type { FeedRecord } from '../../src/inspection-feed/record.ts'
import { watchActors } from '../../src/slots/actor-watch.ts'
import type { Decision, Report } from '../../src/supervision/index.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'
import { type Line, logInto } from './run-cameras.ts'

function watched() {
  const lines: Line[] = []
  const records: FeedRecord[] = []
  const watch = watchActors({
    clock: new VirtualClock(),
    log: logInto(lines),
    onRecord: (record) => records.push(record),
    onWedged: () => undefined,
  })
  return { watch, lines, records }
}

const error = new Error('boom')
const crash: Report = {
  path: 'root/cameras/dock-1',
  epoch: 2,
  cause: { type: 'exit', of: 'dock-1', reason: { type: 'error', error } },
  decision: 'back_off',
  restartsLeft: 3,
  at: 0,
  reason: 'dock-1 failed: boom: restarting it in 500 ms',
  delay: 500,
}

describe('a decision of a supervisor', () => {
  it('is one line of the log, one record of the feed, and counted once', () => {
    const { watch, lines, records } = watched()
    watch.hearSupervisor(crash)
    const { path, epoch, decision, restartsLeft, reason } = crash
    expect(lines).toEqual([
      {
        level: 'warn',
        path,
        fact: 'supervisor',
        fields: { decision, cause: 'exit', epoch, restartsLeft, reason, error },
      },
    ])
    const decided = records.filter(({ type }) => type === 'supervisor.decided')
    expect(decided).toMatchObject([{ path, epoch, decision, restartsLeft }])
    expect(watch.tally.of(path)).toMatchObject({ decided: new Map([[decision, 1]]), restarted: 1 })
  })

  it('counts a restart whose start fails once: it is another one only when it is tried again', () => {
    const { watch } = watched()
    const restart = { ...crash, decision: 'restart' } as const
    watch.hearSupervisor(restart)
    watch.hearSupervisor({ ...restart, cause: { type: 'start_failed', of: 'dock-1', error } })
    expect(watch.tally.of(crash.path).restarted).toBe(1)
    watch.hearSupervisor({ ...restart, cause: { type: 'retry' } })
    expect(watch.tally.of(crash.path)).toMatchObject({ decided: new Map([['restart', 3]]), restarted: 2 })
  })

  it.each<{ level: string; decisions: Decision[] }>([
    { level: 'error', decisions: ['crash', 'give_up', 'roll_back'] },
    { level: 'warn', decisions: ['cut_off', 'wait', 'restart', 'back_off'] },
    { level: 'info', decisions: ['carry_on', 'start', 'stop', 'leave', 'forget', 'shut_down', 'end'] },
  ])('is said as $level: $decisions', ({ level, decisions }) => {
    const { watch, lines } = watched()
    for (const decision of decisions) watch.hearSupervisor({ ...crash, decision })
    expect(lines.map((line) => [line.fields['decision'], line.level])).toEqual(decisions.map((each) => [each, level]))
  })

  it('is said as error where something beside the tree has failed, with what', () => {
    const { watch, lines } = watched()
    watch.hearSupervisor({ ...crash, decision: 'carry_on', cause: { type: 'fault', error } })
    expect(lines).toMatchObject([{ level: 'error', fields: { cause: 'fault', error } }])
  })
})
