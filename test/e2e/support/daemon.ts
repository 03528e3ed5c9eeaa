import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { DaemonState } from '../../../src/inspection-feed/protocol.ts'
import { descendants, processView } from '../../support/processes.ts'
import { eventually } from '../../support/eventually.ts'

export const main = fileURLToPath(new URL('../../../dist/main.js', import.meta.url))

export interface LogLine {
  readonly level: string
  readonly time: string
  readonly actor: string
  readonly fact: string
  readonly [field: string]: unknown
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** The built daemon as a process of its own. */
export interface RunningDaemon {
  readonly pid: number
  /** Every line of its log so far. */
  readonly log: readonly LogLine[]
  /** Everything it has said on standard error. */
  readonly stderr: string
  readonly exit: Promise<Exit>
  /** Where the page is. @throws it does not listen yet. */
  url(): string
  /** What `/api/state` says. */
  state(): Promise<DaemonState>
  /** Asks for the state until `met` holds, and resolves with it. Fails after `seconds`, or when the process has ended. */
  until(what: string, met: (state: DaemonState) => boolean, seconds?: number): Promise<DaemonState>
  signal(signal: NodeJS.Signals): void
  /** Its processes: ffmpeg and what ffmpeg runs in. */
  children(): Promise<number[]>
}

const started = new Set<ChildProcess>()

/** Ends every daemon that a failed test has left. */
export function killLeftovers(): void {
  for (const child of started) child.kill('SIGKILL')
}

export function startDaemon(
  configFile: string,
  environment: Record<string, string> = {},
  words: readonly string[] = [],
  /** To look with, where the configuration asks for one. */
  token?: string,
  /** Words in front of the program's. */
  inside: readonly string[] = [],
): RunningDaemon {
  const [program = '', ...further] = [...inside, process.execPath, main, 'run', configFile, ...words]
  const child = spawn(program, further, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  started.add(child)
  const pid = child.pid
  if (pid === undefined) throw new Error(`${main} could not be started`)
  const log: LogLine[] = []
  let rest = ''
  let stderr = ''
  let over: Exit | undefined
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) log.push(JSON.parse(line) as LogLine)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const exit = once(child, 'close').then(([code, signal]) => {
    started.delete(child)
    over = { code: code as number | null, signal: signal as NodeJS.Signals | null }
    return over
  })

  const url = () => {
    const line = log.find(
      ({ fact, why }) => fact === 'state' && typeof why === 'string' && why.startsWith('listens at '),
    )
    return (line?.['why'] as string | undefined)?.slice('listens at '.length)
  }
  const listening = () => {
    const at = url()
    if (at === undefined) throw new Error('The daemon does not listen yet')
    return at
  }
  const state = async () => {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const answer = await fetch(`${listening()}/api/state`, { headers })
    return (await answer.json()) as DaemonState
  }
  return {
    pid,
    log,
    get stderr() {
      return stderr
    },
    exit,
    url: listening,
    state,
    until(what, met, seconds = 60) {
      let last: DaemonState | undefined
      return eventually(
        () => `${what}; the daemon says ${JSON.stringify(last)}; its log ends with ${JSON.stringify(log.slice(-20))}`,
        async () => {
          if (over !== undefined)
            throw new Error(`The daemon ended with ${JSON.stringify(over)}\n${stderr}${JSON.stringify(log.slice(-20))}`)
          if (url() === undefined) return undefined
          const now = await state().catch(() => undefined)
          last = now ?? last
          return now !== undefined && met(now) ? now : undefined
        },
        seconds,
      )
    },
    signal: (signal) => void child.kill(signal),
    children: async () => (await descendants(pid)).map((view) => view.pid),
  }
}

/** Whether a process is there and is no zombie. */
export const isAlive = async (pid: number): Promise<boolean> => {
  const view = await processView(pid)
  return view !== undefined && view.state !== 'Z'
}
