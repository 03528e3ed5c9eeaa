import { expect, it } from 'vitest'
import { simulationOf } from './bundle.ts'
import type { Mutant } from './mutants.ts'
import type { Invariant } from './referee.ts'

const mostSeeds = 2_000

/** One test for each mutant; a file of tests for each list of them, so that the lists run beside each other. */
export function eachIsFoundOut(mutants: readonly Mutant[]): void {
  it.each(mutants.map((mutant, index) => ({ ...mutant, index })))(
    'is found out by what it breaks: $name',
    { timeout: 300_000 },
    async (mutant) => {
      const simulate = await simulationOf(mutant, `mutant-${mutant.index}`)
      const broken = new Set<Invariant>()
      for (let seed = 1; seed <= mostSeeds && !broken.has(mutant.breaks); seed++) {
        const { violation } = await simulate({ seed })
        if (violation !== undefined) broken.add(violation.invariant)
      }
      expect([...broken], `what ${mostSeeds} seeds find`).toContain(mutant.breaks)
    },
  )
}
