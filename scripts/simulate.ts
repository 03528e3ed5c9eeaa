/**
 * Simulates the whole daemon on virtual time, with faults, run after run; each is a seed's.
 *
 *     npm run simulate -- --seeds 20000 --from 1        many runs, on every core; the coverage is printed at the end
 *     npm run simulate -- --seed 42 --trace out.jsonl   one run, with all that happened in it
 *     npm run simulate -- --tape 12:3,40:1              the run of this tape: these choices, and all others benign
 *     npm run simulate -- --mutant 'all slots'          a daemon with this mistake (test/simulation/mutants.ts) instead
 *     npm run simulate -- --mutants                     looks for a seed that finds out each mistake, and remembers it
 *
 * Ends with 1 where an invariant was violated: the run is made short, and the command that repeats it is printed.
 */
import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { bundle, simulationOf } from '../test/simulation/bundle.ts'
import { Coverage } from '../test/simulation/coverage.ts'
import { findOut, foundAt, foundAtFile } from '../test/simulation/find-out.ts'
import type { Share, ShareDone } from '../test/simulation/run-share.ts'
import type { Mutant } from '../test/simulation/mutant.ts'
import { commonMutants, mutants } from '../test/simulation/mutants.ts'
import { missed } from '../test/simulation/missed.ts'
import { shrink } from '../test/simulation/shrink.ts'
import type { Run, SimulateOptions } from '../test/simulation/simulate.ts'
import { formatTape, parseTape } from '../test/simulation/tape.ts'
import { CommandLine } from './command-line.ts'

/** What a run makes dies with it: a thread collects its garbage after some fifteen runs, and finds little that is alive. */
const nurseryMb = 64

/** More failing runs than this are counted, and not made short. */
const mostShown = 5

async function many(from: number, count: number, jobs: number): Promise<number> {
  const to = from + count - 1
  const shares = Array.from({ length: jobs }, (_, index) => ({ from: from + index, to, step: jobs }))
  const file = await bundle('run-share.ts', 'share', mutant)
  // Of threads that begin from now on; V8 would let them grow to it bit by bit.
  setFlagsFromString(`--min-semi-space-size=${nurseryMb}`)
  const began = process.cpuUsage()
  const done = await Promise.all(shares.map((share) => runInThread(file, share)))
  // Of all threads, those that compile and collect garbage included.
  const { user, system } = process.cpuUsage(began)
  const seconds = (user + system) / 1e6
  const coverage = new Coverage()
  for (const share of done) coverage.merge(share.coverage)
  const runs = done.reduce((total, share) => total + share.runs, 0)
  const steps = done.reduce((total, share) => total + share.steps, 0)
  console.log('actor                  state        events faults     times')
  for (const line of coverage.summary()) console.log(line)
  console.log('never met:')
  for (const line of missed(coverage)) console.log(`  ${line}`)
  console.log('faults never met:')
  for (const line of coverage.spared()) console.log(`  ${line}`)
  console.log(
    `${runs} runs of ${Math.round(steps / runs)} steps, ${Math.round(runs / seconds)} a second a core, ` +
      `${coverage.size} combinations of actor, state and event or fault`,
  )
  const forgotten = done.reduce((total, share) => total + share.forgotten, 0)
  console.log(`${forgotten} delivered files were forgotten by a server that lost its power`)
  const failing = done.flatMap((share) => share.failing).sort(bySeed)
  for (const run of failing.slice(0, mostShown)) await explain(run)
  if (failing.length > mostShown) {
    console.log(
      `${failing.length - mostShown} more: seeds ${failing
        .slice(mostShown)
        .map(({ seed }) => seed)
        .join(', ')}`,
    )
  }
  return failing.length
}

const bySeed = (a: Run, b: Run): number => Number(a.seed) - Number(b.seed)

function runInThread(file: string, share: Share): Promise<ShareDone> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(file, {
      workerData: share,
      // V8 keeps three of them.
      resourceLimits: { maxYoungGenerationSizeMb: 3 * nurseryMb },
      execArgv: [],
    })
    worker.once('message', (done: ShareDone) => resolve(done))
    worker.once('error', reject)
  })
}

