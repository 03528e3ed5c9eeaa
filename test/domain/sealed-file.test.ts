import { describe, expect, it } from 'vitest'
import { formatCsvFileName } from '../../src/domain/file-name.ts'
import { cameraId } from '../../src/domain/ids.ts'
import { csvFilePath } from '../../src/domain/sealed-file.ts'
import { epochMs } from '../../src/domain/units.ts'

describe('a sealed CSV file', () => {
  it.each(['model', 'classifier'] as const)('stands below its camera and its folder: %s', (folder) => {
    const name = { cameraId: cameraId('dock-1'), folder, openedAt: epochMs(0), boot: 7, sequence: 42 }
    expect(csvFilePath(name, formatCsvFileName(name))).toBe(
      `dock-1/${folder}/dock-1_${folder}_19700101T000000000Z_7-000042.csv`,
    )
  })
})
