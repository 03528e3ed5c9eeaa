import { describe, expect, it } from 'vitest'
import { daemonState } from '../../src/slots/daemon-state.ts'
import { configText, plain, runCameras } from './run-cameras.ts'

describe('the state that is shown', () => {
  it('has the address of a video without what may be a key to it', async () => {
    const video = "type: http, url: 'https://10.0.0.6/v.mp4?key=sesame'"
    const text = configText({ a: plain }).replace("type: rtsp, url: 'rtsp://10.0.0.5/a'", video)
    const { stage } = await runCameras(text)
    const { cameras } = daemonState(stage, { version: '0', phase: 'running', actors: [] })
    expect(cameras.map(({ source }) => source)).toEqual(['https://10.0.0.6/v.mp4'])
  })
})
