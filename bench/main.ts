/**
 * Measures Belay on this machine and prints the figures as JSON on standard output; what it is doing goes to standard error.
 *
 *     npm run --silent bench -- [--only NAME]… [--frames 600] [--repeats 3] [--cameras 1]
 *
 * Nothing here fails because a machine is slow.
 */
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { killLeftovers } from '../test/e2e/support/daemon.ts'
import type { Benchmark } from './benchmark.ts'
import { rounded } from './figures.ts'
import { inOwnProcess } from './in-own-process.ts'
import { machine } from './machine.ts'
import { throughput } from './throughput.ts'

const benchmarks: Readonly<Record<string, Benchmark>> = {
  throughput,
  sftp: inOwnProcess(new URL('./sftp.ts', import.meta.url)),
  manifest: inOwnProcess(new URL('./manifest.ts', import.meta.url)),
  csv: inOwnProcess(new URL('./csv.ts', import.meta.url)),
  supervision: inOwnProcess(new URL('./supervision.ts', import.meta.url)),
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: Object.keys(benchmarks) },
    frames: { type: 'string', default: '600' },
    repeats: { type: 'string', default: '3' },
    cameras: { type: 'string', default: '1' },
    // What it prints is JSON in any case; scripts may say so.
    json: { type: 'boolean', default: true },
  },
})

function wholeNumber(option: 'frames' | 'repeats' | 'cameras'): number {
  const number = Number(values[option])
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${option} ${values[option]}: expected a whole number`)
  return number
}

const options = { frames: wholeNumber('frames'), repeats: wholeNumber('repeats'), cameras: wholeNumber('cameras') }
const chosen = values.only.map((name) => {
  const benchmark = benchmarks[name]
  if (benchmark === undefined) throw new Error(`--only ${name}: expected ${Object.keys(benchmarks).join(' or ')}`)
  return { name, benchmark }
})

const folder = await mkdtemp(join(tmpdir(), 'belay-bench-'))
const cleanUp = (): void => {
  killLeftovers()
  rmSync(folder, { recursive: true, force: true })
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    cleanUp()
    // Not `exit`: a thread that is ended while it runs a model aborts the process.
    process.kill(process.pid, 'SIGKILL')
  })
}
try {
  const results: Record<string, unknown> = { machine: machine() }
  for (const { name, benchmark } of chosen) {
    const tell = (line: string): void => console.error(`${name}: ${line}`)
    results[name] = await benchmark({ ...options, folder, tell })
  }
  console.log(JSON.stringify(rounded(results), null, 2))
} finally {
  cleanUp()
}
