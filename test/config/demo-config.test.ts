import { describe, expect, it } from 'vitest'
import { type DemoPlace, demoConfig } from '../../src/config/demo-config.ts'

const hostKeyFingerprint = 'SHA256:uNiVztksCsDhcc0u9e8BrnEUzPQ1ZmZcOyX6yCnLnNE'
const place: DemoPlace = {
  dataFolder: '/tmp/demo',
  httpPort: 5001,
  sftp: { host: '127.0.0.1', port: 2222, username: 'demo', privateKey: 'the key', hostKeyFingerprint },
  withClip: true,
}

describe('the configuration of the demo', () => {
  it('has a drawn belt and, with ffmpeg, a recorded one, each with both models', () => {
    const { cameras, models } = demoConfig(place)
    expect(cameras).toMatchObject([
      {
        id: 'belt-1',
        source: { type: 'synthetic', seed: 7, rate: 15, lossless: false },
        picture: { width: 640, height: 640 },
        detect: { model: 'particles' },
        classify: { model: 'belt-state' },
      },
      {
        id: 'belt-2',
        source: { type: 'file', path: expect.stringMatching(/^\/.*\/media\/belt-640x480\.mp4$/) as string, loop: true },
        detect: { model: 'particles' },
        classify: { model: 'belt-state' },
      },
    ])
    expect(models.map(({ name, kind }) => [name, kind])).toEqual([
      ['particles', 'detect'],
      ['belt-state', 'classify'],
    ])
  })

  it('has the drawn belt alone without ffmpeg', () => {
    expect(demoConfig({ ...place, withClip: false }).cameras.map(({ id }) => id)).toEqual(['belt-1'])
  })

  it('delivers to the demo’s own server, and shows within seconds', () => {
    const { dataFolder, csv, sftp, http } = demoConfig(place)
    expect([dataFolder, csv.rotation.interval, http.host, http.port]).toEqual(['/tmp/demo', 1500, '127.0.0.1', 5001])
    expect(sftp).toMatchObject({
      host: '127.0.0.1',
      port: 2222,
      username: 'demo',
      hostKey: { fingerprints: [hostKeyFingerprint] },
    })
    expect(sftp.privateKey?.reveal()).toBe('the key')
  })
})
