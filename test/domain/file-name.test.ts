import { describe, expect, it } from 'vitest'
import { formatCsvFileName, parseCsvFileName } from '../../src/domain/file-name.ts'
import { cameraId } from '../../src/domain/ids.ts'
import { epochMs } from '../../src/domain/units.ts'

const name = {
  cameraId: cameraId('dock-1'),
  folder: 'model',
  openedAt: epochMs(Date.UTC(2026, 10, 22, 2, 8, 36, 123)),
  boot: 7,
  sequence: 42,
} as const

describe('the name of a CSV file', () => {
  it.each([
    [name, 'dock-1_model_20261122T020836123Z_7-000042.csv'],
    [
      { ...name, folder: 'classifier', boot: 12, sequence: 1_234_567 } as const,
      'dock-1_classifier_20261122T020836123Z_12-1234567.csv',
    ],
  ])('says all there is to say, and is read back', (parts, text) => {
    expect(formatCsvFileName(parts)).toBe(text)
    expect(parseCsvFileName(text)).toEqual(parts)
  })

  it('sorts by time for one camera and folder', () => {
    const later = formatCsvFileName({ ...name, openedAt: epochMs(name.openedAt + 1), sequence: 1 })
    expect([later, formatCsvFileName(name)].sort()[1]).toBe(later)
  })

  it.each([
    'dock-1_model_20261122T020836123Z_7-000042.csv.open',
    'x/dock-1_model_20261122T020836123Z_7-000042.csv',
    'Dock_model_20261122T020836123Z_7-000042.csv',
    'dock-1_plots_20261122T020836123Z_7-000042.csv',
    'dock-1_model_20261322T020836123Z_7-000042.csv',
    'dock-1_model_20261122T020836Z_7-000042.csv',
    'dock-1_model_20261122T020836123Z_7-42.csv',
    'dock-1_model_20261122T020836123Z_000042.csv',
    'notes.csv',
    '',
  ])('is not "%s"', (text) => {
    expect(parseCsvFileName(text)).toBeUndefined()
  })
})
