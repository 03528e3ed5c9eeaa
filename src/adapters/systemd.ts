import { type ChildProcess, spawn } from 'node:child_process'
import { type EventEmitter, once } from 'node:events'
import { milliseconds } from '../domain/units.ts'
import type { Log } from '../ports/log.ts'
import type { ServiceManager } from '../ports/service-manager.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Messages that wait to be told; more means that systemd takes none, and the oldest go, but for what it has to know. */
const mostWaiting = 8

/** Where we are: without `READY=1` a start would never end for systemd. Of several only the latest holds. */
const isStanding = (word: string): boolean => /^(?:READY|RELOADING|STOPPING)=1$/.test(word)

/**
 * systemd, where it has started us with `Type=notify`; `undefined` where it hasn't.
 *
 * Node has no datagram sockets of Unix, so that `systemd-notify` speaks for us: the unit needs `NotifyAccess=all`.
 */
export function systemdManager(environment: Environment, log: Log): ServiceManager | undefined {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: period, WATCHDOG_PID: watched } = environment
  if (socket === undefined || socket === '') return undefined
  const isOurs = watched === undefined || watched === String(process.pid)
  const waiting: (readonly string[])[] = []
  let telling: Promise<void> | undefined
  /** What was left out, or could not be told, and goes with the next. */
  let owed: string | undefined

  async function tellAll(): Promise<void> {
    for (let words = waiting.shift(); words !== undefined; words = waiting.shift()) {
      const all = owed === undefined || words.some(isStanding) ? words : [owed, ...words]
      owed = undefined
      const failure = await notify(all, { ...environment, NOTIFY_SOCKET: socket })
      if (failure === undefined) continue
      log.warn('systemd could not be told', { words: all, why: failure })
      // What was left out meanwhile is later.
      owed ??= all.find(isStanding)
    }
    telling = undefined
  }

  return {
    watchdog: isOurs && Number(period) > 0 ? milliseconds(Number(period) / 1000) : undefined,
    tell(words) {
      waiting.push(words)
      if (waiting.length > mostWaiting) owed = waiting.shift()?.find(isStanding) ?? owed
      telling ??= tellAll()
    },
    settled: () => telling ?? Promise.resolve(),
  }
}

/** Why it could not be told; `undefined` if it was. */
async function notify(words: readonly string[], env: Environment): Promise<string | undefined> {
  let complaint = ''
  try {
    // Where the system has no more memory it throws; where no file can be opened, what comes back has no streams.
    const child: Partial<Pick<ChildProcess, 'stderr'>> & EventEmitter = spawn('systemd-notify', words, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...env },
      timeout: 10_000,
    })
    child.stderr?.on('data', (text: Buffer) => (complaint = (complaint + String(text)).slice(0, 500)))
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    return code === 0 ? undefined : `systemd-notify ended with ${code ?? signal}: ${complaint.trim()}`
  } catch (error) {
    return `systemd-notify: ${(error as Error).message}`
  }
}
