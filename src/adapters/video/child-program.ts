import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { seconds } from '../../domain/units.ts'
import type { Clock, TimerHandle } from '../../ports/clock.ts'
import { LineSplitter } from './line-splitter.ts'

export interface ProgramOptions {
  readonly command: string
  readonly args: readonly string[]
  /** Written to its standard input, which is then closed; without it, the input is empty. */
  readonly stdin: string | undefined
  /** Becomes its standard output, and is ours no more. */
  readonly stdout: Socket
  /** Each line of its standard error. */
  readonly onComplaint: (line: string) => void
  readonly clock: Clock
}

/** How a program ended: by its own exit code, by a signal, or by never having run. */
export type ProgramEnd =
  | { readonly type: 'exited'; readonly code: number }
  | { readonly type: 'killed'; readonly signal: NodeJS.Signals }
  | { readonly type: 'not-started'; readonly systemCode: string }

/** Between the request to end and the order to. */
const patience = seconds(2)

/** What a program of ours sees of our environment, which may hold the secrets of others. */
const passedOn = ['PATH', 'HOME', 'TMPDIR', 'LD_LIBRARY_PATH']

/**
 * A program in a process group of its own, that dies with this process, even by SIGKILL.
 *
 * Only the main thread may start one: the kernel counts the end of the thread that started it as our end.
 */
export class ChildProgram {
  /** Resolves when no process of it is left and all its complaints have been heard. */
  readonly closed: Promise<ProgramEnd>
  /** `undefined`: it could not be made, or is no more. */
  #child: ChildProcess | undefined
  readonly #clock: Clock
  #stopping = false
  #deadline: TimerHandle

  constructor({ command, args, stdin, stdout, onComplaint, clock }: ProgramOptions) {
    this.#clock = clock
    const start = (): ChildProcess =>
      spawn('setpriv', ['--pdeathsig', 'KILL', '--', command, ...args], {
        detached: true,
        env: {
          ...Object.fromEntries(passedOn.map((name) => [name, process.env[name]])),
          LC_ALL: 'C',
          AV_LOG_FORCE_NOCOLOR: '1',
        },
        stdio: ['pipe', stdout, 'pipe'],
      })
    const child = madeOrNot(start)
    // Or its end would never be seen by whoever reads.
    stdout.destroy()
    if (typeof child === 'string') {
      this.closed = Promise.resolve({ type: 'not-started', systemCode: child })
      return
    }
    this.#child = child
    const lines = new LineSplitter(onComplaint)
    child.stderr?.on('data', (chunk: Buffer) => lines.push(chunk))
    // A pipe breaks when the program ends, and that is told by `closed`.
    for (const stream of [child.stdin, child.stderr]) stream?.on('error', () => stream.destroy())
    child.stdin?.end(stdin ?? '')
    this.closed = new Promise((resolve) => {
      child.on('error', (error: NodeJS.ErrnoException) => {
        if (child.pid === undefined) resolve({ type: 'not-started', systemCode: error.code ?? error.message })
      })
      // Not `exit`: output may still be on its way then.
      child.on('close', (code, signal) => {
        if (this.#stopping) clock.clearTimeout(this.#deadline)
        this.#child = undefined
        lines.end()
        if (child.pid === undefined) return
        resolve(signal === null ? { type: 'exited', code: code ?? -1 } : { type: 'killed', signal })
      })
    })
  }

  /** Asks the whole group to end, and kills it two seconds later. */
  stop(): void {
    if (this.#stopping || this.#child === undefined) return
    this.#stopping = true
    this.#signal('SIGTERM')
    this.#deadline = this.#clock.setTimeout(() => this.#signal('SIGKILL'), patience)
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#child?.pid === undefined) return
    try {
      process.kill(-this.#child.pid, signal)
    } catch (error) {
      // The group is gone already.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

/** Why it could not be made, as the system calls it: Node tells some of that later, and throws the rest. */
function madeOrNot(start: () => ChildProcess): ChildProcess | string {
  try {
    return start()
  } catch (error) {
    const { syscall, code } = error as NodeJS.ErrnoException
    if (syscall !== 'spawn' || code === undefined) throw error
    return code
  }
}
