import { describe, expect, it } from 'vitest'
import { hideSecrets } from '../../../src/commands/check/check-secrets.ts'
import { configOf, secretsOf, smallConfig } from '../../config/small-config.ts'

const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAAfirstline\nBBBBsecondline\n-----END OPENSSH PRIVATE KEY-----'
const text = smallConfig
  .replace("url: 'rtsp://10.0.0.5/s'", "url: 'rtsp://10.0.0.5/s', username: viewer, passwordEnv: CAMERA")
  .replace('passwordEnv: SFTP_PASSWORD', 'passwordEnv: SFTP_PASSWORD\n  privateKeyFile: /key\n  passphraseEnv: PHRASE')
const environment = { SFTP_PASSWORD: 'hunter2', CAMERA: 'p@ss word', PHRASE: 'open sesame' }

describe('what check prints', () => {
  it.each([
    { said: 'login with hunter2 failed', shown: 'login with *** failed' },
    { said: 'PASS p@ss word', shown: 'PASS ***' },
    { said: 'rtsp://viewer:p%40ss%20word@10.0.0.5/s', shown: 'rtsp://***@10.0.0.5/s' },
    { said: 'bad phrase: open sesame!', shown: 'bad phrase: ***!' },
    { said: 'line 2: BBBBsecondline is odd', shown: 'line 2: *** is odd' },
    { said: key, shown: '***' },
    { said: 'belay@sftp.example.com:22 refuses', shown: 'belay@sftp.example.com:22 refuses' },
  ])('of "$said" is "$shown"', async ({ said, shown }) => {
    const config = await configOf(text, secretsOf({ '/key': key }, environment))
    expect(hideSecrets(config)(said)).toBe(shown)
  })
})
