import { describe, expect, it } from 'vitest'
import { cameraId } from '../../src/domain/ids.ts'
import { createBoundLog } from '../../src/logging/bound-log.ts'
import { notedLog } from '../fakes/noted-log.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

function startLog() {
  const clock = new VirtualClock()
  const { log, said: warnings } = notedLog('warn')
  const warn = createBoundLog(log, clock)
  const full = (camera: string, number: number, model = 'bolts') =>
    warn({ cameraId: cameraId(camera), epoch: 1, number }, model)
  return { clock, warnings, full }
}

describe('frames in which a model finds as much as is kept', () => {
  it('are said at once, and then every 10 s with how many there were', () => {
    const { clock, warnings, full } = startLog()
    const why = 'as much was found as is kept of a frame: rows may be missing'
    const fact = { fact: 'results at the bound', cameraId: 'dock-1', model: 'bolts', why, epoch: 1 }
    full('dock-1', 7)
    clock.advance(9_999)
    full('dock-1', 8)
    expect(warnings).toEqual([{ ...fact, frame: 7, frames: 1, sinceSeconds: undefined }])
    clock.advance(1)
    full('dock-1', 9)
    expect(warnings[1]).toEqual({ ...fact, frame: 9, frames: 2, sinceSeconds: 10 })
  })

  it('are said for each camera and each model', () => {
    const { warnings, full } = startLog()
    full('dock-1', 1)
    full('dock-2', 1)
    full('dock-1', 1, 'belt')
    expect(warnings).toHaveLength(3)
  })
})
