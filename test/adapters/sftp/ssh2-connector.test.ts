import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type AddressInfo, connect as connectSocket, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type ssh2 from 'ssh2'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { generateEd25519Keys, parseKey } from '../../../src/adapters/sftp/ed25519-keys.ts'
import { startEmbeddedSftpServer } from '../../../src/adapters/sftp/embedded-server.ts'
import { fingerprint } from '../../../src/adapters/sftp/host-key.ts'
import { createSftpConnector, type SftpConnectorOptions } from '../../../src/adapters/sftp/ssh2-connector.ts'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import {
  SftpAuthenticationError,
  SftpCredentialsError,
  SftpHostKeyError,
  SftpUnknownOutcomeError,
  SftpUnreachableError,
} from '../../../src/domain/delivery-errors.ts'
import { milliseconds, seconds } from '../../../src/domain/units.ts'
import type { SftpSession } from '../../../src/ports/sftp-session.ts'
import { type Sshd, startSshd } from '../../support/sshd.ts'
import { startRawServer } from './raw-server.ts'

const never = new AbortController().signal

let folder: string
let sshd: Sshd
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-sftp-'))
  sshd = await startSshd({ folder: join(folder, 'remote') })
})
afterAll(async () => {
  await sshd.stop()
  await rm(folder, { recursive: true })
})

/** The right options for the sshd, but for what a test changes. */
const connect = async (change: Partial<SftpConnectorOptions> = {}, signal = never): Promise<SftpSession> => {
  const { host, port, username, privateKey, hostKeyFingerprint } = sshd
  const session = await createSftpConnector({
    ...{ host, port, username, privateKey, hostKey: { fingerprints: [hostKeyFingerprint] } },
    ...{ connectTimeout: seconds(10), operationTimeout: seconds(10), channels: 1, clock: systemClock },
    ...change,
  }).connect(signal)
  onTestFinished(() => session.end())
  return session
}

/** Options that replace a private key by something else. */
const withoutKey = (change: Partial<SftpConnectorOptions>): Promise<SftpSession> => {
  const { host, port, username, hostKeyFingerprint } = sshd
  const options: SftpConnectorOptions = {
    ...{ host, port, username, hostKey: { fingerprints: [hostKeyFingerprint] } },
    ...{ connectTimeout: seconds(10), operationTimeout: seconds(10), channels: 1, clock: systemClock },
    ...change,
  }
  return createSftpConnector(options).connect(never)
}

describe('a server whose host key', () => {
  const stranger = fingerprint(parseKey(generateEd25519Keys().public).getPublicSSH())

  it('is pinned by its fingerprint is connected to, and takes large writes', async () => {
    const session = await connect()
    expect(await session.stat('.')).toMatchObject({ isFolder: true })
    expect(session.maxWriteBytes).toBeGreaterThan(200_000)
  })

  it.each([
    { how: 'a fingerprint', hostKey: { fingerprints: [stranger] }, expected: stranger },
    {
      how: 'an empty known_hosts',
      hostKey: { knownHosts: '' },
      expected: 'one that known_hosts has for [127.0.0.1]:PORT, which is none',
    },
  ])('is not that of $how is refused before anything is sent', async ({ hostKey, expected }) => {
    const keys = generateEd25519Keys()
    let logins = 0
    const server = await startRawServer({ hostKeys: [keys.private], onAuthentication: () => logins++ })
    onTestFinished(() => server.close())
    const refused: unknown = await connect({ port: server.port, hostKey }).catch((error: unknown) => error)
    expect(refused).toEqual(
      new SftpHostKeyError(
        `${sshd.username}@127.0.0.1:${server.port}`,
        expected.replace('PORT', String(server.port)),
        fingerprint(parseKey(keys.public).getPublicSSH()),
      ),
    )
    await expect.poll(() => server.connections).toBe(0)
    expect(logins).toBe(0)
  })

  it('is not that of OpenSSH’s server is refused', async () => {
    const refused: unknown = await connect({ hostKey: { fingerprints: [stranger] } }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'sftp.host-key', found: sshd.hostKeyFingerprint, expected: stranger })
  })

  it('is revoked in known_hosts is refused', async () => {
    const knownHosts = `${sshd.knownHostsLine}\n@revoked ${sshd.knownHostsLine.replace(/^\S+/, '*')}\n`
    await expect(connect({ hostKey: { knownHosts } })).rejects.toThrow(SftpHostKeyError)
  })

  it('may be any is connected to if we say so', async () => {
    await connect({ hostKey: 'accept-any' })
  })

  it('is pinned by the fingerprint of another type of key than it shows first is connected to', async () => {
    const keyFile = join(folder, 'ecdsa')
    execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', keyFile])
    const ecdsa = await readFile(keyFile, 'utf8')
    const server = await startRawServer({ hostKeys: [generateEd25519Keys().private, ecdsa] })
    onTestFinished(() => server.close())
    const pinned = fingerprint(parseKey(ecdsa).getPublicSSH())
    await connect({ port: server.port, hostKey: { fingerprints: [pinned] } })
    await expect(connect({ port: server.port, hostKey: { fingerprints: [stranger] } })).rejects.toThrow(
      SftpHostKeyError,
    )
  })
})

