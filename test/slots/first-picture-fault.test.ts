import { expect, it } from 'vitest'
import { seconds } from '../../src/domain/units.ts'
import { configText, plain, runCameras } from './run-cameras.ts'

const silent = (said: string) =>
  `Camera a has sent no picture within 15 s${said}. If its key pictures are further apart, raise its stallAfter`

it('a camera that is given up without a picture says what its decoder failed at, in that connection only', async () => {
  const cameras = await runCameras(configText({ a: `${plain}, stallAfter: 2s` }))
  const { clock } = cameras
  await cameras.start()
  const camera = cameras.source('a')
  camera.mute = { fault: 'no frame (bad slice)' }
  // The silence is noticed, and the next connection brings no picture.
  await clock.advanceAsync(seconds(3))
  await clock.advanceAsync(seconds(5))
  expect(cameras.saying('a').state).toEqual({ online: 'connecting' })
  await clock.advanceAsync(seconds(15))
  expect(cameras.saying('a')).toEqual({
    state: 'backingOff',
    why: silent('; the decoder said last: no frame (bad slice)'),
  })
  camera.mute = {}
  await clock.advanceAsync(seconds(30))
  expect(camera.opened).toBe(3)
  expect(cameras.saying('a')).toEqual({ state: 'backingOff', why: silent('') })
})
