/**
 * Kills the built daemon, the sessions of the real sshd and sshd itself, again and again at random moments, and then holds
 * the server to what the daemon had accepted, by its log and by what stood on the disk after each kill: each row once, no file
 * ever shown before it was whole.
 *
 *     npm run torture -- [--rounds 200] [--seed 1]
 *
 * Prints the account as JSON on standard output, what it is doing on standard error; exits with 1 where something is wrong.
 * A seed repeats the strikes and their times; what the machine makes of them is its own.
 */
import { CommandLine } from './command-line.ts'
import { torture } from './torture/kill-loop.ts'

const line = new CommandLine('torture')
const values = line.options({
  rounds: { type: 'string', default: '200' },
  seed: { type: 'string', default: String(Date.now() % 1_000_000) },
})
const rounds = line.wholeNumber('rounds', values.rounds)
const seed = line.wholeNumber('seed', values.seed, 0)
console.error(`seed ${seed}`)
const report = await torture({ rounds, seed, tell: (line) => console.error(line) })
console.log(JSON.stringify(report, null, 2))
process.exitCode = report.faults.length === 0 ? 0 : 1
