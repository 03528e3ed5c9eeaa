import { describe, expect, it } from 'vitest'
import { mistakesIn, smallConfigWith } from './small-config.ts'

describe('an address that says who', () => {
  it.each(['viewer:hunter2@', 'viewer@', ':hunter2@'])('is refused, and is not repeated: rtsp://%s…', async (who) => {
    const mistakes = await mistakesIn(smallConfigWith('rtsp://10.0.0.5/s', `rtsp://${who}10.0.0.5/s`))
    expect(mistakes).toEqual([
      expect.stringMatching(
        /^belay.yaml:3:32 cameras\[0\]\.source\.url: expected an address without user name and password /,
      ),
    ])
    expect(mistakes.join()).not.toMatch(/viewer|hunter2/)
  })
})

describe('the host of the server', () => {
  it.each(['sftp.example.com', '10.0.0.5', '::1', '2001:db8::5', '::ffff:10.0.0.5', 'fe80::1%eth0'])(
    'may be %s',
    async (host) => {
      expect(await mistakesIn(smallConfigWith('sftp.example.com', `'${host}'`))).toEqual([])
    },
  )

  it.each(['sftp.example.com:22', '10.0.0.5:22', '2001:db8::5::', 'fe80::1%eth0:22'])('may not be %s', async (host) => {
    expect(await mistakesIn(smallConfigWith('sftp.example.com', `'${host}'`))).toHaveLength(1)
  })
})
