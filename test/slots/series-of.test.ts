import { describe, expect, it } from 'vitest'
import type { CameraConfig } from '../../src/config/config.ts'
import { cameraId } from '../../src/domain/ids.ts'
import { createSeriesOf } from '../../src/slots/series-of.ts'

const camera = (id: string, models: Partial<CameraConfig>): CameraConfig =>
  ({ id: cameraId(id), ...models }) as CameraConfig

describe('the series of cameras', () => {
  it('are one for each model of each camera', () => {
    const cameras = [
      camera('dock-1', { detect: { model: 'a', scoreThreshold: 0.5, iouThreshold: 0.5 }, classify: { model: 'b' } }),
      camera('dock-2', { detect: undefined, read: { model: 'c', scoreThreshold: 0.5 } }),
    ]
    expect([...createSeriesOf()(cameras)]).toEqual(['dock-1/model', 'dock-1/classifier', 'dock-2/reader'])
  })

  it('are those of other cameras once there are others', () => {
    const seriesOf = createSeriesOf()
    seriesOf([camera('dock-1', { classify: { model: 'b' } })])
    expect([...seriesOf([camera('dock-2', { classify: { model: 'b' } })])]).toEqual(['dock-2/classifier'])
  })
})
