import { describe, expect, it } from 'vitest'
import { secretsOf } from '../../../src/adapters/video/ffmpeg-command.ts'
import { redactor } from '../../../src/adapters/video/redact.ts'

describe('text that may hold a secret', () => {
  it.each([
    { what: 'as it is', text: 'no user s3cr/et* here', shown: 'no user *** here' },
    { what: 'inside of a word', text: 'lives3cr/et*7', shown: 'live***7' },
    { what: 'percent-encoded', text: '/?p=s3cr%2Fet%2A&x=1', shown: '/?p=***&x=1' },
    { what: 'more than once', text: 's3cr/et* s3cr/et*', shown: '*** ***' },
  ])('has it hidden $what', ({ text, shown }) => {
    expect(redactor(['s3cr/et*'])(text)).toBe(shown)
  })

  it.each([
    { text: 'rtsp://admin:whatever@10.0.0.5/a: 401', shown: 'rtsp://***@10.0.0.5/a: 401' },
    { text: "'rtsp://admin@10.0.0.5/a' and rtsp://b:c@d/", shown: "'rtsp://***@10.0.0.5/a' and rtsp://***@d/" },
    { text: 'rtsp://10.0.0.5/a@b', shown: 'rtsp://10.0.0.5/a@b' },
  ])('has the login of every address hidden, known or not: $shown', ({ text, shown }) => {
    expect(redactor([])(text)).toBe(shown)
  })

  it('has a secret hidden whole that contains another', () => {
    expect(redactor(['word', 'password'])('password word')).toBe('*** ***')
  })

  it('is as it was where the secret is empty', () => {
    expect(redactor([''])('anything')).toBe('anything')
  })
})

describe('text that may hold a secret of fewer than four characters', () => {
  it.each([
    { secret: 'a', text: 'Invalid data found when reading a packet' },
    { secret: '1', text: 'ffmpeg exited with code 1 after 10 of 128 pictures' },
    { secret: 'cam', text: 'the cameras of camp cam' },
  ])('can be read: $secret is hidden only where it stands by itself', ({ secret, text }) => {
    expect(redactor([secret])(text)).toBe(text.replace(new RegExp(`\\b${secret}\\b`), '***'))
  })

  it.each([
    { text: '/user=admin&password=a7&channel=1', shown: '/user=admin&password=***&channel=1' },
    { text: '/user=admin_password=a7_channel=1.sdp', shown: '/user=admin_password=***_channel=1.sdp' },
    { text: '/admin_a7_1.sdp', shown: '/admin_***_1.sdp' },
    { text: '/a7/stream', shown: '/***/stream' },
    { text: "login 'a7'", shown: "login '***'" },
    { text: 'a7', shown: '***' },
  ])('has it hidden in $text', ({ text, shown }) => {
    expect(redactor(['a7'])(text)).toBe(shown)
  })

  it('has four characters hidden wherever they are', () => {
    expect(redactor(['abcd'])('xabcdx')).toBe('x***x')
  })

  it('has what is not a letter hidden as well, and nothing else taken for it', () => {
    expect(redactor(['.'])('/p=.&q=x, 1,2')).toBe('/p=***&q=x, 1,2')
  })
})

describe('what ffmpeg says of an address with a short password in it', () => {
  const shown = (url: string, said: string): string => {
    const input = { type: 'rtsp', url, credentials: { username: 'eve', password: '7' } } as const
    return redactor(secretsOf(input))(said)
  }
  it.each([
    { url: 'rtsp://h/?user={username}&p={password}', said: '/?user=eve&p=7: 401', is: '/?user=eve&p=***: 401' },
    { url: 'rtsp://h/live{password}/1', said: '/live7/1: 404 of 17', is: '/***/1: 404 of 17' },
    { url: 'rtsp://h/{username}{password}', said: '/eve7 by eve: 404', is: '/*** by eve: 404' },
    { url: 'rtsp://h/stream7', said: '/stream7: 7 refused', is: '/stream7: *** refused' },
  ])('does not show it: $is', ({ url, said, is }) => {
    expect(shown(url, said)).toBe(is)
  })
})
