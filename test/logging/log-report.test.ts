import { describe, expect, it } from 'vitest'
import type { Log } from '../../src/ports/log.ts'
import { logReport } from '../../src/logging/log-report.ts'
import type { Report } from '../../src/supervision/index.ts'
import { milliseconds } from '../../src/domain/units.ts'

const error = new Error('no such file')
const startFailed: Report = {
  path: 'root/inference',
  epoch: 1,
  cause: { type: 'start_failed', of: 'inference', error },
  decision: 'roll_back',
  restartsLeft: 5,
  at: milliseconds(0),
  reason: 'inference could not be started: stopping what had started',
}

function errorsSaid(report: Report): unknown[] {
  const said: unknown[] = []
  const say = (_fact: string, fields?: Readonly<Record<string, unknown>>) => void said.push(fields?.['error'])
  const log: Log = { debug: say, always: say, info: say, warn: say, error: say, at: () => log }
  logReport(log, report)
  return said
}

describe('the error for which a supervisor decides', () => {
  it('stands beside the child that failed', () => {
    expect(errorsSaid(startFailed)).toEqual([error])
    const exit = { type: 'exit', of: 'inference', reason: { type: 'error', error } } as const
    expect(errorsSaid({ ...startFailed, cause: exit, decision: 'restart' })).toEqual([error])
  })

  it.each([
    { path: 'root', decision: 'shut_down' },
    { path: 'root/csv-writer', decision: 'stop' },
    { path: 'root/csv-writer', decision: 'leave' },
  ] as const)('is not said again when $path decides $decision for it', (other) => {
    expect(errorsSaid({ ...startFailed, ...other })).toEqual([undefined])
  })

  it('stands beside the supervisor where it is of no child', () => {
    expect(errorsSaid({ ...startFailed, path: 'root', cause: { type: 'fault', error }, decision: 'carry_on' })).toEqual(
      [error],
    )
  })
})