describe('a server that ends the connection where another channel is asked for', () => {
  it.each([
    { channels: 2, granted: 1 },
    { channels: 4, granted: 1 },
    { channels: 4, granted: 2 },
    { channels: 4, granted: 3 },
  ])(
    'is asked for the $granted of $channels that it had granted the next time, and for all again after that',
    async ({ channels, granted }) => {
      const raw = await startRawServer({
        mostChannels: granted,
        onSftp: (sftp) => sftp.on('STAT', (request) => sftp.status(request, 2)),
      })
      onTestFinished(() => raw.close())
      const { port } = raw
      const server = createSftpConnector({
        ...{ host: '127.0.0.1', port, username: 'belay', password: 'any', hostKey: 'accept-any', channels },
        ...{ connectTimeout: seconds(10), operationTimeout: seconds(10), clock: systemClock },
      })
      const loses = async (): Promise<void> => {
        const session = await server.connect(never)
        expect(await session.closed).not.toBe('the session was ended')
      }
      await loses()
      const session = await server.connect(never)
      await expect.poll(() => raw.channels[1]).toEqual({ asked: granted, ready: granted })
      // Answered behind what makes the last of them ready here, too.
      expect(await session.stat('a')).toBeUndefined()
      await session.end()
      await loses()
    },
  )
})

describe('a server that has gone silent', () => {
  it('is let go of 2 s after the session was ended, though it never ends the connection itself', async () => {
    let isSilent = false
    const sockets: Socket[] = []
    // Half open: that we have ended the connection is not answered by its end.
    const line = createServer({ allowHalfOpen: true }, (ours) => {
      const theirs = connectSocket(sshd.port, '127.0.0.1')
      sockets.push(ours, theirs)
      ours.on('data', (bytes) => isSilent || theirs.write(bytes))
      theirs.on('data', (bytes) => isSilent || ours.write(bytes))
      for (const socket of [ours, theirs]) socket.on('error', () => socket.destroy())
    })
    line.listen(0, '127.0.0.1')
    await once(line, 'listening')
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      line.close()
    })
    const session = await connect({ port: (line.address() as AddressInfo).port })
    isSilent = true
    await session.end()
    const [ours] = sockets
    expect(ours?.destroyed).toBe(false)
    // Nobody is there any more to take it, which whoever sends is told with the next that he sends.
    await expect.poll(() => (ours?.write('?'), ours?.destroyed), { timeout: 1_000 }).toBe(true)
  })
})

