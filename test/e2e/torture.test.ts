import { describe, expect, it } from 'vitest'
import { torture } from '../../scripts/torture/kill-loop.ts'

describe('a daemon and a server that are killed again and again', () => {
  it('lose and double no accepted row, show no file before it is whole, and leave nothing running', async () => {
    const said: string[] = []
    const report = await torture({ rounds: 20, seed: 41, tell: (line) => said.push(line) })
    expect(report.faults, said.join('\n')).toEqual([])
    // Each kind is in every thirteen strikes.
    for (const [kind, dealt] of Object.entries(report.strikes)) expect(dealt, kind).toBeGreaterThan(0)
    expect(report.starts).toBe(report.strikes.daemon + report.strikes.unrecorded + 1)
    expect(report.acceptedRows).toBeGreaterThan(100)
    expect(report.rowsOnDisk).toBeGreaterThanOrEqual(report.acceptedRows)
    expect(report.rowsInOpenFiles).toBeGreaterThan(0)
    expect(report.deliveredRows).toBe(report.rowsOnDisk)
    expect(report.files).toBeGreaterThan(20)
    expect(report.resends).toBeGreaterThan(0)
    expect(report.adoptions).toBeGreaterThan(0)
  }, 300_000)
})
