import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { styleText } from 'node:util'
import { systemClock } from '../adapters/system-clock.ts'
import { seconds } from '../domain/units.ts'
import { askDaemon, type Asked } from './status/ask-daemon.ts'
import { reachable } from './check/check-address.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { troublesOf } from '../inspection-feed/health.ts'
import { createPainter } from './terminal/painter.ts'
import { configWithoutSecrets } from './read-config.ts'
import { statusLines } from './status/status-lines.ts'
import { whoHolds } from './status/who-holds.ts'
import { systemWords } from './terminal/system-words.ts'
import { hasColour, type Terminal, widthOf } from './terminal/terminal.ts'

export interface StatusOptions {
  /** Where the daemon is; otherwise as its configuration says. */
  readonly url?: string
  readonly tokenFile?: string
  /** Again and again, until a signal. */
  readonly watch?: boolean
  /** For programs: the state as `GET /api/state` has it, and what is amiss. */
  readonly json?: boolean
}

const every = seconds(1)

/**
 * `belay status`: what a running daemon says of itself.
 * 0: all is well; 1: something is amiss, and what; 64: nobody says where it is, or a configuration and an address do; 69: it doesn't answer; 77: it asks for another token; 78: the configuration is wrong.
 */
export async function statusCommand(
  file: string | undefined,
  options: StatusOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  // The configuration is there for its address: with two of them one would be ignored.
  if (options.url !== undefined && file !== undefined) {
    terminal.err('error: expected either a configuration or --url URL, found both\n')
    return exitCodes.usage
  }
  const place = options.url === undefined ? await placeIn(file, terminal) : { url: options.url }
  if (place === undefined) return file === undefined ? exitCodes.usage : exitCodes.config
  const { url } = place
  const token = await tokenOf(options, terminal)
  if (token === unreadable) return exitCodes.denied
  if (options.watch !== true) {
    const asked = await ask(place, token)
    if (!asked.ok) terminal.err(`${asked.words}\n`)
    else if (options.json === true)
      terminal.out(`${JSON.stringify({ troubles: troublesOf(asked.state), state: asked.state })}\n`)
    else terminal.out(`${linesOf(asked, url, terminal).join('\n')}\n`)
    return codeOf(asked)
  }
  const painter = createPainter(terminal)
  let wake = (): void => undefined
  let stopped = false
  terminal.onSignal(() => {
    stopped = true
    wake()
  })
  let asked: Asked
  do {
    asked = await ask(place, token)
    painter.paint(linesOf(asked, url, terminal))
    await new Promise<void>((resolveWait) => {
      wake = resolveWait
      if (stopped) resolveWait()
      else systemClock.setTimeout(resolveWait, every)
    })
  } while (!stopped)
  painter.done()
  return codeOf(asked)
}

interface Place {
  readonly url: string
  /** Where a configuration says so. */
  readonly dataFolder?: string
}

async function ask({ url, dataFolder }: Place, token: string | undefined): Promise<Asked> {
  const asked = await askDaemon(url, token)
  if (asked.ok || asked.isNoBelay !== true || dataFolder === undefined) return asked
  return { ...asked, words: `${asked.words}${await whoHolds(dataFolder)}` }
}

async function placeIn(file: string | undefined, terminal: Terminal): Promise<Place | undefined> {
  if (file === undefined) {
    terminal.err('error: expected a configuration, or --url URL\n')
    return undefined
  }
  const config = await configWithoutSecrets(file, terminal)
  if (config === undefined) return undefined
  const { dataFolder, http } = config
  const { host, port } = http
  if (port !== 0) return { url: `http://${reachable(host)}:${port}`, dataFolder }
  terminal.err(
    `${file}: http.port is 0, any free one; its log says which: belay status --url http://${reachable(host)}:PORT\n`,
  )
  return undefined
}

const unreadable = Symbol('unreadable')

async function tokenOf(
  { tokenFile }: StatusOptions,
  terminal: Terminal,
): Promise<string | undefined | typeof unreadable> {
  if (tokenFile === undefined) return terminal.environment['BELAY_TOKEN']
  try {
    return (await readFile(resolve(terminal.folder, tokenFile), 'utf8')).trim()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    terminal.err(`${tokenFile}: expected a file with the token, found ${systemWords(code)}\n`)
    return unreadable
  }
}

function linesOf(asked: Asked, url: string, terminal: Terminal): string[] {
  if (!asked.ok) return [asked.words]
  const troubles = troublesOf(asked.state)
  const verdict = troubles.length === 0 ? ['all is well'] : troubles.map((trouble) => `! ${trouble}`)
  const colour = troubles.length === 0 ? 'green' : 'red'
  const painted = hasColour(terminal) ? verdict.map((line) => styleText(colour, line)) : verdict
  return [...statusLines(asked.state, url, widthOf(terminal, 120)), '', ...painted]
}

function codeOf(asked: Asked): ExitCode {
  if (!asked.ok) return asked.code
  return troublesOf(asked.state).length === 0 ? exitCodes.ok : exitCodes.failed
}
