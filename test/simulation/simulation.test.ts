import { describe, expect, it } from 'vitest'
import { ActorPictures } from '../../src/inspection-feed/actor-pictures.ts'
import { mailboxIn } from '../../src/inspection-feed/actor-gauges.ts'
import { readRecording } from '../../src/inspection-feed/recording.ts'
import { knownFailures } from './known-failures.ts'
import { mutants } from './mutants.ts'
import { simulationOf } from './bundle.ts'
import { simulate, type SimulateOptions } from './simulate.ts'
import { formatTape, parseTape } from './tape.ts'

/** The same seeds each time, whatever the day. */
const seeds = { from: 1, to: 2_000 }

async function traceOf(options: SimulateOptions): Promise<string> {
  const lines: string[] = []
  await simulate({ ...options, trace: (entry) => lines.push(`${JSON.stringify(entry)}\n`) })
  return lines.join('')
}

describe('the whole daemon, simulated', () => {
  it(`holds what it promises in the runs ${seeds.from} to ${seeds.to}`, { timeout: 600_000 }, async () => {
    const run = await simulationOf(undefined, 'as-it-is')
    for (let seed = seeds.from; seed <= seeds.to; seed++) {
      const { violation } = await run({ seed })
      expect(violation, `npm run simulate -- --seed ${seed} --trace trace.jsonl`).toBeUndefined()
    }
  })

  it.each(knownFailures)('holds it in the run that found: $found', async ({ tape }) => {
    const run = await simulate({ choices: parseTape(tape) })
    expect(run.violation).toBeUndefined()
  })

  it.each(knownFailures)(
    'finds it again, by the tape, in a daemon with the mistake: $mutant',
    async ({ tape, mutant: name }) => {
      const mutant = mutants.find((each) => each.name === name)
      expect(mutant?.name).toBe(name)
      const simulateMistake = await simulationOf(
        mutant,
        `found-again-${knownFailures.findIndex((each) => each.mutant === name)}`,
      )
      expect((await simulateMistake({ choices: parseTape(tape) })).violation?.invariant).toBe(mutant?.breaks)
    },
  )
})

describe('a run', () => {
  it.each([7, 42, 404])('with seed %i goes the same way each time, to the last byte of its trace', async (seed) => {
    const trace = await traceOf({ seed })
    expect(trace.length).toBeGreaterThan(1_000)
    expect(await traceOf({ seed })).toBe(trace)
  })

  it('is repeated by its tape, which can be written down', async () => {
    const seed = 11
    const { choices } = await simulate({ seed })
    expect(formatTape(choices)).not.toBe('')
    const again = parseTape(formatTape(choices))
    expect(await traceOf({ seed, choices: again })).toBe(await traceOf({ seed }))
    // Without the first line, which tells the seed: nothing else does.
    const records = (trace: string): string => trace.slice(trace.indexOf('\n'))
    expect(records(await traceOf({ choices: again }))).toBe(records(await traceOf({ seed })))
  })

  it('leaves a trace that the inspector opens, whatever became of its processes', async () => {
    for (const seed of [7, 42, 404]) {
      const { header, records } = readRecording(await traceOf({ seed }))
      expect(header).toMatchObject({ source: 'simulation', seed })
      records.forEach(({ sequence, monotonic }, index) => {
        expect(sequence).toBe(index + 1)
        expect(monotonic).toBeGreaterThanOrEqual(records[index - 1]?.monotonic ?? 0)
      })
      const pictures = new ActorPictures()
      for (const record of records) pictures.apply(record)
      expect(pictures.all().filter(({ ended }) => ended === null)).toEqual([])
      const started = records.filter((record) => record.type === 'simulation.step' && record.what === 'process started')
      const lives = records.filter(({ type, path }) => type === 'actor.started' && path === 'root/log')
      expect(lives.length).toBeGreaterThanOrEqual(started.length)
      expect(new Set(lives.map(({ epoch }) => epoch)).size).toBe(lives.length)
      const fullest = records.map((record) => (record.type === 'gauges.read' ? mailboxIn(record.values)?.most : 0) ?? 0)
      expect(Math.max(...fullest)).toBeGreaterThan(1)
      const facts = records.flatMap((record) => (record.type === 'gauges.read' ? Object.keys(record.facts ?? {}) : []))
      expect(facts).toEqual(expect.arrayContaining(['lastFinding', 'models', 'queueLimit', 'server']))
    }
  })

  it('goes another way with another seed, and with another tape', async () => {
    expect(await traceOf({ seed: 12 })).not.toBe(await traceOf({ seed: 11 }))
    expect(await traceOf({ seed: 11, choices: [] })).not.toBe(await traceOf({ seed: 11 }))
    expect(await traceOf({ choices: [1] })).not.toBe(await traceOf({ choices: [2] }))
  })
})
