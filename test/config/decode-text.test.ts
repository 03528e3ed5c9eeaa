import { describe, expect, it } from 'vitest'
import { decodeText, NotUtf8Error } from '../../src/config/decode-text.ts'
import { mistakesIn, smallConfig, smallConfigWith } from './small-config.ts'

describe('the text of a file', () => {
  it.each([
    ['hünter2\n', 'hünter2\n'],
    ['\uFEFFhunter2\n', 'hunter2\n'],
    ['hun\uFEFFter2', 'hun\uFEFFter2'],
  ])('is %j without a byte order mark before it', (written, text) => {
    expect(decodeText(Buffer.from(written, 'utf8'))).toBe(text)
  })

  it.each(['latin1', 'utf16le'] as const)('is none in %s', (encoding) => {
    expect(() => decodeText(Buffer.from('\uFEFFhünter2\n', encoding))).toThrow(NotUtf8Error)
  })

  it('is a mistake of the key that names it where it is none', async () => {
    const file = (): Promise<string> => Promise.reject(new NotUtf8Error())
    const text = smallConfigWith('passwordEnv: SFTP_PASSWORD', 'passwordFile: /etc/belay/password')
    expect(text).not.toBe(smallConfig)
    expect(await mistakesIn(text, { file, environment: {} })).toEqual([
      'belay.yaml:10:17 sftp.passwordFile: expected a file in UTF-8, found /etc/belay/password, which is in no UTF-8',
    ])
  })
})
