import { connect } from 'node:net'
import ssh2 from 'ssh2'
import SftpClient from 'ssh2-sftp-client'
import {
  SftpAuthenticationError,
  SftpCredentialsError,
  SftpHostKeyError,
  SftpUnreachableError,
} from '../../domain/delivery-errors.ts'
import { OperatingError } from '../../domain/errors.ts'
import type { Milliseconds } from '../../domain/units.ts'
import type { Clock } from '../../ports/clock.ts'
import type { SftpConnector, SftpSession } from '../../ports/sftp-session.ts'
import { systemLookup } from '../system-lookup.ts'
import { BytesAtOnce } from './bytes-at-once.ts'
import { fingerprint, type HostKeyPin, hostKeyPolicy, type HostKeyPolicy } from './host-key.ts'
import { gatherWrites } from './gather-writes.ts'
import { Login, type Proof } from './login.ts'
import { type Line, Ssh2Session } from './ssh2-session.ts'

export interface SftpConnectorOptions {
  readonly host: string
  readonly port: number
  readonly username: string
  /** One or more of the three; keys are tried before the password. */
  readonly password?: string
  /** OpenSSH or PEM text. */
  readonly privateKey?: string
  readonly passphrase?: string
  /** Path of an agent's socket. */
  readonly agent?: string
  readonly hostKey: HostKeyPin
  /** From the first packet to an open SFTP channel. */
  readonly connectTimeout: Milliseconds
  /** SFTP channels over the one connection: 1 to 4. */
  readonly channels: number
  /** For the answer to each request. */
  readonly operationTimeout: Milliseconds
  readonly clock: Clock
}

/** Connects by ssh2-sftp-client. */
export function createSftpConnector(options: SftpConnectorOptions): SftpConnector {
  const { host, port, username } = options
  const address = `${username}@${host}:${port}`
  const policy = hostKeyPolicy(options.hostKey, host, port)
  const { clock, operationTimeout } = options
  const line: Line = { there: new BytesAtOnce(clock, operationTimeout), back: new BytesAtOnce(clock, operationTimeout) }
  let channels = options.channels
  // Read once: to decrypt one that has a passphrase takes a third of a second, in which nothing else is done.
  let key: ssh2.ParsedKey | undefined
  const connectAs = async (algorithms: readonly string[], signal: AbortSignal): Promise<SftpSession> => {
    const asked = channels
    const session = await connectOnce(address, { ...options, channels: asked, key, line }, policy, algorithms, signal)
    // Some servers end the connection where one channel too many is asked for: the next one does with those that were granted.
    void session.closed.then(() => (channels = session.channels < asked ? session.channels : options.channels))
    return session
  }
  return {
    address,
    async connect(signal) {
      key ??= readPrivateKey(address, options)
      let refused: unknown
      for (const algorithms of policy.tries) {
        try {
          return await connectAs(algorithms, signal)
        } catch (error) {
          // Only a key of another type is worth another try; that the server has none of that type leaves the first refusal.
          const tryNext = error instanceof SftpHostKeyError || (refused !== undefined && isNoCommonAlgorithm(error))
          if (!tryNext) throw error
          refused ??= error
        }
      }
      throw refused
    },
  }
}

