import { describe, expect, it } from 'vitest'
import { describeScan, type ScanReport } from '../../src/storage/scan-report.ts'

const nothing: ScanReport = { mended: [], adopted: [], setAside: [], removed: [], unread: [], left: [] }

describe('what a start scan says in a line', () => {
  it('is that all was in order, where it was', () => {
    expect(describeScan(nothing)).toBe('the data folder was in order')
  })

  it('counts the files that were sealed and the bytes that were cut off, over all of them', () => {
    const mended = [
      { path: 'dock-1/model/a.csv', rows: 3, tornBytes: 40 },
      { path: 'dock-1/model/b.csv', rows: 1, tornBytes: 2 },
    ]
    const report = { ...nothing, mended, adopted: ['dock-1/model/c.csv'] }
    expect(describeScan(report)).toBe('2 open files sealed, 42 torn bytes cut off; 1 sealed file taken in')
  })

  it('counts the torn bytes of files that held nothing else, and says nothing of empty ones', () => {
    const removed = [
      { path: 'open/a.csv.open', tornBytes: 20 },
      { path: 'open/b.csv.open', tornBytes: 0 },
    ]
    expect(describeScan({ ...nothing, removed })).toBe('1 open file without a whole row removed, 20 torn bytes kept')
    expect(describeScan({ ...nothing, removed: removed.slice(1) })).toBe('the data folder was in order')
  })

  it('names each file that was set aside, is tried again or was left alone, with why', () => {
    const one = (path: string, why: string) => [{ path, why }]
    const report: ScanReport = {
      ...nothing,
      setAside: one('open/a.csv.broken', 'its header is not ours'),
      unread: one('dock-1/model/b.csv', 'read failed: EIO'),
      left: one('open/c', 'not a name that Belay gives'),
    }
    expect(describeScan(report)).toBe(
      'set aside: open/a.csv.broken (its header is not ours); ' +
        'tried again, not delivered yet: dock-1/model/b.csv (read failed: EIO); ' +
        'left alone: open/c (not a name that Belay gives)',
    )
  })
})
