import { describe } from 'vitest'
import { systemClock } from '../../src/adapters/system-clock.ts'
import { createSyntheticSource } from '../../src/adapters/video/synthetic-source.ts'
import { cameraId } from '../../src/domain/ids.ts'
import { FakeVideoSource } from '../fakes/fake-video-source.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'
import { videoSourceContract } from './video-source.contract.ts'

describe('a drawn belt', () => {
  videoSourceContract(() =>
    createSyntheticSource({ cameraId: cameraId('belt-1'), seed: 7, rate: 10, clock: systemClock }),
  )
})

describe('a fake camera', () => {
  videoSourceContract(() => new FakeVideoSource(new VirtualClock(), { width: 16, height: 8 }))
})