/** One connection attempt, whose socket does not outlive it unless a session comes of it. */
async function connectOnce(
  address: string,
  options: SftpConnectorOptions & { readonly key: ssh2.ParsedKey | undefined; readonly line: Line },
  policy: HostKeyPolicy,
  algorithms: readonly string[],
  signal: AbortSignal,
): Promise<Ssh2Session> {
  signal.throwIfAborted()
  const { clock, channels, connectTimeout, operationTimeout, username, key, line } = options
  // Callbacks of its own, or the library prints to the console.
  const sftpClient = new SftpClient('belay', { error: ignore, end: ignore, close: ignore })
  const client = sshClient(sftpClient)
  let firstError: SshError | undefined
  let shown: string | undefined
  // The library passes errors on without their level, which tells a refused key from a lost connection.
  client.on('error', (error: SshError) => (firstError ??= error))
  const login = new Login(proofs(options))
  client.on('ready', () => login.done())
  const { password } = options
  if (password !== undefined) {
    client.on('keyboard-interactive', (_name, _instructions, _language, prompts, finish) =>
      finish(prompts.map(() => password)),
    )
  }
  let giveUp: (error: unknown) => void = ignore
  const givenUp = new Promise<never>((_, reject) => (giveUp = reject))
  const onAbort = () => giveUp(signal.reason)
  // The library waits for a new one, which nobody here may choose.
  client.on('change password', () => {
    giveUp(
      new SftpAuthenticationError(address, options.username, 'the password has to be changed, by somebody who logs in'),
    )
  })
  const timer = clock.setTimeout(
    () => giveUp(new SftpUnreachableError(address, `no session within ${connectTimeout} ms`)),
    connectTimeout,
  )
  signal.addEventListener('abort', onAbort)
  const socket = gatherWrites(connect({ host: options.host, port: options.port, noDelay: true, lookup: systemLookup }))
  try {
    const connected = sftpClient.connect({
      ...credentials(options),
      sock: socket,
      username,
      authHandler: (takes: readonly string[] | null, isRight: boolean | null, show: ssh2.NextAuthHandler) =>
        login.next(takes, isRight, (proof) =>
          show(proof === 'publickey' && key ? { type: proof, username, key } : proof),
        ),
      algorithms: {
        serverHostKey: [...algorithms] as ssh2.ServerHostKeyAlgorithm[],
        // Removed first: what is in the library's list by itself cannot be put in front of it.
        cipher: { remove: fastCiphers, prepend: fastCiphers, append: [] },
      },
      hostVerifier: (key: Buffer) => {
        if (policy.accepts(key)) return true
        shown = fingerprint(key)
        return false
      },
      readyTimeout: 0, // ours covers the opening of the channel too
      keepaliveInterval: Math.max(1000, Math.round(operationTimeout / 3)),
      keepaliveCountMax: 3,
    })
    const sftp = await Promise.race([connected, givenUp])
    return new Ssh2Session(client, socket, sftp, channels, clock, operationTimeout, line)
  } catch (error) {
    client.destroy()
    socket.destroy()
    if (shown !== undefined) throw new SftpHostKeyError(address, policy.expected, shown, { cause: error })
    if (signal.aborted || error instanceof OperatingError) throw error
    // Servers also end the connection after as many refusals as they like.
    const isEnded = login.isRefused && firstError?.level !== 'client-socket'
    if (firstError?.level === 'client-authentication' || isEnded) {
      throw new SftpAuthenticationError(address, options.username, login.detail, { cause: firstError ?? error })
    }
    const cause = firstError ?? (error as SshError)
    throw new SftpUnreachableError(address, `${login.isDone ? 'it let us in, and then: ' : ''}${describe(cause)}`, {
      cause,
    })
  } finally {
    clock.clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

/** One pass over the bytes instead of two, and by the processor's own instructions. */
const fastCiphers: ssh2.CipherAlgorithm[] = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com']

type SshError = Error & { code?: unknown; level?: string }

const ignore = (): void => undefined

/** The ssh2 client beneath, which the library's types hide. */
const sshClient = (client: SftpClient): ssh2.Client => (client as unknown as { client: ssh2.Client }).client

function describe({ code, message }: SshError): string {
  if (/no matching/i.test(message)) return `${message}. An old server may have none that is safe today`
  if (/Unexpected (end|close) event/.test(message)) return 'the server ended the connection'
  return typeof code === 'string' && code !== '' && !message.includes(code) ? `${message} (${code})` : message
}

const isNoCommonAlgorithm = (error: unknown): boolean =>
  error instanceof SftpUnreachableError && /no matching/i.test(error.detail)

/** Keys first: a password that is tried in vain counts for more with many servers. */
const proofs = ({ privateKey, agent, password }: SftpConnectorOptions): Proof[] => [
  ...(privateKey === undefined ? [] : (['publickey'] as const)),
  ...(agent === undefined ? [] : (['agent'] as const)),
  ...(password === undefined ? [] : (['password', 'keyboard-interactive'] as const)),
]

const credentials = ({ password, agent }: SftpConnectorOptions): ssh2.ConnectConfig => ({
  ...(password !== undefined && { password, tryKeyboard: true }),
  ...(agent !== undefined && { agent }),
})

function readPrivateKey(address: string, options: SftpConnectorOptions): ssh2.ParsedKey | undefined {
  const { privateKey, passphrase } = options
  if (privateKey === undefined) return undefined
  const key = ssh2.utils.parseKey(privateKey, passphrase)
  if (key instanceof Error) throw new SftpCredentialsError(address, key.message)
  if (!key.isPrivateKey()) throw new SftpCredentialsError(address, 'it is a public key')
  return key
}
