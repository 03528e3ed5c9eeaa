import type ssh2 from 'ssh2'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { generateEd25519Keys } from '../../../src/adapters/sftp/ed25519-keys.ts'
import { Login, type Proof } from '../../../src/adapters/sftp/login.ts'
import { createSftpConnector } from '../../../src/adapters/sftp/ssh2-connector.ts'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { seconds } from '../../../src/domain/units.ts'
import type { SftpSession } from '../../../src/ports/sftp-session.ts'
import { startRawServer } from './raw-server.ts'

interface Refusing {
  /** Without an answer of its own: the server takes `methods` and refuses all of them. */
  readonly answer?: (attempt: ssh2.AuthContext) => void
  readonly methods?: ssh2.AuthenticationType[]
}

/** Logs in with a key and a password at a server that answers so, and tells what it was shown. */
const logIn = async ({ methods = [], answer = (attempt) => attempt.reject(methods) }: Refusing) => {
  const shown: string[] = []
  const server = await startRawServer({
    onAuthentication: (attempt) => {
      shown.push(attempt.method)
      answer(attempt)
    },
  })
  onTestFinished(() => server.close())
  const session: SftpSession | Error = await createSftpConnector({
    ...{ host: '127.0.0.1', port: server.port, username: 'belay', hostKey: 'accept-any', channels: 1 },
    ...{ privateKey: generateEd25519Keys().private, password: 'right-one' },
    ...{ connectTimeout: seconds(10), operationTimeout: seconds(10), clock: systemClock },
  })
    .connect(new AbortController().signal)
    .catch((error: unknown) => error as Error)
  if (!(session instanceof Error)) await session.end()
  return { outcome: session instanceof Error ? session.message.replace(/^.*:\d+ /, '') : 'let in', shown }
}

/** As OpenSSH has it: the second method is named once the first is right. */
const wantsBoth =
  (first: ssh2.AuthenticationType, second: ssh2.AuthenticationType) =>
  (attempt: ssh2.AuthContext): void => {
    if (attempt.method === second && isProven.has(attempt.username)) return attempt.accept()
    if (attempt.method !== first) return attempt.reject([first])
    isProven.add(attempt.username)
    // Without a signature a client only asks whether the key would do.
    if (attempt.method === 'publickey' && attempt.signature === undefined) return attempt.accept()
    attempt.reject([second], true)
  }
const isProven = new Set<string>()
afterEach(() => isProven.clear())

describe('a server that wants two proofs', () => {
  it.each<[ssh2.AuthenticationType, ssh2.AuthenticationType]>([
    ['publickey', 'password'],
    ['password', 'publickey'],
  ])('lets in whoever shows a %s and then a %s', async (first, second) => {
    expect((await logIn({ answer: wantsBoth(first, second) })).outcome).toBe('let in')
  })

  it('and gets one of them says which is missing', async () => {
    const { outcome } = await logIn({ answer: wantsBoth('publickey', 'hostbased') })
    expect(outcome).toBe('refuses the key or password of belay: it accepted a private key, and wants hostbased besides')
  })
})

describe('a server that refuses us', () => {
  it('is shown the key before the password, each once', async () => {
    const { shown } = await logIn({ methods: ['password', 'publickey', 'keyboard-interactive'] })
    expect(shown).toEqual(['none', 'publickey', 'password', 'keyboard-interactive'])
  })

  it.each<[ssh2.AuthenticationType[], string[], string]>([
    [['publickey'], ['none', 'publickey'], 'a private key, and takes publickey'],
    [['password'], ['none', 'password'], 'a password, and takes password'],
    [['hostbased'], ['none'], 'nothing, and takes hostbased'],
    // It doesn't say what it takes.
    [[], ['none', 'publickey', 'password', 'keyboard-interactive'], 'a private key and a password'],
  ])('and takes %j is shown nothing else', async (methods, expected, words) => {
    const { outcome, shown } = await logIn({ methods })
    expect(shown).toEqual(expected)
    expect(outcome).toBe(`refuses the key or password of belay: it was shown ${words}`)
  })

  it('by ending the connection after a proof too many has refused us, and was not out of reach', async () => {
    const { outcome } = await logIn({
      answer: (attempt) => {
        if (attempt.method === 'none') return attempt.reject(['publickey', 'password'])
        if (attempt.method === 'publickey') return attempt.reject(['password'])
        const { _protocol: protocol } = attempt as unknown as { _protocol: { disconnect(reason: number): void } }
        protocol.disconnect(2)
      },
    })
    expect(outcome).toBe('refuses the key or password of belay: it was shown a private key, and takes password')
  })

  it('until the password is changed says so at once', async () => {
    const { outcome } = await logIn({
      answer: (attempt) => {
        if (attempt.method !== 'password') return attempt.reject(['password'])
        attempt.requestChange('Your password has expired.', () => attempt.reject())
      },
    })
    expect(outcome).toBe(
      'refuses the key or password of belay: the password has to be changed, by somebody who logs in',
    )
  })
})

describe('the keys of an agent', () => {
  const shownBy = (login: Login, takes: string[] | null, isRight: boolean | null): unknown => {
    let shown: unknown
    login.next(takes, isRight, (proof) => (shown = proof))
    return shown
  }

  it('may have been right, which the library doesn’t say: a password follows, whatever the server took before', () => {
    const proofs: Proof[] = ['agent', 'password']
    const login = new Login(proofs)
    expect(shownBy(login, null, null)).toBe('none')
    expect(shownBy(login, ['publickey'], false)).toBe('agent')
    expect(shownBy(login, ['publickey'], false)).toBe('password')
    expect(shownBy(login, ['publickey'], false)).toBe(false)
    expect(login.detail).toBe('it was shown the keys of an agent and a password, and takes publickey')
  })
})
