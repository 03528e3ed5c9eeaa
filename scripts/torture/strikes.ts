import { type RunningDaemon } from '../../test/e2e/support/daemon.ts'
import type { Sshd } from '../../test/support/sshd.ts'
import type { Chance } from './chance.ts'

/** How often each strike is in a deck. */
const deck = { daemon: 4, unrecorded: 1, session: 3, listener: 1, server: 2, pause: 2 }

/**
 * `daemon`, `unrecorded` (the daemon again, when a file has its name on the server and no record here), `session` (what the server runs for our connection), `listener` (sshd without its sessions) and `server` (sshd with
 * them) are killed by SIGKILL; `pause` stops the server by SIGSTOP for a while, often for longer than the daemon waits for an answer.
 */
export type Strike = keyof typeof deck

/** Deals strikes from a shuffled deck, and from another one after it: each kind comes in every thirteen, whatever the seed. */
export class Strikes {
  readonly #left: Record<Strike, number> = noStrikes()

  constructor(private readonly chance: Chance) {}

  next(): Strike {
    if (Object.values(this.#left).every((count) => count === 0)) Object.assign(this.#left, deck)
    const strike = this.chance.pick(this.#left)
    this.#left[strike]--
    return strike
  }
}

export const noStrikes = (): Record<Strike, number> => ({
  daemon: 0,
  unrecorded: 0,
  session: 0,
  listener: 0,
  server: 0,
  pause: 0,
})

/** Strikes at once; those that look for their own moment are dealt elsewhere. Afterwards the server runs again. */
export async function deal(
  strike: Exclude<Strike, 'unrecorded'>,
  daemon: RunningDaemon,
  sshd: Sshd,
  chance: Chance,
): Promise<void> {
  switch (strike) {
    case 'daemon':
      daemon.signal('SIGKILL')
      await daemon.exit
      return
    case 'session':
      return sshd.killSessions()
    case 'listener':
      await sshd.killListener()
      await sleep(chance.between(0, 300))
      return sshd.restart()
    case 'server':
      await sshd.kill()
      await sleep(chance.between(0, 500))
      return sshd.restart()
    case 'pause': {
      const stopped = [sshd.pid, ...(await sshd.sessions())]
      for (const pid of stopped) send('SIGSTOP', pid)
      await sleep(chance.between(50, 1500))
      for (const pid of stopped) send('SIGCONT', pid)
    }
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** To a process that may have ended meanwhile. */
function send(signal: NodeJS.Signals, pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
