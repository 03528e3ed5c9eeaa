import { describe, expect, it } from 'vitest'
import { cameraId } from '../../src/domain/ids.ts'
import { InferenceError } from '../../src/domain/inference-errors.ts'
import { createFailureLog } from '../../src/logging/failure-log.ts'
import { notedLog } from '../fakes/noted-log.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

function startLog() {
  const clock = new VirtualClock()
  const { log, said: warnings } = notedLog('warn')
  const failed = createFailureLog(log, clock)
  const fail = (camera: string, number: number, model = 'bolts') =>
    failed({ cameraId: cameraId(camera), epoch: 1, number }, new InferenceError(model, 'it found class 2'))
  return { clock, warnings, fail }
}

describe('frames on which a model fails', () => {
  it('are said at once with the reason, and then every 10 s with how many there were', () => {
    const { clock, warnings, fail } = startLog()
    const fact = { fact: 'frames failed', cameraId: 'dock-1', model: 'bolts', why: 'it found class 2', epoch: 1 }
    fail('dock-1', 7)
    fail('dock-1', 8)
    clock.advance(9_999)
    fail('dock-1', 9)
    expect(warnings).toEqual([{ ...fact, frame: 7, frames: 1, sinceSeconds: undefined }])
    clock.advance(1)
    fail('dock-1', 10)
    expect(warnings[1]).toEqual({ ...fact, frame: 10, frames: 3, sinceSeconds: 10 })
  })

  it('are said for each camera and each model', () => {
    const { warnings, fail } = startLog()
    fail('dock-1', 1)
    fail('dock-2', 1)
    fail('dock-1', 1, 'belt')
    expect(warnings).toHaveLength(3)
  })
})
