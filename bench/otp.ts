import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** One start and one stop of all children. Processor time is that of all threads. */
export interface Round {
  readonly startMs: number
  readonly stopMs: number
  readonly startCpuMs: number
  readonly stopCpuMs: number
}

export interface OtpRounds {
  readonly release: string
  readonly inOrder: readonly Round[]
  readonly sideBySide: readonly Round[]
  readonly slowToStop: Round
}

export interface OtpRun {
  readonly count: number
  readonly rounds: number
  readonly slow: { readonly count: number; readonly stopMs: number }
}

type Line = Round & { readonly case: string; readonly otp: string }

/** The same by Erlang/OTP; `undefined` where there is no Erlang. */
export function otpRounds({ count, rounds, slow }: OtpRun): OtpRounds | undefined {
  const script = fileURLToPath(new URL('./otp-supervision.escript', import.meta.url))
  const args = [script, ...[count, rounds, slow.count, slow.stopMs].map(String)]
  const { error, status, stdout, stderr } = spawnSync('escript', args, { encoding: 'utf8' })
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') return undefined
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`escript ended with ${status}: ${stdout}${stderr}`)
  return otpRoundsIn(stdout)
}

/** What the script has printed: a line of JSON for each round. */
export function otpRoundsIn(text: string): OtpRounds {
  const lines = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]))
  const of = (name: string) => lines.filter((line) => line.case === name)
  const [slowToStop] = of('slow to stop, side by side')
  if (slowToStop === undefined) throw new Error(`The OTP run has not come to its end; it said:\n${text}`)
  return { release: slowToStop.otp, inOrder: of('in order'), sideBySide: of('side by side'), slowToStop }
}