describe('the cipher', () => {
  const agreedOn = async (ciphers?: ssh2.CipherAlgorithm[]): Promise<string[]> => {
    const agreed: string[] = []
    const server = await startRawServer({
      ...(ciphers && { ciphers }),
      onHandshake: ({ cs, sc }) => agreed.push(cs.cipher, sc.cipher),
    })
    onTestFinished(() => server.close())
    await connect({ port: server.port, hostKey: 'accept-any' })
    return agreed
  }
  const gcm: ssh2.CipherAlgorithm[] = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com']

  it('is AES-GCM, whatever the server would rather have', async () => {
    const others: ssh2.CipherAlgorithm[] = ['chacha20-poly1305@openssh.com', 'aes256-ctr', 'aes192-ctr', 'aes128-ctr']
    expect(await agreedOn([...others, ...gcm])).toEqual([gcm[0], gcm[0]])
    expect(await agreedOn([...others, 'aes256-gcm@openssh.com'])).toEqual([gcm[1], gcm[1]])
    expect(await agreedOn()).toEqual([gcm[0], gcm[0]])
  })

  it.each<ssh2.CipherAlgorithm>(['aes128-ctr', 'aes192-ctr', 'aes256-ctr', 'chacha20-poly1305@openssh.com'])(
    'is %s where the server has nothing else',
    async (only) => {
      expect(await agreedOn([only])).toEqual([only, only])
    },
  )

  it('that is not safe today is not agreed on, which is said', async () => {
    await expect(agreedOn(['aes128-cbc'])).rejects.toThrow(
      /cannot be reached: Handshake failed: no matching C->S cipher\. An old server may have none that is safe today$/,
    )
  })

  it('is AES-GCM with OpenSSH’s server', async () => {
    const talkative = await startSshd({ folder: join(folder, 'remote'), tellsAll: true })
    onTestFinished(() => talkative.stop())
    const { port, privateKey, hostKeyFingerprint } = talkative
    await connect({ port, privateKey, hostKey: { fingerprints: [hostKeyFingerprint] } })
    for (const way of ['client->server', 'server->client']) {
      expect(talkative.log).toContain(`kex: ${way} cipher: aes128-gcm@openssh.com`)
    }
  })
})

