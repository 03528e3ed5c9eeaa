import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { eventually } from './eventually.ts'
import { lastingPort } from './lasting-port.ts'
import { processView } from './processes.ts'

const run = promisify(execFile)
const sshdPath = '/usr/sbin/sshd'

export interface SshdOptions {
  /** Where sessions start; created where it doesn't exist. */
  readonly folder: string
  /** Any free port without it, which stays free while the server is down. */
  readonly port?: number
  /** Private key file of the host; a new ed25519 key without it. */
  readonly hostKey?: string
  /** Its log tells of each connection what was agreed on. */
  readonly tellsAll?: boolean
}

/** OpenSSH's own server on 127.0.0.1, for keys only, with the user that runs the test. */
export interface Sshd {
  readonly host: string
  readonly port: number
  readonly username: string
  readonly privateKeyFile: string
  /** OpenSSH text. */
  readonly privateKey: string
  readonly hostKeyFile: string
  /** `SHA256:…` */
  readonly hostKeyFingerprint: string
  /** A line for a known_hosts file. */
  readonly knownHostsLine: string
  /** Of the listening process; `undefined` while it doesn't run. */
  readonly pid: number | undefined
  /** Everything it has said. */
  readonly log: string
  /** Lets in another key, from the next login on. */
  authorize(publicKey: string): Promise<void>
  /** Processes of its sessions. */
  sessions(): Promise<number[]>
  /** SIGKILL to the listener and its sessions, and nothing is cleaned up. */
  kill(): Promise<void>
  /** SIGKILL to the listener alone: its sessions go on without it. */
  killListener(): Promise<void>
  /** SIGKILL to the sessions alone. */
  killSessions(): Promise<void>
  /** Starts it again on the same port with the same keys. */
  restart(): Promise<void>
  /** Ends all of it and removes keys and configuration. */
  stop(): Promise<void>
}

export async function startSshd({ folder, port: wanted, hostKey, tellsAll = false }: SshdOptions): Promise<Sshd> {
  const home = await mkdtemp(join(tmpdir(), 'belay-sshd-'))
  await mkdir(folder, { recursive: true })
  // sshd changes its root to this folder where it runs as root, and refuses to start without it.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  const hostKeyFile = hostKey ?? (await makeKey(join(home, 'host_key')))
  const privateKeyFile = await makeKey(join(home, 'client_key'))
  const authorizedKeys = join(home, 'authorized_keys')
  await writeFile(authorizedKeys, await readFile(`${privateKeyFile}.pub`))
  const port = wanted ?? (await lastingPort())
  const config = join(home, 'sshd_config')
  await writeFile(config, sshdConfig({ home, port, hostKeyFile, folder, tellsAll }))
  const [type = '', key = ''] = (await publicKey(hostKeyFile)).split(' ')
  const { stdout: printed } = await run('ssh-keygen', ['-lf', hostKeyFile])

  let child: ChildProcess | undefined
  let log = ''
  const start = async () => {
    const started = spawn(sshdPath, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] })
    child = started
    started.stderr.setEncoding('utf8').on('data', (text: string) => (log += text))
    await answers(port, started, () => log)
  }
  const sessions = () => (child?.pid === undefined ? Promise.resolve([]) : descendants(child.pid))
  const kill = async () => {
    if (child === undefined) return
    const exited = hasExited(child) ? undefined : once(child, 'exit')
    // The sessions first: without their parent they can no longer be found.
    const theirs = await sessions()
    for (const pid of [...theirs, child.pid ?? 0]) signal(pid)
    // Not its `close`: a session that nobody saw begin holds its standard error open.
    await exited
    await Promise.all(theirs.map(ended))
    child = undefined
  }
  await start()
  return {
    host: '127.0.0.1',
    port,
    username: userInfo().username,
    privateKeyFile,
    privateKey: await readFile(privateKeyFile, 'utf8'),
    hostKeyFile,
    hostKeyFingerprint: printed.split(' ')[1] ?? '',
    knownHostsLine: `[127.0.0.1]:${port} ${type} ${key}`,
    get pid() {
      return child?.pid
    },
    get log() {
      return log
    },
    authorize: (publicKey) => appendFile(authorizedKeys, `${publicKey.trim()}\n`),
    sessions,
    kill,
    killListener: async () => {
      if (child === undefined || hasExited(child)) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
    killSessions: async () => (await sessions()).forEach(signal),
    restart: async () => {
      await kill()
      await start()
    },
    stop: async () => {
      await kill()
      await rm(home, { recursive: true })
    },
  }
}

interface SshdConfig {
  readonly home: string
  readonly port: number
  readonly hostKeyFile: string
  readonly folder: string
  readonly tellsAll: boolean
}

const sshdConfig = (at: SshdConfig): string => `
ListenAddress 127.0.0.1
Port ${at.port}
HostKey ${at.hostKeyFile}
AuthorizedKeysFile ${join(at.home, 'authorized_keys')}
PidFile none
LogLevel ${at.tellsAll ? 'DEBUG1' : 'INFO'}
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
PermitRootLogin yes
MaxStartups 100
Subsystem sftp internal-sftp
ForceCommand internal-sftp -d ${at.folder}
`

const hasExited = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

async function makeKey(path: string): Promise<string> {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path])
  return path
}

const publicKey = async (file: string): Promise<string> => (await run('ssh-keygen', ['-yf', file])).stdout.trim()

/** Resolves when something listens on the port; rejects with sshd's own words if it ended instead. */
async function answers(port: number, child: ChildProcess, log: () => string): Promise<void> {
  const deadline = Date.now() + 10_000
  for (;;) {
    if (hasExited(child) || Date.now() > deadline) throw new Error(`sshd did not start: ${log()}`)
    const socket = connect(port, '127.0.0.1')
    const answered = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (answered) return
    await new Promise((done) => setTimeout(done, 20))
  }
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

const ended = (pid: number): Promise<true> =>
  eventually(`process ${pid} to end`, async () => {
    const { state = 'Z' } = (await processView(pid)) ?? {}
    return state === 'Z' || undefined
  })

/** Children of children too, read from /proc. */
async function descendants(root: number): Promise<number[]> {
  const parents = new Map<number, number>()
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    const parent = /^\d+ \(.*\) \S (\d+)/s.exec(stat)?.[1]
    if (parent !== undefined) parents.set(Number(name), Number(parent))
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid)
    return parent !== undefined && (parent === root || isBelow(parent))
  }
  return [...parents.keys()].filter(isBelow)
}
