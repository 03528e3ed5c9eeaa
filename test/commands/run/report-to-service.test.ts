import { describe, expect, it } from 'vitest'
import { reportToService } from '../../../src/commands/run/report-to-service.ts'
import type { Awaited } from '../../../src/inspection-feed/readiness.ts'
import { milliseconds, seconds } from '../../../src/domain/units.ts'
import type { DaemonState } from '../../../src/inspection-feed/protocol.ts'
import { VirtualClock } from '../../fakes/virtual-clock.ts'
import { actorView, daemonState } from '../../inspection-feed/sample-state.ts'

function startReport(watchdog: number | undefined = undefined) {
  const clock = new VirtualClock()
  const told: string[] = []
  let state: DaemonState = daemonState()
  let awaited: Awaited | undefined
  const report = reportToService(
    {
      tell: (words) => void told.push(...words),
      watchdog: watchdog === undefined ? undefined : milliseconds(watchdog),
      settled: async () => {},
    },
    clock,
    () => state,
    () => awaited,
  )
  return {
    report,
    set: (changes: Partial<DaemonState>) => (state = daemonState(changes)),
    wait: (found: Awaited | undefined) => (awaited = found),
    beat: (times = 1) => {
      for (let time = 0; time < times; time++) {
        clock.advance(seconds(1))
        report.onBeat()
      }
      return told.splice(0)
    },
    told: () => told.splice(0),
  }
}

const well = 'STATUS=2 of 2 cameras streaming, 1 file waiting'

describe('the service manager', () => {
  it('hears once that the daemon is ready, and once that it stops', () => {
    const { report, told, set } = startReport()
    report.onPhase('running')
    expect(told()).toEqual(['READY=1', well])
    set({ phase: 'draining' })
    report.onPhase('draining')
    report.onPhase('stopped')
    expect(told()).toEqual(['STOPPING=1', 'STATUS=draining'])
  })

  it('hears of the status when it has changed, on one line with the first trouble', () => {
    const { beat, set } = startReport()
    expect(beat()).toEqual([well])
    expect(beat(5)).toEqual([])
    set({
      actors: [
        actorView('root/cameras/dock-1'),
        actorView('root/cameras/dock-2', { state: 'backingOff', why: 'no route\nWATCHDOG=trigger' }),
        actorView('root/uploader', { state: 'refused' }),
      ],
    })
    expect(beat()).toEqual([
      'STATUS=1 of 2 cameras streaming, 1 file waiting; root/cameras/dock-2 is backingOff: no route WATCHDOG=trigger (and 1 more)',
    ])
  })

  it('hears what the start waits for, and what has become of that', () => {
    const { beat, set, wait } = startReport()
    set({ phase: 'starting' })
    expect(beat()).toEqual(['STATUS=starting'])
    wait({ waitingFor: 'root/csv-writer', state: 'backingOff', why: 'Rename of a\nfailed: EROFS' })
    expect(beat(3)).toEqual(['STATUS=starting: root/csv-writer is backingOff (Rename of a failed: EROFS)'])
    wait({ waitingFor: 'root/inference', state: 'loading', why: null })
    expect(beat()).toEqual(['STATUS=starting: root/inference is loading'])
    set({ phase: 'running' })
    expect(beat()).toEqual([well])
  })

  it('hears before and after when the configuration is read again, and not while it stops', async () => {
    const { report, told, set } = startReport()
    await report.whileReloading(async () => void expect(told()).toEqual(['RELOADING=1']))
    expect(told()).toEqual(['READY=1'])
    set({ phase: 'draining' })
    await report.whileReloading(async () => {})
    expect(told()).toEqual([])
  })

  it('feeds its watchdog three times within its patience, and only with the beats of the heart', () => {
    const { beat } = startReport(9_000)
    expect(beat().filter((word) => word === 'WATCHDOG=1')).toHaveLength(1)
    expect(beat(2)).toEqual([])
    expect(beat()).toEqual(['WATCHDOG=1'])
    expect(beat(9)).toEqual(['WATCHDOG=1', 'WATCHDOG=1', 'WATCHDOG=1'])
  })
})
