/**
 * Runs recorded supervisor programs through our decision core: JSON lines in, each with our answer as `expected` out.
 *
 *     npm run --silent otp-replay < programs.jsonl
 *     npm run --silent otp-replay -- --check < recorded.jsonl    those alone whose own `expected` is another; 1 if there are any
 *
 * The format is that of `test/fixtures/otp`. A line that is no program ends it with 1, and says what is wrong with it.
 */
import process from 'node:process'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { CommandLine } from './command-line.ts'
import { answerTo } from './otp-replay/answer-to.ts'
import { readProgram } from './otp-replay/program.ts'

export interface Replay {
  readonly lines: AsyncIterable<string> | Iterable<string>
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Prints no program but those whose `expected` is not our answer. */
  readonly check?: boolean
}

/** Answers programs, a line each, up to the first line that is none. Resolves with the exit code. */
export async function replay({ lines, out, err, check = false }: Replay): Promise<number> {
  let number = 0
  let differing = 0
  let programs = 0
  for await (const line of lines) {
    number++
    if (line.trim() === '') continue
    try {
      const program = readProgram(line)
      programs++
      const answered = `${JSON.stringify({ ...program, expected: answerTo(program) })}\n`
      if (check && answered === `${JSON.stringify(program)}\n`) continue
      differing++
      out(answered)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      err(`otp-replay: line ${number} is no program: ${error.message}\n`)
      return 1
    }
  }
  if (check) err(`${programs} programs, ${differing} of them answered otherwise than they say\n`)
  return check && differing > 0 ? 1 : 0
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  // Whoever reads the answers has enough of them (`otp-replay | head`).
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  })
  process.exitCode = await replay({
    lines: createInterface({ input: process.stdin, crlfDelay: Infinity }),
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    check: new CommandLine('otp-replay').options({ check: { type: 'boolean', default: false } }).check,
  })
}