async function explain(run: Run): Promise<void> {
  const short = await shrink(await simulationOf(mutant, 'to-shrink'), run)
  const eager = short.choices.filter((choice) => choice !== 0).length
  console.log(`seed ${run.seed} violates: ${short.violation?.invariant}`)
  console.log(`  ${short.violation?.detail}`)
  console.log(`  ${eager} choices are enough:`)
  const which = mutant === undefined ? '' : ` --mutant '${mutant.name}'`
  console.log(`  npm run simulate -- --tape ${formatTape(short.choices)}${which} --trace trace.jsonl`)
}

/** Of a seed, or of a tape. */
async function one(of: Pick<SimulateOptions, 'seed' | 'choices'>, traceFile: string | undefined): Promise<number> {
  const simulate = await simulationOf(mutant, 'one')
  const lines: string[] = []
  const run = await simulate({
    ...of,
    ...(traceFile !== undefined && { trace: (entry) => lines.push(JSON.stringify(entry)) }),
  })
  if (traceFile !== undefined) writeFileSync(traceFile, `${lines.join('\n')}\n`)
  const name = of.seed === undefined ? 'the tape' : `seed ${of.seed}`
  if (run.violation === undefined) console.log(`${name}: every invariant held for ${run.steps} steps`)
  else if (of.choices === undefined) await explain(run)
  else console.log(`${name} violates: ${run.violation.invariant}\n  ${run.violation.detail}`)
  return run.violation === undefined ? 0 : 1
}

/** A seed for each mistake, the one that is remembered where it still finds it out; how many are not found out. */
async function eachMutant(): Promise<number> {
  const seeds: Record<string, number> = {}
  let missing = 0
  for (const [index, mutant] of commonMutants.entries()) {
    const { seed, broken } = await findOut(await simulationOf(mutant, `mutant-${index}`), mutant)
    console.log(`${seed ?? 'none'}\t${mutant.name}${seed === undefined ? `: found ${[...broken].join(', ')}` : ''}`)
    if (seed === undefined) missing++
    else seeds[mutant.name] = seed
    // After each: whoever stops it goes on from there.
    writeFileSync(foundAtFile, `${JSON.stringify({ ...foundAt, ...seeds }, null, 2)}\n`)
  }
  writeFileSync(foundAtFile, `${JSON.stringify(seeds, null, 2)}\n`)
  return missing
}

/** The one that is named, or whose name begins so. */
function mutantOf(text: string): Mutant {
  const found = mutants.filter(({ name }) => name === text || name.startsWith(text))
  if (found[0] !== undefined && found.length === 1) return found[0]
  return line.refuse(`--mutant ${text}: expected one of:\n${mutants.map(({ name }) => `  ${name}`).join('\n')}`)
}

function choicesOf(text: string): number[] {
  try {
    return parseTape(text)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return line.refuse(`--tape ${text}: ${error.message}`)
  }
}

const line = new CommandLine('simulate')
const values = line.options({
  seeds: { type: 'string', default: '2000' },
  from: { type: 'string', default: '1' },
  jobs: { type: 'string', default: String(availableParallelism()) },
  seed: { type: 'string' },
  tape: { type: 'string' },
  trace: { type: 'string' },
  mutant: { type: 'string' },
  mutants: { type: 'boolean', default: false },
})
const mutant = values.mutant === undefined ? undefined : mutantOf(values.mutant)
const { seed, tape, trace } = values
if (seed !== undefined && tape !== undefined)
  line.refuse('--seed and --tape: a tape is a run of its own, expected one of them')
const of = tape === undefined ? seed && { seed: line.wholeNumber('seed', seed) } : { choices: choicesOf(tape) }
const failures = values.mutants
  ? await eachMutant()
  : of
    ? await one(of, trace)
    : await many(
        line.wholeNumber('from', values.from),
        line.wholeNumber('seeds', values.seeds),
        line.wholeNumber('jobs', values.jobs),
      )
process.exitCode = failures > 0 ? 1 : 0
