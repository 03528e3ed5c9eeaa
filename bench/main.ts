/**
 * Measures Belay on this machine and prints the figures as JSON on standard output; what it is doing goes to standard error.
 *
 *     npm run --silent bench -- [--only NAME]… [--repeats 3] [--seconds 10] [--write]
 *
 * `--write` puts the figures into docs/performance.json, in the place of earlier ones of the same name, and renders docs/performance.md from
 * all that is there. Nothing here fails because a machine is slow.
 */
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandLine } from '../scripts/command-line.ts'
import { orList } from '../src/config/section.ts'
import { killLeftovers } from '../test/e2e/support/daemon.ts'
import { batches } from './batches.ts'
import type { Benchmark, Figures } from './benchmark.ts'
import { fairness } from './fairness.ts'
import { feed } from './feed.ts'
import { firstFrame } from './first-frame.ts'
import { rounded } from './figures.ts'
import { idle } from './idle.ts'
import { inOwnProcess } from './in-own-process.ts'
import { latency } from './latency.ts'
import { hardware } from '../scripts/hardware.ts'
import { memory } from './memory.ts'
import { page } from './page.ts'
import { type Family, writePerformance } from './performance-page.ts'
import { preview } from './preview.ts'
import { recovery } from './recovery.ts'
import { scale } from './scale.ts'
import { figureOf, isReached, targets } from './targets.ts'
import { throughput } from './throughput.ts'
import { Workshop } from './workshop.ts'

const benchmarks: Readonly<Record<string, Benchmark>> = {
  throughput,
  latency,
  scale,
  fairness,
  feed,
  preview,
  page,
  idle,
  memory,
  recovery,
  batches,
  firstFrame,
  pipes: inOwnProcess('pipes', new URL('./pipes.ts', import.meta.url)),
  sftp: inOwnProcess('sftp', new URL('./sftp.ts', import.meta.url)),
  manifest: inOwnProcess('manifest', new URL('./manifest.ts', import.meta.url)),
  csv: inOwnProcess('csv', new URL('./csv.ts', import.meta.url)),
  supervision: inOwnProcess('supervision', new URL('./supervision.ts', import.meta.url)),
}

const line = new CommandLine('bench')
const values = line.options({
  only: { type: 'string', multiple: true, default: Object.keys(benchmarks) },
  repeats: { type: 'string', default: '3' },
  seconds: { type: 'string', default: '10' },
  write: { type: 'boolean', default: false },
  // What it prints is JSON in any case; scripts may say so.
  json: { type: 'boolean', default: true },
})
const options = {
  repeats: line.wholeNumber('repeats', values.repeats),
  seconds: line.wholeNumber('seconds', values.seconds),
}
const chosen = values.only.map((name) => {
  const benchmark = benchmarks[name]
  if (benchmark === undefined) return line.refuse(`--only ${name}: expected ${orList(Object.keys(benchmarks))}`)
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
  const workshop = new Workshop(folder, (line) => console.error(line))
  const families: Record<string, Family> = {}
  for (const { name, benchmark } of chosen) {
    const tell = (line: string): void => console.error(`${name}: ${line}`)
    const before = loadavg()[0] ?? NaN
    const figures = await benchmark(workshop, { ...options, tell })
    const load = { before, after: loadavg()[0] ?? NaN }
    families[name] = rounded({ machine: hardware(), loadAverage: load, ...options, figures }) as Family
    if (values.write) await writePerformance(name, families[name])
  }
  const figures = merged(Object.values(families))
  console.log(JSON.stringify({ targets: judged(figures), ...figures, families }, null, 2))
} finally {
  cleanUp()
}

/** What is to be reached and was measured, by its key. */
function judged(figures: Figures): Readonly<Record<string, object>> {
  const all = targets.flatMap((target) => {
    const measured = figureOf(target, figures)
    return measured === undefined
      ? []
      : [[target.key, { measured, ...target.reach, reached: isReached(target, measured) }] as const]
  })
  return Object.fromEntries(all)
}

/** All figures by their keys: a family may have a part in more than one. */
function merged(families: readonly Family[]): Figures {
  const all: Record<string, object> = {}
  for (const { figures } of families) {
    for (const [key, part] of Object.entries(figures)) all[key] = { ...all[key], ...part }
  }
  return all
}
