import { describe, expect, it } from 'vitest'
import { cameraId } from '../../src/domain/ids.ts'
import { createRefusalLog } from '../../src/logging/refusal-log.ts'
import { notedLog } from '../fakes/noted-log.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

function startLog() {
  const clock = new VirtualClock()
  const { log, said: warnings } = notedLog('warn')
  const refused = createRefusalLog(log, clock)
  const refuse = (camera: string, rows = 1) =>
    refused({ cameraId: cameraId(camera), folder: 'model', rows: Array.from({ length: rows }, () => []) }, 'queue-full')
  return { clock, warnings, refuse }
}

describe('rows that the queue refuses', () => {
  it('are said at once, and then every 10 s with how many there were', () => {
    const { clock, warnings, refuse } = startLog()
    const fact = { fact: 'rows refused', cameraId: 'dock-1', cause: 'queue-full' }
    refuse('dock-1', 3)
    refuse('dock-1', 2)
    clock.advance(9_999)
    refuse('dock-1', 2)
    expect(warnings).toEqual([{ ...fact, rows: 3, sinceSeconds: undefined }])
    clock.advance(1)
    refuse('dock-1', 1)
    expect(warnings[1]).toEqual({ ...fact, rows: 5, sinceSeconds: 10 })
  })

  it('are said for each camera', () => {
    const { warnings, refuse } = startLog()
    refuse('dock-1')
    refuse('dock-2')
    expect(warnings).toHaveLength(2)
  })
})
