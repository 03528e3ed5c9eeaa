import { describe, expect, it } from 'vitest'
import { simulationOf } from './bundle.ts'
import { foundAt, mostSeeds } from './find-out.ts'
import { eachIsFoundOut } from './found-out.ts'
import { harmless } from './harmless-mutants.ts'
import { commonMutants, mutants } from './mutants.ts'
import { plainMutants } from './plain-mutants.ts'
import { invariants } from './referee.ts'
import { shrink } from './shrink.ts'
import type { Run } from './simulate.ts'
import type { TraceEntry } from './trace.ts'

describe('a daemon with one mistake', () => {
  it('is tried with one that breaks it for each invariant', () => {
    expect(invariants.filter((invariant) => !mutants.some(({ breaks }) => breaks === invariant))).toEqual([])
  })

  it('is remembered with a seed that finds it out, or not at all', () => {
    const names = commonMutants.map(({ name }) => name)
    expect(Object.keys(foundAt).filter((name) => !names.includes(name))).toEqual([])
    expect(Object.values(foundAt).filter((seed) => !(seed >= 1 && seed <= mostSeeds))).toEqual([])
  })

  eachIsFoundOut(plainMutants)
})

describe('a daemon with a mistake that another line of defence makes up for', () => {
  it.each(harmless.map((mutant, index) => ({ ...mutant, index })))(
    'holds what it promises: $name, because $because',
    { timeout: 300_000 },
    async (mutant) => {
      const simulate = await simulationOf(mutant, `harmless-${mutant.index}`)
      for (let seed = 1; seed <= 100; seed++)
        expect((await simulate({ seed })).violation, `seed ${seed}`).toBeUndefined()
    },
  )
})

describe('a run that has found a mistake', () => {
  it('shrinks to a few choices that still find it, none of which can be spared', { timeout: 300_000 }, async () => {
    const mutant = mutants.find(({ name }) => name === 'boots are not counted')
    const simulate = await simulationOf(mutant, 'to-shrink')
    let failing: Run | undefined
    for (let seed = 1; failing === undefined; seed++) {
      const run = await simulate({ seed })
      if (run.violation !== undefined) failing = run
    }
    const eager = (run: Run) => run.choices.filter((choice) => choice !== 0).length
    const shrunk = await shrink(simulate, failing)
    expect(shrunk.violation?.invariant).toBe(failing.violation?.invariant)
    expect(eager(shrunk)).toBeLessThan(eager(failing) / 4)
    for (const [position, choice] of shrunk.choices.entries()) {
      if (choice === 0) continue
      const { violation } = await simulate({ seed: shrunk.seed, choices: shrunk.choices.with(position, 0) })
      expect(violation?.invariant, `without choice ${position}`).not.toBe(shrunk.violation?.invariant)
    }
    const trace: TraceEntry[] = []
    const { seed, choices } = shrunk
    const again = await simulate({ seed, choices, trace: (entry) => trace.push(entry) })
    expect(again.violation).toEqual(shrunk.violation)
    expect(trace.at(-1)).toMatchObject({ type: 'invariant.violated', ...shrunk.violation })
  })
})