describe('a login', () => {
  it('with a key that the server doesn’t know is told apart', async () => {
    await expect(connect({ privateKey: generateEd25519Keys().private })).rejects.toThrow(
      new SftpAuthenticationError(
        `${sshd.username}@127.0.0.1:${sshd.port}`,
        sshd.username,
        'it was shown a private key, and takes publickey',
      ),
    )
  })

  it('with a password is accepted if it is right, and told apart if it is wrong, without saying it', async () => {
    const embedded = await startEmbeddedSftpServer({ folder: join(folder, 'embedded'), password: 'right-one' })
    onTestFinished(() => embedded.close())
    const { port, username } = embedded
    const hostKey = { fingerprints: [embedded.hostKeyFingerprint] }
    const session = await withoutKey({ port, username, hostKey, password: 'right-one' })
    await session.end()
    const refused: unknown = await withoutKey({ port, username, hostKey, password: 'wrong-one' }).catch(
      (error: unknown) => error,
    )
    expect(refused).toBeInstanceOf(SftpAuthenticationError)
    expect(String(refused)).not.toContain('wrong-one')
  })

  it('with a password goes to servers that ask for it by keyboard-interactive only', async () => {
    const server = await startRawServer({
      onAuthentication: (attempt) => {
        if (attempt.method !== 'keyboard-interactive') return attempt.reject(['keyboard-interactive'])
        attempt.prompt([{ prompt: 'Password: ', echo: false }], (answers) =>
          answers[0] === 'right-one' ? attempt.accept() : attempt.reject(),
        )
      },
    })
    onTestFinished(() => server.close())
    const session = await withoutKey({ port: server.port, hostKey: 'accept-any', password: 'right-one' })
    await session.end()
    await expect(withoutKey({ port: server.port, hostKey: 'accept-any', password: 'wrong-one' })).rejects.toThrow(
      SftpAuthenticationError,
    )
  })

  it('with a key of ours that cannot be read is our own matter', async () => {
    await expect(connect({ privateKey: 'no key at all' })).rejects.toThrow(SftpCredentialsError)
  })

  const kinds = ['ed25519', 'ecdsa -b 256', 'ecdsa -b 384', 'ecdsa -b 521', 'rsa -b 2048', 'rsa -b 4096 -m PEM']

  /** A new key that OpenSSH's server lets in, and its file. */
  const newKey = async (kind: string, passphrase: string): Promise<string> => {
    const keyFile = join(await mkdtemp(join(folder, 'key-')), 'key')
    // One round of key derivation: what that costs is no matter of the kind.
    execFileSync('ssh-keygen', ['-q', '-t', ...kind.split(' '), '-a', '1', '-N', passphrase, '-f', keyFile])
    await sshd.authorize(await readFile(`${keyFile}.pub`, 'utf8'))
    return keyFile
  }

  it.each(kinds)('is done with OpenSSH’s server by a key of type %s', async (kind) => {
    const privateKey = await readFile(await newKey(kind, ''), 'utf8')
    const session = await connect({ privateKey })
    expect(await session.stat('.')).toMatchObject({ isFolder: true })
  })

  it.each(kinds)('is done with OpenSSH’s server by a key of type %s that has a passphrase', async (kind) => {
    const privateKey = await readFile(await newKey(kind, 'open sesame'), 'utf8')
    const session = await connect({ privateKey, passphrase: 'open sesame' })
    expect(await session.stat('.')).toMatchObject({ isFolder: true })
    await expect(connect({ privateKey })).rejects.toThrow(SftpCredentialsError)
  })

  it('decrypts a key that has a passphrase once, not at each connection: nothing else is done meanwhile', async () => {
    const keyFile = join(await mkdtemp(join(folder, 'key-')), 'key')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-a', '64', '-N', 'open sesame', '-f', keyFile])
    await sshd.authorize(await readFile(`${keyFile}.pub`, 'utf8'))
    const { host, port, username, hostKeyFingerprint } = sshd
    const server = createSftpConnector({
      ...{ host, port, username, hostKey: { fingerprints: [hostKeyFingerprint] } },
      ...{ privateKey: await readFile(keyFile, 'utf8'), passphrase: 'open sesame' },
      ...{ connectTimeout: seconds(20), operationTimeout: seconds(10), channels: 1, clock: systemClock },
    })
    const cost = async (): Promise<number> => {
      const before = process.cpuUsage()
      const session = await server.connect(never)
      await session.end()
      return process.cpuUsage(before).user
    }
    const first = await cost()
    expect(await cost()).toBeLessThan(first / 2)
  })

  it('with a public key in the place of ours is our own matter', async () => {
    const { public: publicKey } = generateEd25519Keys()
    await expect(connect({ privateKey: publicKey })).rejects.toThrow(/cannot be read: it is a public key/)
  })

  it('needs the passphrase of a key that has one', async () => {
    const keyFile = join(folder, 'with-passphrase')
    execFileSync('cp', [sshd.privateKeyFile, keyFile])
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', keyFile])
    const privateKey = await readFile(keyFile, 'utf8')
    await connect({ privateKey, passphrase: 'open sesame' })
    await expect(connect({ privateKey })).rejects.toThrow(SftpCredentialsError)
    const refused: unknown = await connect({ privateKey, passphrase: 'open barley' }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(SftpCredentialsError)
    expect(String(refused)).not.toContain('barley')
  })

  it.each(['ed25519', 'ecdsa', 'rsa'])('is done by an agent that holds a key of type %s', async (kind) => {
    const keyFile = await newKey(kind, '')
    const agent = join(folder, `agent-${kind}.sock`)
    const process = spawn('ssh-agent', ['-D', '-a', agent], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(process, 'close')
    onTestFinished(async () => {
      process.kill()
      await ended
    })
    await once(process.stdout, 'data')
    execFileSync('ssh-add', ['-q', keyFile], { env: { SSH_AUTH_SOCK: agent } })
    const session = await withoutKey({ agent })
    await session.end()
  })
})

describe('a server that cannot be reached', () => {
  it.each([
    { why: 'nobody listens', change: { port: 1 }, detail: /ECONNREFUSED/ },
    {
      why: 'nobody has its name',
      change: { host: 'no-such-host.invalid' },
      detail: /no-such-host\.invalid|ENOTFOUND|EAI_AGAIN/,
    },
  ])('is told with the reason: $why', async ({ change, detail }) => {
    const refused: unknown = await connect(change).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(SftpUnreachableError)
    expect((refused as SftpUnreachableError).detail).toMatch(detail)
  })

  const startSilent = async () => {
    const sockets: Socket[] = []
    const server = createServer((socket) => sockets.push(socket.resume())).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    return { server, sockets, port: (server.address() as AddressInfo).port }
  }

  it('since it never says a word is given up in time, and its socket is closed', async () => {
    const { sockets, port } = await startSilent()
    await expect(connect({ port, connectTimeout: milliseconds(200) })).rejects.toThrow(
      new SftpUnreachableError(`${sshd.username}@127.0.0.1:${port}`, 'no session within 200 ms'),
    )
    await once(sockets[0] as Socket, 'close')
  })

  it('is given up at once when we are told to, and its socket is closed', async () => {
    const { server, sockets, port } = await startSilent()
    const abort = new AbortController()
    const connecting = connect({ port }, abort.signal)
    await once(server, 'connection')
    const reason = new Error('stopped')
    abort.abort(reason)
    await expect(connecting).rejects.toBe(reason)
    await once(sockets[0] as Socket, 'close')
    await expect(connect({}, abort.signal)).rejects.toBe(reason)
  })
})

describe('a server that stops answering', () => {
  const stopped = async (operationTimeout = milliseconds(300)) => {
    const session = await connect({ operationTimeout })
    const pids = await sshd.sessions()
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    onTestFinished(() => sshd.killSessions())
    return session
  }

  it('costs the request its deadline and the connection its life: everything in flight is unknown', async () => {
    const session = await stopped()
    const results = await Promise.allSettled([session.stat('.'), session.mkdir('new'), session.readdir('.')])
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(SftpUnknownOutcomeError) as Error })
    }
    expect(await session.closed).toMatch(/^no answer to \w+ within 300 ms$/)
  })

  it('is found out while nothing is asked of it, and its connection dropped', async () => {
    const session = await stopped()
    // Three signs of life, a second apart, without an answer.
    expect(await session.closed).toMatch(/keepalive timeout/i)
  })

  it('does not keep a session from ending', async () => {
    const session = await stopped(seconds(60))
    const asked = session.stat('.')
    const ended = session.end()
    await expect(asked).rejects.toThrow(SftpUnknownOutcomeError)
    await ended
    expect(await session.closed).toBe('the session was ended')
  })
})

describe('a connection that has come and gone', () => {
  it('prints nothing', async () => {
    const program = `
      import { createSftpConnector } from './src/adapters/sftp/ssh2-connector.ts'
      import { systemClock } from './src/adapters/system-clock.ts'
      const { host, port, username, privateKey, kill } = JSON.parse(process.argv[1])
      const server = createSftpConnector({ host, port, username, privateKey, hostKey: 'accept-any', connectTimeout: 5000, operationTimeout: 5000, channels: 2, clock: systemClock })
      const session = await server.connect(new AbortController().signal)
      process.kill(kill, 'SIGUSR2')
      await session.closed
      await createSftpConnector({ host, port: 1, username, privateKey, hostKey: 'accept-any', connectTimeout: 5000, operationTimeout: 5000, channels: 2, clock: systemClock }).connect(new AbortController().signal).catch(() => undefined)
    `
    const { host, port, username, privateKey } = sshd
    const input = JSON.stringify({ host, port, username, privateKey, kill: process.pid })
    const connected = once(process, 'SIGUSR2')
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program, input], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    child.stdout.on('data', (text: Buffer) => (said += text.toString()))
    child.stderr.on('data', (text: Buffer) => (said += text.toString()))
    const closed = once(child, 'close')
    await connected
    await sshd.killSessions()
    expect(await closed).toEqual([0, null])
    expect(said).toBe('')
  })
})
